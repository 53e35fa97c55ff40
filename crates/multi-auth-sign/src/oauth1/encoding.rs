//! Percent-encoding (RFC 5849, 3.6).

use std::borrow::Cow;

use percent_encoding::{percent_decode, percent_encode};

use crate::percent::NOT_UNRESERVED;

/// `bytes`, encoded.
pub(super) fn encoded(bytes: &[u8]) -> Cow<'_, str> {
    percent_encode(bytes, NOT_UNRESERVED).into()
}

/// Writes `bytes`, encoded.
pub(super) fn write(bytes: &[u8], text: &mut Vec<u8>) {
    percent_encode(bytes, NOT_UNRESERVED).for_each(|part| text.extend_from_slice(part.as_bytes()));
}

/// A name or a value of a query or a form, decoded and encoded anew. A plus is a space (RFC 5849,
/// 3.4.1.3.1). Its bytes need not be UTF-8.
pub(super) fn normalized(part: &[u8]) -> Cow<'_, str> {
    if !part.iter().any(|byte| b"+%".contains(byte)) {
        return encoded(part);
    }
    let decoded: Vec<u8> = if part.contains(&b'+') {
        let space = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
        let spaced: Vec<u8> = part.iter().map(space).collect();
        percent_decode(&spaced).collect()
    } else {
        percent_decode(part).collect()
    };
    encoded(&decoded).into_owned().into()
}
