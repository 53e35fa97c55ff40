//! The time of a signature.

use std::time::{Duration, SystemTime};

use jiff::tz::Offset;

use crate::SignError;

/// The time of a signature, as `20150830T123600Z`.
pub(super) struct Timestamp([u8; 16]);

impl Timestamp {
    /// The time `skew` seconds after `now`.
    pub(super) fn of(now: SystemTime, skew: i64) -> Result<Self, SignError> {
        let length = Duration::from_secs(skew.unsigned_abs());
        let time = if skew < 0 {
            now.checked_sub(length)
        } else {
            now.checked_add(length)
        };
        let time = time.and_then(|time| jiff::Timestamp::try_from(time).ok());
        let time = Offset::UTC.to_datetime(time.ok_or(SignError::Clock)?);
        let mut text = *b"00000000T000000Z";
        for (at, width, number) in [
            (0, 4, i32::from(time.year())),
            (4, 2, i32::from(time.month())),
            (6, 2, i32::from(time.day())),
            (9, 2, i32::from(time.hour())),
            (11, 2, i32::from(time.minute())),
            (13, 2, i32::from(time.second())),
        ] {
            write(&mut text[at..at + width], number);
        }
        Ok(Self(text))
    }

    pub(super) fn text(&self) -> [u8; 16] {
        self.0
    }

    /// The day, as `20150830`.
    pub(super) fn day(&self) -> [u8; 8] {
        let mut day = [0; 8];
        day.copy_from_slice(&self.0[..8]);
        day
    }
}

/// Writes `number` in decimal, with leading zeros.
fn write(digits: &mut [u8], mut number: i32) {
    for digit in digits.iter_mut().rev() {
        // A digit is less than 10.
        *digit = b'0' + u8::try_from(number.rem_euclid(10)).unwrap_or_default();
        number /= 10;
    }
}
