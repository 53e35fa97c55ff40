//! The expiry of a token that is a JWT (RFC 7519, 4.1.4).

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use secrecy::zeroize::Zeroizing;

use super::expiry;
use super::fields::{Field, Fields};
use super::response::malformed;
use crate::TokenRequestProblem as Problem;

/// The claim `exp` of `token`, if it has one. The signature is the vendor's to check.
pub(super) fn read(token: &str) -> Result<Option<SystemTime>, Problem> {
    let wrong = || malformed("exp", "a claim of a JWT, which the token is not");
    let payload = token.split('.').nth(1).ok_or_else(wrong)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('='));
    let payload = Zeroizing::new(payload.map_err(|_| wrong())?);
    let claims = Fields::new(&HeaderMap::new(), &payload).map_err(|_| wrong())?;
    let time = match claims.at("/exp")? {
        None | Some(Field::Null) => return Ok(None),
        Some(time) => time,
    };
    let time = expiry::time(&time).ok_or_else(|| malformed("exp", "seconds since 1970"))?;
    Ok(Some(time))
}
