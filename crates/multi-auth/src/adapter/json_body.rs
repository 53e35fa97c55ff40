//! The JSON body of a response, which an adapter reads for the authenticator that judges it.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};

use crate::json::pick;

/// The JSON body of a response, which an adapter reads for an authenticator that [reads
/// responses](crate::Authenticator::reads_responses).
///
/// `Debug` prints nothing of it.
#[derive(Clone)]
pub struct JsonBody(Bytes);

impl JsonBody {
    /// The longest body that is read, in bytes.
    pub const LIMIT: usize = 64 * 1024;

    /// The body `bytes`.
    #[must_use]
    pub fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// Whether the body of a response with these `headers` is read: it may be JSON, has no content
    /// coding, and is not known to be longer than [`LIMIT`](Self::LIMIT).
    #[must_use]
    pub fn is_due(headers: &HeaderMap) -> bool {
        let length = headers
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok());
        let length = length.and_then(|length| length.parse::<usize>().ok());
        let coding = headers.get(CONTENT_ENCODING);
        coding.is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"))
            && length.is_none_or(|length| length <= Self::LIMIT)
            && may_be_json(headers)
    }

    /// The string, number or boolean at `pointer`, as text.
    pub(crate) fn text_at(&self, pointer: &str) -> Option<String> {
        let json = str::from_utf8(&self.0).ok()?;
        let value = pick(json.trim_start_matches('\u{feff}'), pointer).ok()??;
        match value.as_bytes() {
            [b'"', ..] => serde_json::from_str(value).ok(),
            [b'{' | b'[' | b'n', ..] => None,
            _ => Some(value.to_owned()),
        }
    }
}

/// The media types of AWS JSON 1.0 and 1.1
/// (<https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html>).
const AWS_JSON: &[u8] = b"application/x-amz-json-1.";

/// Some vendors send JSON as plain text or as a script. A sequence of JSON values is a stream.
fn may_be_json(headers: &HeaderMap) -> bool {
    let Some(media_type) = headers.get(CONTENT_TYPE) else {
        return false;
    };
    let essence = media_type.as_bytes().split(|&byte| byte == b';').next();
    let essence = essence
        .unwrap_or_default()
        .trim_ascii()
        .to_ascii_lowercase();
    let names: [&[u8]; 4] = [
        b"application/json",
        b"text/json",
        b"text/plain",
        b"text/javascript",
    ];
    let is_sequence = essence.ends_with(b"stream+json");
    names.contains(&&*essence)
        || essence.ends_with(b"+json") && !is_sequence
        || essence.starts_with(AWS_JSON)
}

impl fmt::Debug for JsonBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonBody").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_is_read_as_text() {
        let body = JsonBody::new(
            r#"{"error": "expired\u0021", "code": 40001, "ok": false, "data": {}, "none": null}"#
                .into(),
        );
        for (pointer, expected) in [
            ("/error", Some("expired!")),
            ("/code", Some("40001")),
            ("/ok", Some("false")),
            ("/data", None),
            ("/none", None),
            ("/absent", None),
            ("error", None),
        ] {
            assert_eq!(body.text_at(pointer).as_deref(), expected, "{pointer}");
        }
    }

    #[test]
    fn a_body_that_is_not_json_has_no_text() {
        for body in [&b""[..], b"{", b"\xff", b"<html>", b"{} {}"] {
            let body = JsonBody::new(Bytes::from_static(body));
            assert_eq!(body.text_at(""), None);
        }
    }

    const JSON: (&str, &str) = ("content-type", "application/json");

    #[test]
    fn a_body_is_read_only_if_it_may_be_short_json() {
        for (fields, expected) in [
            (&[][..], false),
            (&[("content-type", "application/json; charset=utf-8")], true),
            (&[("content-type", "application/problem+JSON")], true),
            (&[("content-type", "text/plain")], true),
            (&[("content-type", "application/x-amz-json-1.0")], true),
            (&[("content-type", "application/x-amz-json-1.1")], true),
            (&[("content-type", "text/event-stream")], false),
            (&[("content-type", "application/octet-stream")], false),
            (&[("content-type", "application/x-ndjson")], false),
            (&[("content-type", "application/json-seq")], false),
            (&[("content-type", "application/stream+json")], false),
            (&[JSON, ("content-encoding", "identity")], true),
            (&[JSON, ("content-length", "65536")], true),
            (&[JSON, ("content-length", "65537")], false),
            (&[JSON, ("content-encoding", "gzip")], false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(JsonBody::is_due(&headers), expected, "{fields:?}");
        }
    }
}
