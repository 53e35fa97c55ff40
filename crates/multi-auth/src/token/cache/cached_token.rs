//! A cached token: ready to attach, with its generation and expiry.

use std::time::{Duration, Instant, SystemTime};

use super::settings::Settings;
use super::window::Window;
use crate::credential::PerThread;
use crate::token::{MIN_LIFETIME, Parts, Validity};
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

    /// The time until `other`, on the clock that reaches it first.
    fn until(self, other: Self) -> Duration {
        let monotonic = other.monotonic.saturating_duration_since(self.monotonic);
        monotonic.min(other.wall.duration_since(self.wall).unwrap_or_default())
    }
}

/// When a token is refreshed, and when it is no longer used.
#[derive(Clone, Copy, Debug)]
struct Expiry {
    /// When the refresh window begins.
    refresh_due: Timestamp,
    /// When the token is no longer used: its expiry less the margin.
    end: Timestamp,
}

/// How close a token is to its expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    Fresh,
    /// It is valid, and due for a refresh.
    RefreshDue,
    Expired,
}

#[derive(Debug)]
pub(super) struct CachedToken {
    attachment: PerThread,
    parts: Parts,
    generation: Generation,
    /// `None` for a token without an expiry.
    expiry: Option<Expiry>,
}

impl CachedToken {
    /// Caches `token`, whose lifetime begins at `sent`.
    pub(super) fn new(
        token: &Token,
        generation: Generation,
        settings: &Settings,
        sent: Timestamp,
    ) -> Result<Self, SecretProblem> {
        let attachment = settings.placement.attachment(token.value())?;
        let lifetime = lifetime_at(token.validity(), sent)
            .into_iter()
            .chain(settings.pacing.max_age)
            .min();
        let window = settings.pacing.window;
        let expiry = lifetime.and_then(|lifetime| expiry_of(lifetime, sent, window));
        Ok(Self {
            attachment: PerThread::new(attachment),
            parts: token.shared_parts(),
            generation,
            expiry,
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

    /// The token for schemes that are built on it. It is read from the attachment, so that it is
    /// stored only once.
    pub(super) fn read(&self, placement: &Placement) -> Option<CurrentToken> {
        let [attachment] = self.attachment.first() else {
            return None;
        };
        let value = placement.secret_in(attachment)?;
        let parts = self.parts.clone();
        Some(CurrentToken::new(self.credential(), value, parts))
    }

    pub(super) fn parts(&self) -> Parts {
        self.parts.clone()
    }

    pub(super) fn freshness(&self, clock: &dyn Clock) -> Freshness {
        let Some(expiry) = self.expiry else {
            return Freshness::Fresh;
        };
        match Timestamp::now(clock) {
            now if now.is_past(expiry.end) => Freshness::Expired,
            now if now.is_past(expiry.refresh_due) => Freshness::RefreshDue,
            _ => Freshness::Fresh,
        }
    }

    /// The time of the wall clock from which the token is no longer used; `None` without an expiry.
    pub(super) fn expiry(&self) -> Option<SystemTime> {
        self.expiry.map(|expiry| expiry.end.wall)
    }

    /// How long the token will be used; `None` without an expiry.
    pub(super) fn remaining(&self, clock: &dyn Clock) -> Option<Duration> {
        self.expiry
            .map(|expiry| Timestamp::now(clock).until(expiry.end))
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
    let lifetime = lifetime_at(token.validity(), sent);
    let expiry = lifetime.and_then(|lifetime| expiry_of(lifetime, sent, window));
    expiry.is_some_and(|expiry| now.until(expiry.end).is_zero())
}

/// The lifetime of a token, counted from `sent`. One under [`MIN_LIFETIME`] becomes zero.
fn lifetime_at(validity: Option<Validity>, sent: Timestamp) -> Option<Duration> {
    let lifetime = match validity? {
        Validity::For(lifetime) => lifetime,
        Validity::Until(expiry) => expiry.duration_since(sent.wall).unwrap_or_default(),
    };
    Some(if lifetime < MIN_LIFETIME {
        Duration::ZERO
    } else {
        lifetime
    })
}

/// The expiry of a token with this `lifetime`, counted from `sent`; `None` if a clock overflows.
fn expiry_of(lifetime: Duration, sent: Timestamp, window: Window) -> Option<Expiry> {
    let before_expiry = |time: Duration| sent.checked_add(lifetime.saturating_sub(time));
    let margin = window.margin(lifetime);
    Some(Expiry {
        refresh_due: before_expiry(window.length(lifetime).max(margin))?,
        end: before_expiry(margin)?,
    })
}

#[cfg(test)]
mod tests;
