//! One vendor whose key follows its source.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use multi_auth::{Authenticator, Rotating, Rotation, Transport};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::expiry::ExpiryWarning;
use crate::scheme::Secrets;
use crate::{ConfigError, SourceProblem, Vendor};

/// The time limit of one read of a source.
const LIMIT: Duration = Duration::from_secs(60);

/// Distinguishes secrets without revealing them. Two have the same one by a chance of 1 in 2^64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fingerprint {
    /// Of the key, to which an expiry belongs.
    key: u64,
    /// Of all secrets.
    all: u64,
}

fn fingerprint(hasher: &RandomState, secrets: &Secrets) -> Fingerprint {
    let mut all = hasher.build_hasher();
    for secret in secrets.all() {
        secret.expose_secret().hash(&mut all);
    }
    Fingerprint {
        key: hasher.hash_one(secrets.key.expose_secret()),
        all: all.finish(),
    }
}

/// A vendor whose key rotates with its source.
#[derive(Debug)]
pub(super) struct WatchedVendor {
    vendor: Vendor,
    /// Hashes keys, so that no key is kept.
    hasher: RandomState,
    /// The hash of the first key, to which the expiry in the file belongs.
    first: Fingerprint,
    rotating: Rotating,
    /// Held during a read of the source, so that two reads do not overlap. Requests never wait for
    /// it.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The hash of the key that the source returned last.
    secret: Fingerprint,
    /// The hash of the key before it, which stays in use if the last one is refused.
    before: Fingerprint,
    /// The last expiry warning that was logged.
    warned: ExpiryWarning,
    /// The last failure that was logged.
    complaint: Option<String>,
}

impl WatchedVendor {
    pub(super) async fn start(
        vendor: &Vendor,
        transport: &Arc<dyn Transport>,
    ) -> Result<Self, ConfigError> {
        let (secrets, first) = vendor.read(transport).await?;
        vendor.report_source(false);
        vendor.report_expiry(true);
        let hasher = RandomState::new();
        let fingerprint = fingerprint(&hasher, &secrets);
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

    /// Reads the secrets, with a time limit: a source of the program may never return.
    async fn read(&self, transport: &Arc<dyn Transport>) -> Result<Secrets, ConfigError> {
        let read = timeout(LIMIT, self.vendor.read_secrets(transport)).await;
        read.unwrap_or_else(|_| Err(self.vendor.unread(SourceProblem::TimedOut(LIMIT.as_secs()))))
    }

    /// Whether the expiry in the file belongs to the key in use.
    fn is_dated(&self, state: &State) -> bool {
        match self.rotating.rotation() {
            Rotation::Refused => state.before.key == self.first.key,
            _ => state.secret.key == self.first.key,
        }
    }

    fn rotate(&self, newer: Arc<dyn Authenticator>) -> Result<(), ConfigError> {
        let rotated = self.rotating.rotate(newer);
        rotated.map_err(|error| self.vendor.error(error))
    }

    /// Reports that its source panicked.
    pub(super) async fn panicked(&self) -> Result<(), ConfigError> {
        let problem = SourceProblem::Other("panicked: see the program's output".to_owned());
        let looked = Err(self.vendor.unread(problem));
        self.note(&mut *self.state.lock().await, &looked);
        looked
    }

    /// Reads the source, and rotates to its key if that has changed.
    pub(super) async fn refresh(&self, transport: &Arc<dyn Transport>) -> Result<(), ConfigError> {
        let mut state = self.state.lock().await;
        let looked = self.look(&mut state, transport).await;
        self.note(&mut state, &looked);
        looked
    }

    /// Reports the result of a read. It logs only what has changed since the last one.
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
        // If the older key took over again, its expiry applies again, although no read caused that.
        self.vendor.report_expiry(self.is_dated(state));
    }

    async fn look(
        &self,
        state: &mut State,
        transport: &Arc<dyn Transport>,
    ) -> Result<(), ConfigError> {
        let secrets = self.read(transport).await?;
        let newest = fingerprint(&self.hasher, &secrets);
        if newest == state.secret {
            return Ok(());
        }
        let newer = if newest.key == self.first.key {
            self.vendor.authenticator(secrets, transport)?
        } else {
            self.vendor.newer_authenticator(secrets, transport)?
        };
        let was_settled = self.rotating.rotation() == Rotation::Settled;
        self.rotate(newer)?;
        let last = std::mem::replace(&mut state.secret, newest);
        // A key that was on trial or refused is forgotten: only a settled key becomes the older
        // one.
        if was_settled {
            state.before = last;
        }
        Ok(())
    }

    /// Logs a warning if the key has reached the next warning level. Returns the vendor's name and
    /// the days left if it did.
    pub(super) async fn warn(&self, now: SystemTime) -> Option<(String, i64)> {
        let mut state = self.state.lock().await;
        // Forgets the last failure, so that the next read logs it again if it persists.
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
