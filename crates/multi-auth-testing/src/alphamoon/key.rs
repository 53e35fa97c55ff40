//! An API key, `user:pass`, with its scopes, its expiry and, for a process key, its process.

use std::time::SystemTime;

use jiff::Timestamp;

use crate::AlphamoonSimulator;
use crate::identifier::opaque;

/// An API key for [`AlphamoonSimulator::add_key`]. By default it is an organization key with every
/// scope, and does not expire. `Debug` prints its value.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use multi_auth_testing::AlphamoonKey;
///
/// let key = AlphamoonKey::new("user:pass")
///     .with_scopes(["workspace.process:read"])
///     .with_expiry(SystemTime::now() + Duration::from_secs(3600));
/// ```
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
    /// A key with the value `user:pass`. A value without a colon never matches a request: Basic
    /// always sends one (RFC 7617).
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

    /// Sets the scopes of the key, such as those in [`AlphamoonSimulator::SCOPES`].
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the expiry of the key, by the system's clock.
    pub fn with_expiry(mut self, time: SystemTime) -> Self {
        self.expires = Some(Timestamp::try_from(time).unwrap_or(Timestamp::MAX));
        self
    }

    /// Makes it a key of the process `id`.
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
