//! Writes the parameters of `Authorization`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// All bytes except the `attr-char` of RFC 8187, 3.2.1.
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Appends `name="value"`, with quotes and backslashes escaped (RFC 9110, 5.6.4).
pub(super) fn write_quoted(name: &str, value: &[u8], text: &mut Vec<u8>) {
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b"=\"");
    for part in value.split_inclusive(|byte| matches!(byte, b'"' | b'\\')) {
        match part {
            [plain @ .., special @ (b'"' | b'\\')] => {
                text.extend_from_slice(plain);
                text.extend_from_slice(&[b'\\', *special]);
            }
            plain => text.extend_from_slice(plain),
        }
    }
    text.push(b'"');
}

/// Appends `name*=UTF-8''value`, percent-encoded (RFC 8187, 3.2).
pub(super) fn write_extended(name: &str, value: &str, text: &mut Vec<u8>) {
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b"*=UTF-8''");
    for part in percent_encode(value.as_bytes(), NOT_ATTR_CHAR) {
        text.extend_from_slice(part.as_bytes());
    }
}
