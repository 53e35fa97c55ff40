//! A token as the engine keeps it: ready to attach, with its generation and its end.

use std::time::{Duration, Instant, SystemTime};

use crate::token::Lifetime;
use crate::{Clock, Credential, Generation, Lease, Placement, SecretProblem, Token};

/// A moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    monotonic: Instant,
    wall: SystemTime,
}

impl Moment {
    pub(super) fn now(clock: &dyn Clock) -> Self {
        Self {
            monotonic: clock.monotonic(),
            wall: clock.wall(),
        }
    }

    /// The moment `after` this one; `None` if no clock reaches so far.
    fn checked_add(self, after: Duration) -> Option<Self> {
        let monotonic = self.monotonic.checked_add(after)?;
        Some(Self {
            monotonic,
            wall: self.wall.checked_add(after)?,
        })
    }

    /// Whether either clock has reached this moment: a suspended machine stops the monotonic one,
    /// and people set the one on the wall back.
    fn is_past(&self, clock: &dyn Clock) -> bool {
        clock.monotonic() >= self.monotonic || clock.wall() >= self.wall
    }
}

#[derive(Debug)]
pub(super) struct Entry {
    credential: Credential,
    generation: Generation,
    /// Until when it is used; `None` for a token that lives until it is refused.
    end: Option<Moment>,
}

impl Entry {
    /// `token` as obtained by an exchange that was sent at `sent`.
    pub(super) fn new(
        token: &Token,
        placement: &Placement,
        sent: Moment,
    ) -> Result<Self, SecretProblem> {
        let attachment = placement.attachment(token.value())?;
        let generation = Generation::next();
        let credential = Credential::one(attachment).with_lease(Lease::renewable(generation));
        let end = token.lifetime().and_then(|lifetime| end_of(lifetime, sent));
        Ok(Self {
            credential,
            generation,
            end,
        })
    }

    pub(super) fn credential(&self) -> &Credential {
        &self.credential
    }

    pub(super) fn generation(&self) -> Generation {
        self.generation
    }

    pub(super) fn is_good(&self, clock: &dyn Clock) -> bool {
        self.end.is_none_or(|end| !end.is_past(clock))
    }

    pub(super) fn is_same_token(&self, other: &Self) -> bool {
        self.credential.has_same_values(&other.credential)
    }

    /// The same token under `generation`.
    pub(super) fn of(self, generation: Generation) -> Self {
        let credential = self.credential.with_lease(Lease::renewable(generation));
        Self {
            credential,
            generation,
            ..self
        }
    }
}

/// When a token is no longer used: shortly before it dies, and never before half its life.
fn end_of(lifetime: Lifetime, sent: Moment) -> Option<Moment> {
    const MARGIN: Duration = Duration::from_secs(10);
    let life = match lifetime {
        Lifetime::For(life) => life,
        Lifetime::Until(end) => end.duration_since(sent.wall).unwrap_or_default(),
    };
    sent.checked_add(life.saturating_sub(MARGIN.min(life / 2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    fn used_for(lifetime: Lifetime, sent: Moment) -> Option<Duration> {
        end_of(lifetime, sent).map(|end| end.monotonic - sent.monotonic)
    }

    #[test]
    fn a_token_is_used_until_shortly_before_its_end_and_for_half_its_life_at_least() {
        let sent = Moment::now(&SystemClock);
        for (life, used) in [(3600, 3590), (20, 10), (2, 1), (0, 0)] {
            let (life, used) = (Duration::from_secs(life), Duration::from_secs(used));
            assert_eq!(used_for(Lifetime::For(life), sent), Some(used));
            assert_eq!(
                used_for(Lifetime::Until(sent.wall + life), sent),
                Some(used)
            );
        }
    }

    #[test]
    fn an_end_in_the_past_is_now() {
        let sent = Moment::now(&SystemClock);
        let past = Lifetime::Until(sent.wall - Duration::from_secs(60));
        assert_eq!(used_for(past, sent), Some(Duration::ZERO));
    }

    /// case 26
    #[test]
    fn a_life_longer_than_any_clock_reaches_has_no_end() {
        let sent = Moment::now(&SystemClock);
        assert_eq!(used_for(Lifetime::For(Duration::MAX), sent), None);
    }
}
