//! What AWS says about a signature that it refuses.
//!
//! Services with REST and JSON name the error in a header field. Services with AWS JSON name it in
//! the body, as `__type` or `code`
//! ([Smithy](https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html#operation-error-serialization)).
//! An adapter reads that one only for a signer with
//! [`read_json_errors`](super::SigV4Builder::read_json_errors). XML is not read.

use std::borrow::Cow;

use multi_auth::ResponseHead;

/// Whether the session has expired.
pub(super) fn has_expired(response: &ResponseHead<'_>) -> bool {
    is_error(response, &["ExpiredToken"])
}

/// Whether AWS does not accept the key, or the signature is another one's.
pub(super) fn is_of_key(response: &ResponseHead<'_>) -> bool {
    const KINDS: [&str; 7] = [
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignature",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClient",
    ];
    is_error(response, &KINDS)
}

/// Whether the time of the signature may be the reason for a refusal.
pub(super) fn may_be_of_time(response: &ResponseHead<'_>) -> bool {
    const KINDS: [&str; 5] = [
        "InvalidSignature",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "AuthFailure",
    ];
    let is_aws = ["x-amzn-requestid", "x-amz-request-id"];
    match kind(response) {
        Some(_) => is_error(response, &KINDS),
        None => is_aws
            .iter()
            .any(|name| response.headers().contains_key(*name)),
    }
}

fn is_error(response: &ResponseHead<'_>, kinds: &[&str]) -> bool {
    kind(response).is_some_and(|kind| kinds.iter().any(|one| kind.starts_with(one)))
}

/// The name of the error, without its namespace: `com.amazon#ExpiredToken:http://internal`.
fn kind<'r>(response: &ResponseHead<'r>) -> Option<Cow<'r, str>> {
    if response.status().is_success() {
        return None;
    }
    if let Some(kind) = response.headers().get("x-amzn-errortype") {
        return Some(without_namespace(kind.to_str().ok()?).into());
    }
    let pointers = ["/__type", "/code"];
    let kind = pointers.iter().find_map(|at| response.json_text(at))?;
    Some(without_namespace(&kind).to_owned().into())
}

fn without_namespace(kind: &str) -> &str {
    let name = kind.split(':').next().unwrap_or_default();
    name.rsplit('#').next().unwrap_or_default()
}
