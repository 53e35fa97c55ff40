//! The time limits of a token request under a lease.

use std::time::Duration;

/// The limits that were set.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    pub(super) request: Option<Duration>,
    pub(super) wait: Option<Duration>,
}

const DEFAULT_REQUEST: Duration = Duration::from_secs(30);
const MIN_MARGIN: Duration = Duration::from_secs(1);

impl Limits {
    /// The time limit of a token request.
    pub(super) fn request(self) -> Duration {
        self.request.unwrap_or(DEFAULT_REQUEST)
    }

    /// How long a lease is valid if it is not extended.
    pub(super) fn lease(self) -> Duration {
        let request = self.request();
        request.saturating_add(MIN_MARGIN.max(request / 5))
    }

    /// How often a lease is extended.
    pub(super) fn extension(self) -> Duration {
        self.lease() / 3
    }

    /// How long to wait for another process: its token request, plus one lease, plus a second.
    pub(super) fn wait(self) -> Duration {
        self.wait.unwrap_or_else(|| {
            self.request()
                .saturating_add(self.lease())
                .saturating_add(MIN_MARGIN)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tests/protocol` has these times too.
    #[test]
    fn the_times_are_those_of_the_model() {
        for (request, lease, extension, wait) in [(20, 24, 8, 45), (30, 36, 12, 67)] {
            let request = Some(Duration::from_secs(request));
            let limits = Limits {
                request,
                ..Limits::default()
            };
            assert_eq!(limits.lease().as_secs(), lease);
            assert_eq!(limits.extension().as_secs(), extension);
            assert_eq!(limits.wait().as_secs(), wait);
        }
    }

    #[test]
    fn a_lease_outlives_its_token_request_and_a_waiting_process_outlives_the_lease() {
        for seconds in [0, 1, 2, 10, 30, 3600] {
            let request = Some(Duration::from_secs(seconds));
            let limits = Limits {
                request,
                ..Limits::default()
            };
            assert!(limits.lease() >= limits.request() + MIN_MARGIN);
            assert!(limits.wait() > limits.request() + limits.lease());
            assert!(limits.extension() * 2 < limits.lease());
        }
    }
}
