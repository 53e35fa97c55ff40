//! Issues scripted tokens, and records what it said about each.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use multi_auth::{AuthError, Token};
use multi_auth_properties::{Moment, TestClock};

/// The vendor's response to a token request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    Lifetime(Duration),
    /// A token that lives until the clock on the wall shows so much more.
    Expiry(Duration),
    Endless,
    Down,
    Refused,
}

/// A token, as the vendor knows it.
#[derive(Clone, Copy)]
pub(crate) struct Issued {
    at: Moment,
    life: Option<Duration>,
}

impl Issued {
    /// Whether its lifetime less the margin has passed, by the monotonic or the wall clock.
    pub(crate) fn has_ended(&self, now: Moment) -> bool {
        self.life.is_some_and(|life| {
            let used = life.saturating_sub(Duration::from_secs(10).min(life / 10));
            let monotonic = self.at.monotonic.checked_add(used);
            let wall = self.at.wall.checked_add(used);
            monotonic.is_some_and(|end| now.monotonic > end)
                || wall.is_some_and(|end| now.wall > end)
        })
    }
}

pub(crate) struct Vendor {
    clock: Arc<TestClock>,
    pub(crate) answer: Mutex<Answer>,
    /// What came of each time it was asked. A token's number is its place here.
    attempts: Mutex<Vec<Option<Issued>>>,
}

impl Vendor {
    pub(crate) fn new(clock: Arc<TestClock>) -> Self {
        Self {
            clock,
            answer: Mutex::new(Answer::Lifetime(Duration::from_secs(100))),
            attempts: Mutex::default(),
        }
    }

    pub(crate) fn token_request(&self) -> Result<Token, AuthError> {
        let (at, answer) = (self.clock.now(), *self.answer.lock().unwrap());
        let mut attempts = self.attempts.lock().unwrap();
        let token = Token::new(format!("t-{}", attempts.len()));
        let (life, token) = match answer {
            Answer::Lifetime(life) => (Some(life), Ok(token.with_lifetime(life))),
            Answer::Expiry(life) => (Some(life), Ok(token.with_expiry(at.wall + life))),
            Answer::Endless => (None, Ok(token)),
            Answer::Down => (None, Err(AuthError::transient("down"))),
            Answer::Refused => (None, Err(AuthError::permanent("refused"))),
        };
        // One that lives under a second is of no use to anybody.
        let is_dead = life.is_some_and(|life| life < Duration::from_secs(1));
        attempts.push((token.is_ok() && !is_dead).then_some(Issued { at, life }));
        token
    }

    pub(crate) fn issued(&self, number: usize) -> Issued {
        self.attempts.lock().unwrap()[number].unwrap()
    }

    /// The outcome of each, except the first `known` ones.
    pub(crate) fn attempts_after(&self, known: usize) -> Vec<Option<Issued>> {
        self.attempts.lock().unwrap()[known..].to_vec()
    }
}
