//! How long before its expiry a token is refreshed in the background.

use std::time::Duration;

use super::jitter;

/// When to refresh ahead of expiry, and when to stop using a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// In place of the table.
    pub(crate) fixed: Option<Duration>,
    /// The random part of the window: 0.0 to 1.0.
    pub(crate) jitter: f64,
    /// How long before its expiry a token is no longer used.
    pub(crate) margin: Option<Duration>,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            fixed: None,
            jitter: 0.5,
            margin: None,
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);

impl Window {
    /// How long before its expiry a token with this lifetime is refreshed; random at each call.
    pub(super) fn length(&self, life: Duration) -> Duration {
        let table = match life {
            life if life <= 20 * MINUTE => 5 * MINUTE,
            life if life <= 90 * MINUTE => 15 * MINUTE,
            _ => 60 * MINUTE,
        };
        let longest = self.fixed.unwrap_or(table).min(life / 2);
        longest.mul_f64(1.0 - self.jitter * jitter::draw())
    }

    /// How long before its expiry a token with this lifetime is no longer used.
    pub(super) fn margin(&self, life: Duration) -> Duration {
        const MARGIN: Duration = Duration::from_secs(10);
        match self.margin {
            Some(margin) => margin.min(life / 2),
            None => MARGIN.min(life / 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(number: f64) -> Duration {
        MINUTE.mul_f64(number)
    }

    fn exactly() -> Window {
        Window {
            jitter: 0.0,
            ..Window::default()
        }
    }

    #[test]
    fn the_window_grows_with_the_lifetime_and_is_never_more_than_half_of_it() {
        for (life, window) in [
            (10.0, 5.0),
            (20.0, 5.0),
            (20.5, 10.25),
            (40.0, 15.0),
            (90.0, 15.0),
            (360.0, 60.0),
            (4.0, 2.0),
            (0.0, 0.0),
        ] {
            assert_eq!(
                exactly().length(minutes(life)),
                minutes(window),
                "{life} minutes"
            );
        }
    }

    #[test]
    fn a_configured_window_replaces_the_default() {
        let own = Window {
            fixed: Some(minutes(2.0)),
            ..exactly()
        };
        assert_eq!(own.length(minutes(360.0)), minutes(2.0));
        assert_eq!(own.length(minutes(3.0)), minutes(1.5));
    }

    #[test]
    fn jitter_shortens_the_window_by_up_to_half_and_spreads_it() {
        let lengths: Vec<_> = (0..1_000)
            .map(|_| Window::default().length(minutes(360.0)))
            .collect();
        assert!(
            lengths
                .iter()
                .all(|length| (minutes(30.0)..=minutes(60.0)).contains(length))
        );
        let early = lengths
            .iter()
            .filter(|length| **length > minutes(45.0))
            .count();
        assert!(
            (350..650).contains(&early),
            "{early} of 1000 in the upper half"
        );
    }

    #[test]
    fn a_configured_margin_replaces_the_default() {
        assert_eq!(exactly().margin(minutes(60.0)), Duration::from_secs(10));
        assert_eq!(
            exactly().margin(Duration::from_secs(2)),
            Duration::from_millis(200)
        );
        let own = Window {
            margin: Some(minutes(1.0)),
            ..exactly()
        };
        assert_eq!(own.margin(minutes(60.0)), minutes(1.0));
        assert_eq!(own.margin(minutes(1.0)), minutes(0.5));
    }
}
