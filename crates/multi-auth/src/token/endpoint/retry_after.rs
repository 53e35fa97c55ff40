//! Parses `Retry-After`: seconds or a date (RFC 9110, 10.2.3).

use std::time::{Duration, SystemTime};

use http::header::{HeaderMap, RETRY_AFTER};

use super::http_date;

/// The longest delay that is accepted: a vendor must not lock a client out, nor cause an overflow.
const MAX_DELAY: Duration = Duration::from_secs(60 * 60);

/// The delay that the vendor asks for, from `now` on. A date in the past is ignored.
pub(super) fn read(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    Some(requested_delay(headers, now)?.min(MAX_DELAY))
}

fn requested_delay(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // The date is compared with the vendor's clock.
    let sent = http_date::at_vendor(headers).unwrap_or(now);
    Some(
        http_date::read(headers, RETRY_AFTER)?
            .duration_since(sent)
            .unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::DATE;

    use super::*;

    fn retry_after_of(retry_after: &'static str, date: Option<&'static str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(retry_after));
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        // Sun, 06 Nov 1994 08:49:37 GMT
        read(
            &headers,
            SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777),
        )
    }

    #[test]
    fn seconds_and_dates_are_read() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(retry_after_of("120", None), seconds(120));
        assert_eq!(retry_after_of(" 0 ", None), seconds(0));
        assert_eq!(retry_after_of("18446744073709551615", None), seconds(3600));
        assert_eq!(
            retry_after_of("Sat, 06 Nov 2094 08:51:37 GMT", None),
            seconds(3600)
        );
        assert_eq!(
            retry_after_of("Fri, 31 Dec 9999 23:59:59 GMT", None),
            seconds(3600)
        );
        assert_eq!(
            retry_after_of("Sun, 06 Nov 1994 08:51:37 GMT", None),
            seconds(120)
        );
        assert_eq!(
            retry_after_of("Sun, 06 Nov 1994 08:00:00 GMT", None),
            seconds(0)
        );
        assert_eq!(
            retry_after_of("Sunday, 06-Nov-94 08:51:37 GMT", None),
            seconds(120)
        );
        assert_eq!(
            retry_after_of("Sun Nov  6 08:51:37 1994", None),
            seconds(120)
        );
    }

    #[test]
    fn a_date_is_compared_with_the_date_of_the_response() {
        let retry_after = "Sun, 06 Nov 1994 09:00:30 GMT";
        let date = Some("Sun, 06 Nov 1994 09:00:00 GMT");
        assert_eq!(
            retry_after_of(retry_after, date),
            Some(Duration::from_secs(30))
        );
    }

    #[test]
    fn an_invalid_value_is_ignored() {
        for text in [
            "",
            "soon",
            "-1",
            "1.5",
            "99999999999999999999999",
            "Sun, 06 Nov",
        ] {
            assert_eq!(retry_after_of(text, None), None, "{text}");
        }
    }
}
