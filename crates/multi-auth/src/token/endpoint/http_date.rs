//! Parses the dates of header fields in all three formats (RFC 9110, 5.6.7): `Sun, 06 Nov 1994
//! 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Datelike, Utc};
use http::header::{AGE, DATE, HeaderMap, HeaderName};

use super::expiry;
use crate::{Clock, SystemClock};

/// The time at the vendor: the `Date` of the response and its `Age` in caches (RFC 9110, 6.6.1, and
/// RFC 9111, 5.1).
pub(super) fn at_vendor(headers: &HeaderMap) -> Option<SystemTime> {
    let age = headers.get(AGE).and_then(|age| age.to_str().ok());
    let age = age.and_then(|age| age.trim().parse().ok());
    read(headers, DATE)?.checked_add(Duration::from_secs(age.unwrap_or(0)))
}

/// The date in the field of this name.
pub(super) fn read(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    date(headers.get(name)?.to_str().ok()?, SystemClock.wall())
}

fn date(text: &str, now: SystemTime) -> Option<SystemTime> {
    let text = text.trim();
    let four_digits = with_four_digits(text, now);
    let text = four_digits.as_deref().unwrap_or(text);
    if let Ok(date) = httpdate::parse_http_date(text) {
        return Some(date);
    }
    // Some servers send a zone other than GMT.
    expiry::system_time(DateTime::parse_from_rfc2822(text).ok()?)
}

/// Converts a date of the second format to the first. A two-digit year is at most 50 years in the
/// future (RFC 9110, 5.6.7), but `httpdate` always reads 00 to 69 as this century.
fn with_four_digits(text: &str, now: SystemTime) -> Option<String> {
    let (weekday, rest) = text.split_once(", ")?;
    let (date, time) = rest.split_once(' ')?;
    let (day, date) = date.split_once('-')?;
    let (month, year) = date.split_once('-').filter(|(_, year)| year.len() == 2)?;
    let year: i32 = year.parse().ok()?;
    // The latest year with these two digits that is at most 50 years in the future.
    let limit = DateTime::<Utc>::from(now).year().checked_add(50)?;
    let year = limit - (limit - year).rem_euclid(100);
    Some(format!(
        "{}, {day} {month} {year} {time}",
        weekday.get(..3)?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SystemTime {
        text.parse::<DateTime<Utc>>().unwrap().into()
    }

    #[test]
    fn all_three_forms_of_a_date_are_read() {
        let now = at("2026-11-24T00:00:00Z");
        for (text, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z"),
            ("Sun, 06 Nov 1994 08:49:37 +0000", "1994-11-06T08:49:37Z"),
            ("Sun, 06 Nov 1994 09:49:37 +0100", "1994-11-06T08:49:37Z"),
            (" Wed Nov 16 08:49:37 1994 ", "1994-11-16T08:49:37Z"),
            ("Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(date(text, now), Some(at(expected)), "{text}");
        }
    }

    #[test]
    fn a_year_of_two_digits_is_at_most_fifty_years_ahead() {
        let now = at("2026-11-24T00:00:00Z");
        for (text, expected) in [
            ("Friday, 06-Nov-26 08:49:37 GMT", "2026"),
            ("Thursday, 06-Nov-70 08:49:37 GMT", "2070"),
            ("Wednesday, 06-Nov-75 08:49:37 GMT", "2075"),
            ("Sunday, 06-Nov-77 08:49:37 GMT", "1977"),
            ("Saturday, 06-Nov-99 08:49:37 GMT", "1999"),
            ("Monday, 06-Nov-00 08:49:37 GMT", "2000"),
        ] {
            let expected = at(&format!("{expected}-11-06T08:49:37Z"));
            assert_eq!(date(text, now), Some(expected), "{text}");
        }
        let later = at("2090-01-01T00:00:00Z");
        let read = date("Monday, 06-Nov-30 08:49:37 GMT", later);
        assert_eq!(read, Some(at("2130-11-06T08:49:37Z")));
    }

    #[test]
    fn the_age_of_a_cached_response_counts() {
        let mut headers = HeaderMap::new();
        assert_eq!(at_vendor(&headers), None);
        let date = http::HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT");
        headers.insert(DATE, date);
        for (age, expected) in [
            ("60", Some("1994-11-06T08:50:37Z")),
            ("soon", Some("1994-11-06T08:49:37Z")),
            ("18446744073709551615", None),
        ] {
            headers.insert(AGE, http::HeaderValue::from_static(age));
            assert_eq!(at_vendor(&headers), expected.map(at), "{age}");
        }
    }

    #[test]
    fn an_invalid_date_is_none() {
        for text in [
            "",
            "soon",
            "Sun, 06 Nov",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "1994-11-06",
        ] {
            assert_eq!(date(text, SystemTime::UNIX_EPOCH), None, "{text}");
        }
    }
}
