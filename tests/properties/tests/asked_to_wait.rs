//! `Retry-After` and `Date` as servers write them, from the year 1 to the year 9999.

#![allow(
    clippy::unwrap_used,
    reason = "a property panics where it does not hold"
)]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{DATE, RETRY_AFTER};
use http::{Request, Response};
use multi_auth::{TokenExchange, TokenSource, Transport, TransportError};
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Debug)]
struct Canned(Response<Vec<u8>>);

#[async_trait]
impl Transport for Canned {
    async fn send(&self, _: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        Ok(self.0.clone())
    }
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `seconds` since 1970 as a date of RFC 9110, 5.6.7, by the calendar's rules.
fn date(seconds: i64) -> String {
    let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let weekday = DAYS[usize::try_from(days.rem_euclid(7)).unwrap()];
    let (mut year, mut left) = (1, days + 719_162);
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    year += left / 146_097 * 400;
    left %= 146_097;
    while left >= 365 + i64::from(is_leap(year)) {
        left -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let lengths = [
        31,
        28 + i64::from(is_leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let mut month = 0;
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    let (day, month) = (left + 1, MONTHS[month]);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

const FIRST: i64 = -62_135_596_800;
/// Of the last day of all the hours do not count.
const LAST: i64 = 253_402_207_200;
const NEVER: i64 = 253_402_300_799;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    /// case 110
    #[test]
    fn a_date_counts_from_the_date_of_the_answer(
        sent in FIRST..LAST - 3600,
        wait in prop_oneof![-5000_i64..5000, Just(i64::from(i32::MIN)), Just(i64::from(i32::MAX)), FIRST..=LAST, Just(i64::MAX)],
        status in select(&[429_u16, 503, 400, 401][..]),
    ) {
        let until = if wait == i64::MAX { NEVER } else { (sent + wait).clamp(FIRST, LAST) };
        let answer = Response::builder().status(status).header(RETRY_AFTER, date(until)).header(DATE, date(sent));
        let canned = Arc::new(Canned(answer.body(Vec::new()).unwrap()));
        let exchange = TokenExchange::builder("https://auth.example/token", canned).unwrap().build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let error = runtime.block_on(exchange.token()).unwrap_err();
        let expected = u64::try_from(until - sent).unwrap_or(0).min(3600);
        prop_assert_eq!(error.retry_after(), Some(Duration::from_secs(expected)), "{} {}", date(sent), date(until));
    }
}
