//! The issued tokens and their expiries.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::identifier::opaque;

/// The valid tokens and those that have expired since.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    deadlines: HashMap<String, Option<Instant>>,
    /// In the order of issue, including tokens that are no longer valid.
    order: VecDeque<String>,
    last: Option<String>,
}

/// The largest number of valid tokens. Beyond it, each new token replaces the oldest.
const MOST: usize = 100_000;

/// A token for a response.
pub(super) struct IssuedToken {
    pub(super) token: String,
    /// Its remaining lifetime, if it has one.
    pub(super) remaining: Option<Duration>,
}

impl Tokens {
    /// Issues a new random token.
    pub(super) fn issue(&mut self, lifetime: Option<Duration>) -> IssuedToken {
        let token = opaque();
        self.insert(&token, lifetime);
        self.last = Some(token.clone());
        IssuedToken {
            token,
            remaining: lifetime,
        }
    }

    /// The last token, if it is still valid.
    pub(super) fn last(&self) -> Option<IssuedToken> {
        let token = self.last.clone().filter(|token| self.accepts(token))?;
        let deadline = self.deadlines.get(&token).copied().flatten();
        let remaining = deadline.map(|deadline| deadline - now());
        Some(IssuedToken { token, remaining })
    }

    /// Adds a token. It never expires if its lifetime exceeds the range of the clock.
    pub(super) fn insert(&mut self, token: &str, lifetime: Option<Duration>) {
        let deadline = lifetime.and_then(|lifetime| now().checked_add(lifetime));
        self.deadlines.insert(token.to_owned(), deadline);
        self.order.push_back(token.to_owned());
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.deadlines.remove(&oldest);
        }
    }

    pub(super) fn accepts(&self, token: &str) -> bool {
        let deadline = self.deadlines.get(token);
        deadline.is_some_and(|deadline| deadline.is_none_or(|deadline| now() < deadline))
    }

    pub(super) fn remove(&mut self, token: &str) {
        self.deadlines.remove(token);
    }

    pub(super) fn clear(&mut self) {
        self.deadlines.clear();
        self.order.clear();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a simulator has no other clock; tests set this one too"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_tokens_the_newest_work() {
        let mut tokens = Tokens::default();
        let first = tokens.issue(None).token;
        let second = tokens.issue(None).token;
        (2..MOST).for_each(|_| drop(tokens.issue(None)));
        assert!(tokens.accepts(&first));
        let last = tokens.issue(None).token;
        assert!(!tokens.accepts(&first) && tokens.accepts(&second) && tokens.accepts(&last));
        assert_eq!(tokens.deadlines.len(), MOST);
    }
}
