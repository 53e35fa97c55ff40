//! The error codes of AWS, which tell refusals with status 403 apart.

use http::HeaderMap;

use crate::diagnostic::DiagnosticCode as Code;

/// The codes of services with JSON and with XML.
const CODES: [(&str, Code); 14] = [
    ("InvalidAccessKeyId", Code::RefusedKey),
    ("InvalidClientTokenId", Code::RefusedKey),
    ("InvalidSignature", Code::RefusedKey),
    ("InvalidToken", Code::RefusedKey),
    ("SignatureDoesNotMatch", Code::RefusedKey),
    ("UnrecognizedClient", Code::RefusedKey),
    ("ExpiredToken", Code::ExpiredKey),
    ("RequestTimeTooSkewed", Code::ClockSkew),
    ("RequestExpired", Code::ClockSkew),
    ("AuthorizationHeaderMalformed", Code::WrongRegion),
    ("PermanentRedirect", Code::WrongRegion),
    ("AccessDenied", Code::MissingPermission),
    ("UnauthorizedOperation", Code::MissingPermission),
    ("XAmzContentSHA256Mismatch", Code::UnexpectedResponse),
];

/// The reason in a response of AWS with these `headers`, whose body has this `start`.
pub(super) fn reason(headers: &HeaderMap, start: &[u8]) -> Option<Code> {
    let is_aws = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-errortype"];
    if !is_aws.iter().any(|name| headers.contains_key(*name)) {
        return None;
    }
    let kind = headers
        .get("x-amzn-errortype")
        .and_then(|kind| kind.to_str().ok());
    let body = String::from_utf8_lossy(start);
    let text = kind.unwrap_or(&body);
    // A signature that is too old or too new is an invalid one with this explanation.
    if text.contains("InvalidSignature") || text.contains("SignatureDoesNotMatch") {
        let is_time = ["Signature expired", "Signature not yet current"];
        if is_time.iter().any(|part| body.contains(part)) {
            return Some(Code::ClockSkew);
        }
        if body.contains("Credential should be scoped to a valid region") {
            return Some(Code::WrongRegion);
        }
    }
    let known = CODES.iter().find(|(code, _)| text.contains(code));
    known.map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_from_the_header_or_the_body() {
        for (kind, body, expected) in [
            (
                Some("UnrecognizedClientException"),
                "",
                Some(Code::RefusedKey),
            ),
            (
                Some("ExpiredTokenException:http://internal"),
                "",
                Some(Code::ExpiredKey),
            ),
            (
                Some("InvalidSignatureException"),
                r#"{"message":"Signature expired: 20150830T123600Z is now earlier than"}"#,
                Some(Code::ClockSkew),
            ),
            (
                None,
                r#"{"__type":"com.amazon#InvalidSignatureException","message":"Signature expired: now"}"#,
                Some(Code::ClockSkew),
            ),
            (
                Some("InvalidSignatureException"),
                r#"{"message":"Credential should be scoped to a valid region."}"#,
                Some(Code::WrongRegion),
            ),
            (
                None,
                "<Error><Code>SignatureDoesNotMatch</Code></Error>",
                Some(Code::RefusedKey),
            ),
            (
                None,
                "<Error><Code>RequestTimeTooSkewed</Code></Error>",
                Some(Code::ClockSkew),
            ),
            (
                None,
                "<Error><Code>AuthorizationHeaderMalformed</Code></Error>",
                Some(Code::WrongRegion),
            ),
            (
                None,
                "<Error><Code>AccessDenied</Code></Error>",
                Some(Code::MissingPermission),
            ),
            (None, "<Error><Code>NoSuchBucket</Code></Error>", None),
            (None, "", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-amzn-requestid", "1".parse().unwrap());
            if let Some(kind) = kind {
                headers.insert("x-amzn-errortype", kind.parse().unwrap());
            }
            assert_eq!(
                reason(&headers, body.as_bytes()),
                expected,
                "{kind:?} {body}"
            );
        }
        let body = b"<Code>AccessDenied</Code>";
        assert_eq!(reason(&HeaderMap::new(), body), None, "not of AWS");
    }
}
