//! Knows keys, each of which is good or not, for a while or for ever.

use std::future::ready;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::StatusCode;
use multi_auth::{ApiKey, AuthError, Authenticator, Bearer, Placement, Token, source_fn};
use multi_auth_properties::{Moment, TestClock};

/// A key, as the vendor knows it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Key {
    pub(crate) is_good: bool,
    /// How many seconds it lives, if it ends at all.
    pub(crate) life: Option<u64>,
    /// Whether it obtains tokens. If not, the key itself is sent.
    pub(crate) obtains_tokens: bool,
}

#[derive(Default)]
pub(crate) struct Vendor {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) is_down: AtomicBool,
    /// The keys, and since when they are known. A key's number is its place here.
    keys: Mutex<Vec<(Key, Moment)>>,
}

impl Vendor {
    /// Takes note of a key, and gives back its number.
    pub(crate) fn learn(&self, key: Key) -> usize {
        let mut keys = self.keys.lock().unwrap();
        keys.push((key, self.clock.now()));
        keys.len() - 1
    }

    pub(crate) fn obtains_tokens(&self, number: usize) -> bool {
        self.keys.lock().unwrap()[number].0.obtains_tokens
    }

    /// Makes a good key a bad one or the other way round, so many before the last one.
    pub(crate) fn toggle(&self, back: usize) {
        let mut keys = self.keys.lock().unwrap();
        let number = keys.len().saturating_sub(1 + back);
        keys[number].0.is_good ^= true;
    }

    pub(crate) fn accepts(&self, number: usize) -> bool {
        let (key, since) = self.keys.lock().unwrap()[number];
        let age = self.clock.now().monotonic - since.monotonic;
        let is_alive = key.life.is_none_or(|life| age < Duration::from_secs(life));
        key.is_good && is_alive
    }

    pub(crate) fn status(&self, number: usize) -> StatusCode {
        if self.accepts(number) {
            StatusCode::OK
        } else {
            StatusCode::UNAUTHORIZED
        }
    }

    fn token_request(&self, number: usize) -> Result<Token, AuthError> {
        if self.is_down.load(SeqCst) {
            return Err(AuthError::transient("down"));
        }
        if !self.accepts(number) {
            return Err(AuthError::permanent("refused"));
        }
        Ok(Token::new(format!("k-{number}")).with_lifetime(Duration::from_secs(50)))
    }

    /// Sends the key, or the tokens that it obtains.
    pub(crate) fn scheme(self: &Arc<Self>, number: usize) -> Arc<dyn Authenticator> {
        if self.obtains_tokens(number) {
            Arc::new(self.bearer(number))
        } else {
            Arc::new(self.fixed(number))
        }
    }

    fn fixed(&self, number: usize) -> ApiKey {
        let (key, since) = self.keys.lock().unwrap()[number];
        let fixed = ApiKey::header("x-key", format!("k-{number}"))
            .unwrap()
            .with_clock(Arc::<TestClock>::clone(&self.clock));
        match key.life {
            Some(life) => fixed.with_expiry(since.wall + Duration::from_secs(life)),
            None => fixed,
        }
    }

    fn bearer(self: &Arc<Self>, number: usize) -> Bearer {
        let vendor = Arc::clone(self);
        Bearer::builder(source_fn(move || ready(vendor.token_request(number))))
            .placement(Placement::header("x-key").unwrap())
            .jitter(0.0)
            .backoff(Duration::ZERO, Duration::ZERO)
            .refused_key_backoff(Duration::ZERO, Duration::ZERO)
            .refusal_limit(1000, Duration::ZERO)
            // While the vendor is down, a few steps would spend the usual burst.
            .refresh_limit(1000, Duration::ZERO)
            .clock(Arc::<TestClock>::clone(&self.clock))
            .build()
    }
}
