//! A token as the cache keeps it: ready to attach, with its generation and its end.

use std::time::{Duration, Instant, SystemTime};

use super::settings::Settings;
use super::window::Window;
use crate::credential::PerThread;
use crate::token::{Lifetime, Parts, SHORTEST_LIFE};
use crate::{
    Clock, Credential, CredentialId, CurrentToken, Generation, Placement, SecretProblem, Token,
};

/// A moment on both clocks.
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

    /// The moment `after` this one; `None` if no clock reaches so far.
    fn checked_add(self, after: Duration) -> Option<Self> {
        let monotonic = self.monotonic.checked_add(after)?;
        Some(Self {
            monotonic,
            wall: self.wall.checked_add(after)?,
        })
    }

    /// Whether either clock has passed `other`: a suspended machine stops the monotonic one, and
    /// people set the one on the wall back.
    fn is_past(self, other: Self) -> bool {
        self.monotonic > other.monotonic || self.wall > other.wall
    }

    /// How long until `other`, by the clock that is nearer to it.
    fn until(self, other: Self) -> Duration {
        let monotonic = other.monotonic.saturating_duration_since(self.monotonic);
        monotonic.min(other.wall.duration_since(self.wall).unwrap_or_default())
    }
}

/// A token's life, where it has an end.
#[derive(Clone, Copy, Debug)]
struct Life {
    /// From when on it is refreshed ahead.
    window: Timestamp,
    /// Until when it is used.
    end: Timestamp,
}

/// How far a token's life has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    Fresh,
    /// It is used, and a newer one should be had.
    RefreshDue,
    Expired,
}

#[derive(Debug)]
pub(super) struct CachedToken {
    attachment: PerThread,
    parts: Parts,
    generation: Generation,
    /// `None` for a token that lives until it is refused.
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

    /// The token itself, for schemes built on it: read from where it is put, so it is kept once.
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

    /// Until when it will be used, by the clock on the wall; `None` if until it is refused.
    pub(super) fn end(&self) -> Option<SystemTime> {
        self.life.map(|life| life.end.wall)
    }

    /// How long it will be used; `None` if until it is refused.
    pub(super) fn remaining(&self, clock: &dyn Clock) -> Option<Duration> {
        self.life.map(|life| Timestamp::now(clock).until(life.end))
    }

    pub(super) fn is_same_token(&self, other: &Self) -> bool {
        self.attachment.first() == other.attachment.first()
    }

    /// The same token under `generation`.
    pub(super) fn of(self, generation: Generation) -> Self {
        Self { generation, ..self }
    }
}

/// Whether `token` is no longer used at `now`, by what its issuer says of its life.
pub(super) fn has_expired(token: &Token, window: Window, sent: Timestamp, now: Timestamp) -> bool {
    let life = length(token.life(), sent).and_then(|life| life_of(life, sent, window));
    life.is_some_and(|life| now.until(life.end).is_zero())
}

/// How long a token lives from `sent` on, as its issuer says it. One that is too short to be used
/// is none.
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

/// A life of this length from when the token request was sent: what it took counts.
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
