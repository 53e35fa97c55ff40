//! Reads a token's life from an answer: seconds from now, or a moment on the wall.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::fmt::temporal::Pieces;
use serde_json::Value;

/// A hundred years: what is longer is cut, for no clock reaches so far.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A number of seconds, as a number or as text. `None` for what is neither, or is negative.
pub(super) fn seconds(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    if seconds.is_nan() || seconds < 0.0 {
        return None;
    }
    Some(
        Duration::try_from_secs_f64(seconds)
            .unwrap_or(LONGEST)
            .min(LONGEST),
    )
}

/// A moment, as RFC 3339 text or in seconds since 1970-01-01T00:00:00Z.
pub(super) fn moment(value: &Value) -> Option<SystemTime> {
    let timestamp = |text: &str| text.parse().ok().or_else(|| never(text));
    if let Some(time) = value.as_str().and_then(timestamp) {
        return Some(time.into());
    }
    SystemTime::UNIX_EPOCH.checked_add(seconds(value)?)
}

fn never(text: &str) -> Option<Timestamp> {
    let pieces = Pieces::parse(text).ok()?;
    let is_moment = pieces.time().is_some() && pieces.offset().is_some();
    last_moment(pieces.date()).filter(|_| is_moment)
}

/// The last moment there is, if `day` is one of the last of the year 9999: that is how many say never, and no timestamp
/// reaches so far.
pub(super) fn last_moment(day: Date) -> Option<Timestamp> {
    (day >= date(9999, 12, 30)).then_some(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// case 25, case 26
    #[test]
    fn seconds_come_as_numbers_or_text_and_the_longest_are_cut() {
        for (value, expected) in [
            (json!(3600), Some(Duration::from_secs(3600))),
            (json!("3600"), Some(Duration::from_secs(3600))),
            (json!(0), Some(Duration::ZERO)),
            (json!(1.5), Some(Duration::from_millis(1500))),
            (
                json!(2_147_483_648_u64),
                Some(Duration::from_secs(2_147_483_648)),
            ),
            (json!(u64::MAX), Some(LONGEST)),
            (json!(1e300), Some(LONGEST)),
            (json!(-1), None),
            (json!("zzz"), None),
            (json!("NaN"), None),
            (json!(false), None),
            (json!({}), None),
            (json!([1]), None),
        ] {
            assert_eq!(seconds(&value), expected, "{value}");
        }
    }

    /// case 38
    #[test]
    fn a_moment_comes_as_rfc_3339_text_or_as_seconds_since_1970() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_millis(seconds);
        for (value, expected) in [
            (
                json!("2021-09-29T19:12:51.467Z"),
                Some(at(1_632_942_771_467)),
            ),
            (
                json!("2021-09-29T21:12:51.467+02:00"),
                Some(at(1_632_942_771_467)),
            ),
            (json!(1_632_942_771), Some(at(1_632_942_771_000))),
            (json!("1632942771"), Some(at(1_632_942_771_000))),
            (json!("9999-12-31T23:59:59Z"), Some(Timestamp::MAX.into())),
            (
                json!("9999-12-31T23:59:59.9999999Z"),
                Some(Timestamp::MAX.into()),
            ),
            (
                json!("9999-12-31T23:59:59-05:00"),
                Some(Timestamp::MAX.into()),
            ),
            (json!("9999-12-31T23:59:59"), None),
            (json!("9999-12-31"), None),
            (json!("tomorrow"), None),
            (json!("2021-09-29"), None),
            (json!(true), None),
        ] {
            assert_eq!(moment(&value), expected, "{value}");
        }
    }
}
