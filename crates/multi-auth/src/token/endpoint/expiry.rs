//! Parses the lifetime or expiry of a token.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, FixedOffset};

use super::fields::Field;

/// A hundred years. A longer lifetime is cut to this, because clocks would overflow.
const MAX_LIFETIME: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A lifetime in units of `unit`, as a number or as text; `None` if it is neither, or is negative
/// or not finite.
pub(super) fn lifetime(value: &Field, unit: Duration) -> Option<Duration> {
    Some(duration(number(value)? * unit.as_secs_f64()))
}

/// Whether `value` is zero, as a number or as text.
pub(super) fn is_zero(value: &Field) -> bool {
    number(value) == Some(0.0)
}

/// A time, as RFC 3339 text or as seconds, milliseconds, microseconds or nanoseconds since
/// 1970-01-01T00:00:00Z.
pub(super) fn time(value: &Field) -> Option<SystemTime> {
    if let Field::Text(text) = value
        && let Some(time) = date(text)
    {
        return system_time(time);
    }
    let mut since_1970 = number(value)?;
    for _ in 0..3 {
        if since_1970 >= FIRST_MILLISECONDS {
            since_1970 /= 1000.0;
        }
    }
    SystemTime::UNIX_EPOCH.checked_add(duration(since_1970))
}

/// `SystemTime::from` panics where the time of the operating system has a smaller range.
pub(super) fn system_time(time: DateTime<FixedOffset>) -> Option<SystemTime> {
    let second = Duration::from_secs(time.timestamp().unsigned_abs());
    let second = if time.timestamp() < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(second)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(second)
    };
    second?.checked_add(Duration::from_nanos(time.timestamp_subsec_nanos().into()))
}

/// A number from this on is in milliseconds: it is the year 33658 in seconds, and 2001-09-09 in
/// milliseconds. The end of the year 9999, which often means "never", is less in seconds.
const FIRST_MILLISECONDS: f64 = 1e12;

fn number(value: &Field) -> Option<f64> {
    let number: f64 = match value {
        Field::Number(number) => *number,
        Field::Text(text) => text.trim().parse().ok()?,
        Field::Null | Field::Bool(_) | Field::LongText | Field::Other => return None,
    };
    (number.is_finite() && number >= 0.0).then_some(number)
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds)
        .unwrap_or(MAX_LIFETIME)
        .min(MAX_LIFETIME)
}

/// RFC 3339, also with a space in place of `T`, an offset without a colon, or a zone name after the
/// offset (RFC 9557), which is ignored.
fn date(text: &str) -> Option<DateTime<FixedOffset>> {
    let (date, _) = text.split_once('[').unwrap_or((text, ""));
    date.parse().ok()
}

#[cfg(test)]
mod tests {
    use secrecy::zeroize::Zeroizing;
    use serde_json::{Value, json};

    use super::*;

    fn field(value: &Value) -> Field {
        match value {
            Value::Null => Field::Null,
            Value::Bool(is) => Field::Bool(*is),
            Value::Number(number) => Field::Number(number.as_f64().unwrap()),
            Value::String(text) => Field::Text(Zeroizing::new(text.clone())),
            Value::Array(_) | Value::Object(_) => Field::Other,
        }
    }

    #[test]
    fn a_lifetime_is_a_number_or_text_and_at_most_a_hundred_years() {
        for (value, expected) in [
            (json!(3600), Some(Duration::from_secs(3600))),
            (json!("3600"), Some(Duration::from_secs(3600))),
            (json!(0), Some(Duration::ZERO)),
            (json!(1.5), Some(Duration::from_millis(1500))),
            (
                json!(2_147_483_648_u64),
                Some(Duration::from_secs(2_147_483_648)),
            ),
            (json!(u64::MAX), Some(MAX_LIFETIME)),
            (json!(1e300), Some(MAX_LIFETIME)),
            (json!(-1), None),
            (json!("zzz"), None),
            (json!("NaN"), None),
            (json!("Infinity"), None),
            (json!("inf"), None),
            (json!("-inf"), None),
            (json!("1e999"), None),
            (json!(false), None),
            (json!({}), None),
            (json!([1]), None),
        ] {
            let second = Duration::from_secs(1);
            assert_eq!(lifetime(&field(&value), second), expected, "{value}");
        }
    }

    #[test]
    fn a_time_is_rfc_3339_text_or_a_number_since_1970() {
        let at = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
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
            (json!(1_632_942_771_000_u64), Some(at(1_632_942_771_000))),
            (json!("1632942771000"), Some(at(1_632_942_771_000))),
            (
                json!(1_632_942_771_000_000_u64),
                Some(at(1_632_942_771_000)),
            ),
            (
                json!(1_632_942_771_000_000_000_u64),
                Some(at(1_632_942_771_000)),
            ),
            (
                json!(253_402_300_799_u64),
                Some(SystemTime::UNIX_EPOCH + MAX_LIFETIME),
            ),
            (json!(i64::MAX), Some(SystemTime::UNIX_EPOCH + MAX_LIFETIME)),
            (json!(u64::MAX), Some(SystemTime::UNIX_EPOCH + MAX_LIFETIME)),
            (json!("Infinity"), None),
            (json!("9999-12-31T23:59:59Z"), Some(at(253_402_300_799_000))),
            (
                json!("9999-12-31T23:59:59.999Z"),
                Some(at(253_402_300_799_999)),
            ),
            (
                json!("9999-12-31T23:59:59-05:00"),
                Some(at(253_402_318_799_000)),
            ),
            (
                json!("2021-09-29 21:12:51.467+0200"),
                Some(at(1_632_942_771_467)),
            ),
            (
                json!("2021-09-29T21:12:51.467+02:00[Europe/Paris]"),
                Some(at(1_632_942_771_467)),
            ),
            (json!("2016-12-31T23:59:60Z"), Some(at(1_483_228_800_000))),
            (json!("9999-12-31T23:59:59"), None),
            (json!("9999-12-31"), None),
            (json!("tomorrow"), None),
            (json!("2021-09-29"), None),
            (json!(true), None),
        ] {
            assert_eq!(time(&field(&value)), expected, "{value}");
        }
    }
}
