//! One instance: its token, its back-off, and the requests that wait.

use super::Time;

pub(super) struct Instance {
    pub(super) account: u32,
    /// How many seconds its clock is ahead.
    pub(super) clock_error: f64,
    pub(super) token: Option<Token>,
    /// The newest token of the store that it got. The store numbers them.
    pub(super) seen: u64,
    /// Its failed token requests in a row.
    pub(super) failures: u32,
    /// Until when it sends no token request.
    pub(super) not_before: Time,
    /// Whether the one attempt was made that is allowed during the back-off once a token expires.
    pub(super) is_attempted: bool,
    /// Whether it has waited for the store since it got its token.
    pub(super) has_waited: bool,
    /// Since when a token request is under way.
    pub(super) flight: Option<Flight>,
    /// How many requests wait for it.
    pub(super) waiting: u64,
    /// Tells its next request from those that were planned before.
    pub(super) request: u32,
    /// Tells its token request from earlier ones.
    pub(super) number: u32,
}

/// A token in the memory of an instance.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub(super) due: Time,
    pub(super) end: Time,
}

#[derive(Clone, Copy)]
pub(super) struct Flight {
    pub(super) since: Time,
    /// How long it waits before it looks at the store again.
    pub(super) wait: Time,
    /// Whether it has the lease or the lock.
    pub(super) is_holder: bool,
}

/// What an instance does with a request.
pub(super) enum Outcome {
    /// It has a token.
    Served,
    /// It has a token, and starts a token request.
    ServedAndRefreshes,
    /// The request waits for the token request under way.
    Waits,
    /// The request waits, and a token request starts.
    WaitsAndRefreshes,
    /// The request fails.
    Fails,
}

impl Instance {
    pub(super) fn new(account: u32, clock_error: f64) -> Self {
        Self {
            account,
            clock_error,
            token: None,
            seen: 0,
            failures: 0,
            not_before: Time::ZERO,
            is_attempted: false,
            has_waited: false,
            flight: None,
            waiting: 0,
            request: 0,
            number: 0,
        }
    }

    /// Starts again without its memory.
    pub(super) fn restart(&mut self) {
        *self = Self {
            request: self.request + 1,
            number: self.number + 1,
            ..Self::new(self.account, self.clock_error)
        };
    }

    pub(super) fn request(&mut self, now: Time) -> Outcome {
        let may_refresh = now >= self.not_before;
        match self.token {
            Some(token) if now < token.end => {
                let is_due = now >= token.due && self.flight.is_none();
                if is_due && may_refresh {
                    Outcome::ServedAndRefreshes
                } else {
                    Outcome::Served
                }
            }
            _ if self.flight.is_some() => Outcome::Waits,
            token if may_refresh || (token.is_some() && !self.is_attempted) => {
                self.is_attempted |= token.is_some();
                Outcome::WaitsAndRefreshes
            }
            _ => Outcome::Fails,
        }
    }

    /// From when on a request matters.
    pub(super) fn matters_from(&self, now: Time) -> Time {
        match self.token {
            Some(token) if now < token.end => match self.flight {
                Some(_) => token.end,
                None => now.max(token.due).max(self.not_before).min(token.end),
            },
            _ => now,
        }
    }
}
