//! The expiry of keys.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use toml::value::Datetime;

use crate::{Config, Vendor};

const DAY: u64 = 24 * 60 * 60;

impl Vendor {
    /// The whole days from `now` until its key expires, if the file has an expiry: 0 on the last
    /// day, negative afterwards.
    #[must_use]
    pub fn days_left(&self, now: SystemTime) -> Option<i64> {
        self.expires_at().map(|end| days_between(now, end))
    }

    /// The same for its own key only.
    pub(crate) fn own_days_left(&self, now: SystemTime) -> Option<i64> {
        self.credential.expires_at.map(|end| days_between(now, end))
    }
}

fn days_between(now: SystemTime, end: SystemTime) -> i64 {
    let days = |seconds: u64| i64::try_from(seconds / DAY).unwrap_or(i64::MAX);
    match end.duration_since(now) {
        Ok(left) => days(left.as_secs()),
        Err(since) => -1 - days(since.duration().as_secs()),
    }
}

impl Config {
    /// The vendors whose keys have less than `days` whole days left at `now`, expired ones
    /// included.
    pub fn expiring(&self, days: u32, now: SystemTime) -> impl Iterator<Item = &Vendor> {
        let ends = move |vendor: &&Vendor| {
            let left = vendor.days_left(now);
            left.is_some_and(|left| left < i64::from(days))
        };
        self.vendors().iter().filter(ends)
    }
}

/// The time of `date`; for a day, its first moment in UTC. `None` for a time without an offset.
pub(crate) fn moment(date: &Datetime) -> Option<Timestamp> {
    let text = date.to_string();
    let read = match date.time {
        None => text.parse::<Date>().ok().and_then(first_moment),
        Some(_) => text.parse().ok(),
    };
    read.or_else(|| says_never(date).then_some(Timestamp::MAX))
}

fn first_moment(day: Date) -> Option<Timestamp> {
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The last days of the year 9999 mean "never". They exceed the range of a timestamp.
fn says_never(date: &Datetime) -> bool {
    let day = date.date.map(|day| (day.year, day.month, day.day));
    day >= Some((9999, 12, 30)) && (date.time.is_none() || date.offset.is_some())
}

/// How soon a key expires. Each level is logged once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExpiryWarning {
    #[default]
    Far,
    Month,
    Week,
    Day,
    Ended,
}

impl ExpiryWarning {
    pub(crate) fn of(days_left: i64) -> Self {
        match days_left {
            ..0 => Self::Ended,
            0 => Self::Day,
            1..7 => Self::Week,
            7..30 => Self::Month,
            30.. => Self::Far,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_warning_comes_once_the_days_are_fewer() {
        for (days, expected) in [
            (30, ExpiryWarning::Far),
            (29, ExpiryWarning::Month),
            (7, ExpiryWarning::Month),
            (6, ExpiryWarning::Week),
            (1, ExpiryWarning::Week),
            (0, ExpiryWarning::Day),
            (-1, ExpiryWarning::Ended),
        ] {
            assert_eq!(ExpiryWarning::of(days), expected, "{days}");
        }
    }
}
