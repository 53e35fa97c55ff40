//! An API key, `user:pass`, with its scopes, its expiry and, for a process key, its process.

use std::time::SystemTime;

use jiff::Timestamp;

use crate::AlphamoonSimulator;
use crate::identifier::opaque;

/// An API key for [`AlphamoonSimulator::add_key`]: unless told otherwise, one of the organization,
/// with every scope, that does not expire. Its `Debug` prints it.
#[derive(Clone, Debug)]
#[must_use = "a key opens nothing until it is added"]
pub struct AlphamoonKey {
    pub(super) value: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    pub(super) created: Timestamp,
    pub(super) expires: Option<Timestamp>,
    pub(super) process: Option<String>,
}

impl AlphamoonKey {
    /// A key with this value, `user:pass`. One without a colon can be added but never matches, as
    /// the Basic scheme cannot carry it.
    pub fn new(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            id: opaque(),
            name: "Test key".to_owned(),
            scopes: AlphamoonSimulator::SCOPES
                .iter()
                .map(|&scope| scope.to_owned())
                .collect(),
            created: Timestamp::now(),
            expires: None,
            process: None,
        }
    }

    /// Sets the name that lists show.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets what the key may do; see [`AlphamoonSimulator::SCOPES`].
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets when the key stops working, by the system's clock.
    pub fn with_expiry(mut self, time: SystemTime) -> Self {
        self.expires = Some(Timestamp::try_from(time).unwrap_or(Timestamp::MAX));
        self
    }

    /// Makes the key one of the process with this id.
    pub fn with_process(mut self, id: impl Into<String>) -> Self {
        self.process = Some(id.into());
        self
    }

    /// A new random key.
    pub(super) fn generate() -> Self {
        Self::new(format!("{}:{}", opaque(), opaque()))
    }

    pub(super) fn is_expired(&self) -> bool {
        self.expires
            .is_some_and(|expires| expires <= Timestamp::now())
    }

    pub(super) fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }
}
