//! When credentials expire.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use http::header::DATE;
use multi_auth::Token;

/// The time of an `Expiration`: RFC 3339, or seconds since 1970.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let seconds = text.parse::<f64>().ok();
    let Some(seconds) = seconds else {
        let time = text.parse::<jiff::Timestamp>().ok()?;
        return Some(time.into());
    };
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    UNIX_EPOCH.checked_add(since)
}

/// Adds the expiry to `token`. With the `Date` of the response it becomes a lifetime, so that this
/// machine's clock may be wrong.
pub(super) fn add(token: Token, expiry: SystemTime, headers: &HeaderMap) -> Token {
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    match date.and_then(|date| httpdate::parse_http_date(date).ok()) {
        Some(date) => token.with_lifetime(expiry.duration_since(date).unwrap_or_default()),
        None => token.with_expiry(expiry),
    }
}
