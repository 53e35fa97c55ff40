//! One vendor whose key follows its source.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use multi_auth::{Authenticator, Rotating, Rotation, SecretString, Transport};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::expiry::ExpiryWarning;
use crate::{ConfigError, SourceProblem, Vendor};

/// How long a look at a source may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Distinguishes keys without revealing them. Two keys have the same one by a chance of 1 in 2^64.
type Fingerprint = u64;

fn fingerprint(hasher: &RandomState, secret: &SecretString) -> Fingerprint {
    hasher.hash_one(secret.expose_secret())
}

/// A vendor whose key is followed.
#[derive(Debug)]
pub(super) struct WatchedVendor {
    vendor: Vendor,
    /// By what keys are compared, so that none is kept.
    hasher: RandomState,
    /// That of the key that the file was written for: the date in it is this one's.
    first: Fingerprint,
    rotating: Rotating,
    /// Held while the source is looked at, so that two looks do not cross; requests never wait for
    /// it.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// That of the key that the source gave last.
    secret: Fingerprint,
    /// That of the one that served before, and serves on where that one is refused.
    before: Fingerprint,
    /// The last expiry warning that was logged.
    warned: ExpiryWarning,
    /// What was logged of the last look that failed.
    complaint: Option<String>,
}

impl WatchedVendor {
    pub(super) async fn start(
        vendor: &Vendor,
        transport: &Arc<dyn Transport>,
    ) -> Result<Self, ConfigError> {
        let (secret, first) = vendor.read(transport).await?;
        vendor.report_source(false);
        vendor.report_expiry(true);
        let hasher = RandomState::new();
        let fingerprint = fingerprint(&hasher, &secret);
        let state = State {
            secret: fingerprint,
            before: fingerprint,
            warned: ExpiryWarning::Far,
            complaint: None,
        };
        Ok(Self {
            vendor: vendor.clone(),
            hasher,
            first: fingerprint,
            rotating: Rotating::new(first).with_label(vendor.name()),
            state: Mutex::new(state),
        })
    }

    pub(super) fn vendor(&self) -> &Vendor {
        &self.vendor
    }

    pub(super) fn rotating(&self) -> &Rotating {
        &self.rotating
    }

    /// The key as its source has it. One of the program's own may never answer.
    async fn read(&self, transport: &Arc<dyn Transport>) -> Result<SecretString, ConfigError> {
        let read = timeout(LIMIT, self.vendor.read_secret(transport)).await;
        read.unwrap_or_else(|_| Err(self.vendor.unread(SourceProblem::TimedOut(LIMIT.as_secs()))))
    }

    /// Whether the date in the file is that of the key that serves.
    fn is_dated(&self, state: &State) -> bool {
        match self.rotating.rotation() {
            Rotation::Refused => state.before == self.first,
            _ => state.secret == self.first,
        }
    }

    fn rotate(&self, newer: Arc<dyn Authenticator>) -> Result<(), ConfigError> {
        let rotated = self.rotating.rotate(newer);
        rotated.map_err(|error| self.vendor.error(error))
    }

    /// Tells that its source panicked.
    pub(super) async fn panicked(&self) -> Result<(), ConfigError> {
        let problem = SourceProblem::Other("panicked: see the program's output".to_owned());
        let looked = Err(self.vendor.unread(problem));
        self.note(&mut *self.state.lock().await, &looked);
        looked
    }

    /// Looks at the source, and puts a key that has changed in place.
    pub(super) async fn refresh(&self, transport: &Arc<dyn Transport>) -> Result<(), ConfigError> {
        let mut state = self.state.lock().await;
        let looked = self.look(&mut state, transport).await;
        self.note(&mut state, &looked);
        looked
    }

    /// Tells what came of a look, in the log what is new of it alone.
    fn note(&self, state: &mut State, looked: &Result<(), ConfigError>) {
        let complaint = looked.as_ref().err().map(ToString::to_string);
        self.vendor.report_source(complaint.is_some());
        if let Some(error) = &complaint
            && complaint != state.complaint
        {
            tracing::warn!(
                name: "multi_auth.key.not_followed",
                vendor = self.vendor.name(),
                %error,
                "a new key cannot be read because the old one stays in use"
            );
        }
        state.complaint = complaint;
        // An older key that serves on has its date again, and no look brought that about.
        self.vendor.report_expiry(self.is_dated(state));
    }

    async fn look(
        &self,
        state: &mut State,
        transport: &Arc<dyn Transport>,
    ) -> Result<(), ConfigError> {
        let secret = self.read(transport).await?;
        let newest = fingerprint(&self.hasher, &secret);
        if newest == state.secret {
            return Ok(());
        }
        let newer = if newest == self.first {
            self.vendor.authenticator(secret, transport)?
        } else {
            self.vendor.newer_authenticator(secret, transport)?
        };
        let was_settled = self.rotating.rotation() == Rotation::Settled;
        self.rotate(newer)?;
        let last = std::mem::replace(&mut state.secret, newest);
        // Of a key that was on trial or refused, nothing is left.
        if was_settled {
            state.before = last;
        }
        Ok(())
    }

    /// Warns if the key's end is nearer than at the last warning; then the answer is the vendor's
    /// name and the days left.
    pub(super) async fn warn(&self, now: SystemTime) -> Option<(String, i64)> {
        let mut state = self.state.lock().await;
        // What is still so is said again with the next look.
        state.complaint = None;
        let is_dated = self.is_dated(&state);
        self.vendor.report_expiry(is_dated);
        let days_left = self.vendor.own_days_left(now).filter(|_| is_dated)?;
        let warning = ExpiryWarning::of(days_left);
        let is_nearer = warning > state.warned;
        state.warned = warning;
        if !is_nearer {
            return None;
        }
        tell(self.vendor.name(), days_left, warning);
        Some((self.vendor.name().to_owned(), days_left))
    }
}

fn tell(vendor: &str, days_left: i64, warning: ExpiryWarning) {
    if warning == ExpiryWarning::Ended {
        tracing::error!(
            name: "multi_auth.key.ended",
            vendor,
            days_left,
            "a key has expired: create a new one with the vendor"
        );
    } else {
        tracing::warn!(
            name: "multi_auth.key.ends_soon",
            vendor,
            days_left,
            "a key expires soon: create a new one with the vendor"
        );
    }
}
