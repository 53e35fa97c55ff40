//! Learns from a refusal how far this machine's clock is off.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use http::header::{AGE, DATE};
use multi_auth::ResponseHead;

/// The smallest correction. AWS accepts a difference of five minutes, and S3 one of fifteen.
const LEAST: Duration = Duration::from_secs(4 * 60);

/// Corrects `skew` by the `Date` of a refusal at `now`. Returns whether it changed.
pub(super) fn learn(skew: &AtomicI64, response: &ResponseHead<'_>, now: SystemTime) -> bool {
    let refusals = [
        StatusCode::BAD_REQUEST,
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
    ];
    // A response from a cache has an old date.
    if !refusals.contains(&response.status()) || response.headers().contains_key(AGE) {
        return false;
    }
    let Some(vendor) = date(response) else {
        return false;
    };
    let ahead = seconds(vendor) - seconds(now);
    let known = skew.load(Ordering::Relaxed);
    if Duration::from_secs(ahead.abs_diff(known)) < LEAST {
        return false;
    }
    skew.store(ahead, Ordering::Relaxed);
    tracing::warn!(
        name: "multi_auth.clock.corrected",
        seconds = ahead,
        "this machine's clock is off the vendor's: signatures use the vendor's time"
    );
    true
}

fn date(response: &ResponseHead<'_>) -> Option<SystemTime> {
    let date = response.headers().get(DATE)?.to_str().ok()?;
    httpdate::parse_http_date(date).ok()
}

fn seconds(time: SystemTime) -> i64 {
    let since = |length: Duration| i64::try_from(length.as_secs()).unwrap_or(i64::MAX / 2);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => since(after),
        Err(before) => -since(before.duration()),
    }
}
