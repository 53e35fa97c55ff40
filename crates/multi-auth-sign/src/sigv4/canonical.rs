//! The canonical request: the text of which a signature covers the hash.

use std::borrow::Cow;
use std::ops::Range;

use http::HeaderMap;
use percent_encoding::{AsciiSet, percent_decode_str, percent_encode};

use crate::percent::NOT_UNRESERVED;

/// What is encoded in a path.
const PATH: &AsciiSet = &NOT_UNRESERVED.remove(b'/');

/// The fields that proxies, clients and tracing layers change.
const UNSIGNED: [&str; 24] = [
    "accept-encoding",
    "authorization",
    "baggage",
    "connection",
    "content-length",
    "expect",
    "forwarded",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-amzn-trace-id",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// A header field, with a name in lower case.
pub(super) type Field<'r> = (&'r str, &'r [u8]);

/// The fields of a request that are signed, and room for those that the signature adds.
pub(super) fn fields(headers: &HeaderMap) -> Vec<Field<'_>> {
    let mut fields = Vec::with_capacity(headers.len() + 4);
    let all = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    fields.extend(all.filter(|(name, _)| !UNSIGNED.contains(name)));
    fields
}

/// How a path is written.
#[derive(Clone, Copy)]
pub(super) struct PathRules {
    /// Whether dot segments and repeated slashes are removed.
    pub(super) is_normalized: bool,
    /// Whether the path is decoded first, so that it is encoded once. Otherwise it is encoded
    /// twice.
    pub(super) is_decoded: bool,
}

impl PathRules {
    pub(super) fn of(is_s3: bool) -> Self {
        Self {
            is_normalized: !is_s3,
            is_decoded: is_s3,
        }
    }
}

/// A request to be signed.
pub(super) struct Canonical<'r, 'f> {
    pub(super) method: &'r str,
    pub(super) path: &'r str,
    pub(super) rules: PathRules,
    pub(super) query: &'r str,
    pub(super) fields: &'f mut [Field<'r>],
    /// The hash of the body in hexadecimal, or a constant such as `UNSIGNED-PAYLOAD`.
    pub(super) payload: &'r str,
}

impl Canonical<'_, '_> {
    /// Writes the canonical request. Returns where in `text` the names of the signed fields are.
    pub(super) fn write(self, text: &mut Vec<u8>) -> Range<usize> {
        text.extend_from_slice(self.method.as_bytes());
        text.push(b'\n');
        write_path(self.path, self.rules, text);
        text.push(b'\n');
        write_query(self.query, text);
        text.push(b'\n');
        // Values of one name keep their order.
        self.fields.sort_by_key(|(name, _)| *name);
        write_fields(self.fields, text);
        text.push(b'\n');
        let start = text.len();
        write_names(self.fields, text);
        let names = start..text.len();
        text.push(b'\n');
        text.extend_from_slice(self.payload.as_bytes());
        names
    }
}

pub(super) fn write_path(path: &str, rules: PathRules, text: &mut Vec<u8>) {
    let path = if rules.is_normalized {
        normalized(path)
    } else {
        path.into()
    };
    // Most paths have no other bytes: copying them saves 300 instructions.
    if path.bytes().all(|byte| is_unreserved(byte) || byte == b'/') {
        text.extend_from_slice(path.as_bytes());
        return;
    }
    let decoded = if rules.is_decoded {
        Cow::from(percent_decode_str(&path))
    } else {
        path.as_bytes().into()
    };
    percent_encode(&decoded, PATH).for_each(|part| text.extend_from_slice(part.as_bytes()));
}

/// `path` without dot segments and repeated slashes.
fn normalized(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') && !path.contains("//") && !path.contains("/.") {
        return path.into();
    }
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let is_directory = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    let end = if is_directory && !segments.is_empty() {
        "/"
    } else {
        ""
    };
    format!("/{}{end}", segments.join("/")).into()
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// The parameters of `query`, sorted as they are encoded.
fn write_query(query: &str, text: &mut Vec<u8>) {
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let parameters = parameters.map(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        (encoded(name), encoded(value))
    });
    let mut parameters: Vec<_> = parameters.collect();
    parameters.sort_unstable();
    for (at, (name, value)) in parameters.iter().enumerate() {
        if at > 0 {
            text.push(b'&');
        }
        text.extend_from_slice(name.as_bytes());
        text.push(b'=');
        text.extend_from_slice(value.as_bytes());
    }
}

/// A part of a query, encoded once and strictly. Its bytes need not be UTF-8.
fn encoded(part: &str) -> Cow<'_, str> {
    if part.bytes().all(is_unreserved) {
        return part.into();
    }
    let spaced = part.replace('+', " ");
    let bytes = Cow::from(percent_decode_str(&spaced));
    percent_encode(&bytes, NOT_UNRESERVED).to_string().into()
}

/// Writes a line for each name of the sorted `fields`.
fn write_fields(fields: &[Field<'_>], text: &mut Vec<u8>) {
    for same in fields.chunk_by(|one, other| one.0 == other.0) {
        text.extend_from_slice(same[0].0.as_bytes());
        text.push(b':');
        for (at, (_, value)) in same.iter().enumerate() {
            if at > 0 {
                text.push(b',');
            }
            write_value(value, text);
        }
        text.push(b'\n');
    }
}

/// Writes `value` with a single space in place of each run of white space.
fn write_value(value: &[u8], text: &mut Vec<u8>) {
    // Most values have none: copying them saves 400 instructions.
    if !value.iter().any(u8::is_ascii_whitespace) {
        text.extend_from_slice(value);
        return;
    }
    let words = value
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    for (at, word) in words.enumerate() {
        if at > 0 {
            text.push(b' ');
        }
        text.extend_from_slice(word);
    }
}

fn write_names(fields: &[Field<'_>], text: &mut Vec<u8>) {
    for (at, same) in fields.chunk_by(|one, other| one.0 == other.0).enumerate() {
        if at > 0 {
            text.push(b';');
        }
        text.extend_from_slice(same[0].0.as_bytes());
    }
}
