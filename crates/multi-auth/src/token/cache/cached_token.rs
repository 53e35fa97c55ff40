//! A cached token: ready to attach, with its generation and expiry.

use std::time::{Duration, Instant, SystemTime};

use super::settings::Settings;
use super::window::Window;
use crate::credential::PerThread;
use crate::token::{Lifetime, Parts, SHORTEST_LIFE};
use crate::{
    Clock, Credential, CredentialId, CurrentToken, Generation, Placement, SecretProblem, Token,
};

/// A time on both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timestamp {
    monotonic: Instant,
    wall: SystemTime,
}

impl Timestamp {
    pub(super) fn now(clock: &dyn Clock) -> Self {
        Self {
            monotonic: clock.monotonic(),
            wall: clock.wall(),
        }
    }

    /// The time `after` this one; `None` if it overflows.
    fn checked_add(self, after: Duration) -> Option<Self> {
        let monotonic = self.monotonic.checked_add(after)?;
        Some(Self {
            monotonic,
            wall: self.wall.checked_add(after)?,
        })
    }

    /// Whether either clock has passed `other`: the monotonic clock stops while a machine is
    /// suspended, and the wall clock can be set back.
    fn is_past(self, other: Self) -> bool {
        self.monotonic > other.monotonic || self.wall > other.wall
    }

    /// The time until `other`, by the clock that reaches it first.
    fn until(self, other: Self) -> Duration {
        let monotonic = other.monotonic.saturating_duration_since(self.monotonic);
        monotonic.min(other.wall.duration_since(self.wall).unwrap_or_default())
    }
}

/// The lifetime of a token that expires.
#[derive(Clone, Copy, Debug)]
struct Life {
    /// When the refresh window begins.
    window: Timestamp,
    /// When it is no longer used.
    end: Timestamp,
}

/// How close a token is to its expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    Fresh,
    /// It is used, and is due for a refresh.
    RefreshDue,
    Expired,
}

#[derive(Debug)]
pub(super) struct CachedToken {
    attachment: PerThread,
    parts: Parts,
    generation: Generation,
    /// `None` for a token without an expiry.
    life: Option<Life>,
}

impl CachedToken {
    /// `token` as obtained by a token request that was sent at `sent`.
    pub(super) fn new(
        token: &Token,
        generation: Generation,
        settings: &Settings,
        sent: Timestamp,
    ) -> Result<Self, SecretProblem> {
        let attachment = settings.placement.attachment(token.value())?;
        let life = length(token.life(), sent)
            .into_iter()
            .chain(settings.pacing.max_age)
            .min();
        let life = life.and_then(|life| life_of(life, sent, settings.pacing.window));
        Ok(Self {
            attachment: PerThread::new(attachment),
            parts: token.shared_parts(),
            generation,
            life,
        })
    }

    #[inline]
    pub(super) fn credential(&self) -> Credential {
        Credential::new(
            self.attachment.get(),
            CredentialId::refreshable(self.generation),
        )
    }

    pub(super) fn generation(&self) -> Generation {
        self.generation
    }

    /// The token itself, for schemes built on it. It is read from the attachment, so that it is
    /// stored once.
    pub(super) fn read(&self, placement: &Placement) -> Option<CurrentToken> {
        let [attachment] = self.attachment.first() else {
            return None;
        };
        let value = placement.secret_in(attachment)?;
        let parts = self.parts.clone();
        Some(CurrentToken::new(self.credential(), value, parts))
    }

    pub(super) fn freshness(&self, clock: &dyn Clock) -> Freshness {
        let Some(life) = self.life else {
            return Freshness::Fresh;
        };
        match Timestamp::now(clock) {
            now if now.is_past(life.end) => Freshness::Expired,
            now if now.is_past(life.window) => Freshness::RefreshDue,
            _ => Freshness::Fresh,
        }
    }

    /// When it is no longer used, on the wall clock; `None` without an expiry.
    pub(super) fn end(&self) -> Option<SystemTime> {
        self.life.map(|life| life.end.wall)
    }

    /// How long it will be used; `None` without an expiry.
    pub(super) fn remaining(&self, clock: &dyn Clock) -> Option<Duration> {
        self.life.map(|life| Timestamp::now(clock).until(life.end))
    }

    pub(super) fn is_same_token(&self, other: &Self) -> bool {
        self.attachment.first() == other.attachment.first()
    }

    /// The same token with the generation `generation`.
    pub(super) fn of(self, generation: Generation) -> Self {
        Self { generation, ..self }
    }
}

/// Whether `token` has expired at `now`, by the issuer's lifetime or expiry.
pub(super) fn has_expired(token: &Token, window: Window, sent: Timestamp, now: Timestamp) -> bool {
    let life = length(token.life(), sent).and_then(|life| life_of(life, sent, window));
    life.is_some_and(|life| now.until(life.end).is_zero())
}

/// The lifetime of a token from `sent` on. One that is too short to be used is none.
fn length(lifetime: Option<Lifetime>, sent: Timestamp) -> Option<Duration> {
    let length = match lifetime? {
        Lifetime::For(life) => life,
        Lifetime::Until(end) => end.duration_since(sent.wall).unwrap_or_default(),
    };
    Some(if length < SHORTEST_LIFE {
        Duration::ZERO
    } else {
        length
    })
}

/// A lifetime from when the token request was sent, so that the request's duration counts.
fn life_of(life: Duration, sent: Timestamp, window: Window) -> Option<Life> {
    let before_end = |time: Duration| sent.checked_add(life.saturating_sub(time));
    let margin = window.margin(life);
    let window = before_end(window.length(life).max(margin))?;
    Some(Life {
        window,
        end: before_end(margin)?,
    })
}

#[cfg(test)]
mod tests;
