//! What AWS says about a signature that it refuses.
//!
//! Services with REST and JSON name the error in a header field. The others name it in the body,
//! which is not read.

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
    let kind = kind(response).filter(|_| !response.status().is_success());
    kind.is_some_and(|kind| kinds.iter().any(|one| kind.starts_with(one)))
}

/// The name of the error, without its namespace: `com.amazon#ExpiredToken:http://internal`.
fn kind<'r>(response: &ResponseHead<'r>) -> Option<&'r str> {
    let kind = response.headers().get("x-amzn-errortype")?.to_str().ok()?;
    kind.split(':').next()?.rsplit('#').next()
}
