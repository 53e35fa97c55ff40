//! The time of a signature, as vendors write it.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::SignError;

/// How the name `{timestamp}` of a template writes the time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimestampFormat {
    /// Seconds since 1970: `1499827319`.
    #[default]
    Seconds,
    /// Milliseconds since 1970: `1499827319559`.
    Milliseconds,
    /// Microseconds since 1970: `1499827319559000`.
    Microseconds,
    /// RFC 3339 in seconds: `2017-07-12T02:41:59Z`.
    Rfc3339,
    /// RFC 3339 in milliseconds: `2017-07-12T02:41:59.559Z`.
    Rfc3339Milliseconds,
    /// The format of the field `Date` (RFC 9110, 5.6.7): `Wed, 12 Jul 2017 02:41:59 GMT`.
    HttpDate,
    /// A format of the C function `strftime`, in UTC: `%Y%m%dT%H:%M:%S+0000`.
    Custom(Box<str>),
}

impl TimestampFormat {
    /// Checks that a time can be written.
    pub(super) fn check(&self) -> Result<(), SignError> {
        const FORMAT: &str = "write the conversions of strftime, such as %Y-%m-%dT%H:%M:%SZ";
        let text = self.text(Timestamp::UNIX_EPOCH);
        let is_visible = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        match text.filter(|text| !text.is_empty() && is_visible(text)) {
            Some(_) => Ok(()),
            None => Err(SignError::signature(
                "the format of the timestamp is invalid",
                FORMAT,
            )),
        }
    }

    /// Writes `time`.
    pub(crate) fn write(&self, time: SystemTime) -> Result<String, SignError> {
        let time = Timestamp::try_from(time).map_err(|_| SignError::Clock)?;
        if time < Timestamp::UNIX_EPOCH {
            return Err(SignError::Clock);
        }
        self.text(time).ok_or(SignError::Clock)
    }

    fn text(&self, time: Timestamp) -> Option<String> {
        Some(match self {
            Self::Seconds => time.as_second().to_string(),
            Self::Milliseconds => time.as_millisecond().to_string(),
            Self::Microseconds => time.as_microsecond().to_string(),
            Self::Rfc3339 => format!("{time:.0}"),
            Self::Rfc3339Milliseconds => format!("{time:.3}"),
            Self::HttpDate => DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&time)
                .ok()?,
            Self::Custom(format) => jiff::fmt::strtime::format(&**format, time).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_writes_the_time_as_documented() {
        let time: Timestamp = "2017-07-12T02:41:59.559999Z".parse().unwrap();
        let custom = |format: &str| TimestampFormat::Custom(format.into());
        for (format, expected) in [
            (TimestampFormat::Seconds, "1499827319"),
            (TimestampFormat::Milliseconds, "1499827319559"),
            (TimestampFormat::Microseconds, "1499827319559999"),
            (TimestampFormat::Rfc3339, "2017-07-12T02:41:59Z"),
            (
                TimestampFormat::Rfc3339Milliseconds,
                "2017-07-12T02:41:59.559Z",
            ),
            (TimestampFormat::HttpDate, "Wed, 12 Jul 2017 02:41:59 GMT"),
            (custom("%Y%m%dT%H:%M:%S+0000"), "20170712T02:41:59+0000"),
            (
                custom("%a, %d %b %Y %H:%M:%S -0000"),
                "Wed, 12 Jul 2017 02:41:59 -0000",
            ),
        ] {
            format.check().unwrap();
            assert_eq!(format.write(time.into()).unwrap(), expected);
            let before = Timestamp::from_millisecond(-1).unwrap();
            assert_eq!(format.write(before.into()), Err(SignError::Clock));
        }
        for format in ["", "%", "%!", "%Y\n", "é"] {
            assert!(custom(format).check().is_err(), "{format:?}");
        }
    }
}
