//! Which token requests belong to one generation of the token.

use std::time::{Duration, Instant};

use multi_auth::{Clock, SystemClock};

/// The token requests of each generation.
#[derive(Debug, Default)]
pub(crate) struct Generations(pub(crate) Vec<usize>);

impl Generations {
    /// A token is refreshed no earlier than after half of its lifetime, less a tenth for the
    /// jitter. So all token requests within a quarter of the lifetime belong to one generation.
    pub(crate) fn of(requests: &[Instant], lifetime: Duration) -> Self {
        let mut generations: Vec<(Instant, usize)> = Vec::new();
        for &request in requests {
            match generations.last_mut() {
                Some((first, count)) if request.duration_since(*first) < lifetime / 4 => {
                    *count += 1;
                }
                _ => generations.push((request, 1)),
            }
        }
        Self(generations.into_iter().map(|(_, count)| count).collect())
    }

    pub(crate) fn most(&self) -> usize {
        self.0.iter().copied().max().unwrap_or(0)
    }

    /// How many generations took more than one token request.
    pub(crate) fn repeated(&self) -> usize {
        self.0.iter().filter(|&&count| count > 1).count()
    }

    pub(crate) fn requests(&self) -> usize {
        self.0.iter().sum()
    }
}

#[test]
fn requests_within_a_quarter_of_the_lifetime_are_one_generation() {
    let (start, lifetime) = (SystemClock.monotonic(), Duration::from_secs(4));
    let at = [0, 900, 1_100, 3_000].map(|ms| start + Duration::from_millis(ms));
    assert_eq!(Generations::of(&at, lifetime).0, [2, 1, 1]);
}
