//! Reads `Authorization: Basic base64(user:pass)` (RFC 7617) as a server does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::RecordedRequest;
use crate::alphamoon::problem::Problem;

/// The key in the request.
pub(super) fn key(request: &RecordedRequest) -> Result<String, Problem> {
    match request.header_values("authorization")[..] {
        [] => Err(Problem::unauthorized(
            "The Authorization header is missing.",
        )),
        [value] => decode(value),
        [..] => Err(Problem::unauthorized(
            "There is more than one Authorization header.",
        )),
    }
}

fn decode(value: &str) -> Result<String, Problem> {
    let (scheme, encoded) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Err(Problem::unauthorized("The scheme is not Basic."));
    }
    let bytes = STANDARD.decode(encoded.trim()).ok();
    let pair = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    pair.filter(|pair| pair.contains(':'))
        .ok_or_else(|| Problem::unauthorized("The credentials are not base64 of user:pass."))
}
