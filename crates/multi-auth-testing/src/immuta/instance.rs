//! The keys, tokens and settings of one Immuta instance.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use http::HeaderValue;

use crate::immuta::tokens::Tokens;
use crate::lock::lock;

/// The examples of the vendor's page.
pub(super) const API_KEY: &str = "846e9e43c86a4ct1be14290d95127d13f";
pub(super) const SAMPLE_TOKEN: &str = "dea464c07bd07300095caa8";

/// One Immuta instance.
#[derive(Debug)]
pub(super) struct Instance(Mutex<InstanceState>);

#[derive(Debug, Default)]
pub(super) struct InstanceState {
    pub(super) keys: HashSet<String>,
    pub(super) tokens: Tokens,
    pub(super) tokens_issued: usize,
    pub(super) lifetime: Option<Duration>,
    pub(super) announce_expiration: bool,
    pub(super) announce_authenticated: bool,
    pub(super) reuse_token: bool,
    pub(super) challenge: Option<HeaderValue>,
}

impl Default for Instance {
    fn default() -> Self {
        let keys = HashSet::from([API_KEY.to_owned()]);
        Self(Mutex::new(InstanceState {
            keys,
            ..InstanceState::default()
        }))
    }
}

impl Instance {
    /// Reads or changes the state, under its lock.
    pub(super) fn update<T>(&self, change: impl FnOnce(&mut InstanceState) -> T) -> T {
        change(&mut lock(&self.0))
    }
}
