//! A key that is replaced while requests use it: the newer one first on trial, the older one until it has passed.
//!
//! ```
//! use multi_auth::{ApiKey, Keyring, Rotating};
//!
//! # fn main() -> Result<(), multi_auth::AuthError> {
//! let key = Rotating::new(ApiKey::header("x-api-key", "k-1")?);
//! let keyring = Keyring::builder().bind("https://api.example.com", key.clone())?.build();
//!
//! key.rotate(ApiKey::header("x-api-key", "k-2")?); // from now on; nobody builds a keyring anew
//! # Ok(())
//! # }
//! ```
//!
//! While the newer key is on trial, requests carry it, and a copy of each is kept. The first answer of success (2xx) settles
//! it, and the older key goes, with its tokens. If the vendor refuses it instead (401), or its exchange fails for good, the
//! older key serves on: that request is sent once more with it, a warning is logged, and the newer key is not tried again.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use http::StatusCode;

use crate::label::Label;
use crate::{
    AuthError, Authenticator, Credential, Generation, Lease, Placement, RequestHead, ResponseHead,
    Verdict, metrics,
};

/// A credential that can be replaced while requests use it. A clone shares it: keep one to
/// [`rotate`](Self::rotate) what a keyring uses.
#[derive(Clone)]
pub struct Rotating {
    keys: Arc<ArcSwap<Keys>>,
    /// Held while the keys are changed, and by nobody who reads them.
    change: Arc<Mutex<()>>,
    /// What people call it.
    label: Label,
}

/// How far a rotation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// One key serves, and no other waits.
    Settled,
    /// A newer key serves, and no answer has shown yet that the vendor accepts it.
    OnTrial,
    /// The vendor refused the newer key: the older one serves on.
    Refused,
}

type Key = Arc<dyn Authenticator>;

#[derive(Clone)]
struct Keys {
    /// Which one serves.
    current: Key,
    trial: Trial,
    /// The trials that ended without success: whoever is refused under one of them is served again. The last few are
    /// enough, for requests under way last no longer.
    over: Vec<Generation>,
}

#[derive(Clone)]
enum Trial {
    None,
    /// `current` is on trial; its leases hold the generation.
    Running {
        older: Key,
        generation: Generation,
    },
    /// So was the key before `current`, which is the older one again.
    Failed,
}

/// How many trials are remembered.
const REMEMBERED: usize = 8;

impl Rotating {
    /// With `key` to begin with.
    pub fn new(key: impl Authenticator + 'static) -> Self {
        let keys = Keys {
            current: Arc::new(key),
            trial: Trial::None,
            over: Vec::new(),
        };
        Self {
            keys: Arc::new(ArcSwap::from_pointee(keys)),
            change: Arc::default(),
            label: Label::default(),
        }
    }

    /// The same under a name in metrics: one for people, and no secret. Default: `unlabelled`. Clones made before have
    /// the name they had.
    #[must_use]
    pub fn with_label(self, label: &str) -> Self {
        Self {
            label: Label::of(label),
            ..self
        }
    }

    /// Puts `newer` in the place of the key that serves now, on trial. Of a key that is on trial still, nothing is left: the
    /// one before it stays the older one.
    ///
    /// It must stand where the first one does: what a redirect leaves behind was asked of that.
    pub fn rotate(&self, newer: impl Authenticator + 'static) {
        let newer: Key = Arc::new(newer);
        self.change(|keys| {
            let (older, over) = match &keys.trial {
                Trial::Running { older, generation } => (older, keys.over_and(*generation)),
                Trial::None | Trial::Failed => (&keys.current, keys.over.clone()),
            };
            let trial = Trial::Running {
                older: Arc::clone(older),
                generation: Generation::next(),
            };
            Some(Keys {
                current: Arc::clone(&newer),
                trial,
                over,
            })
        });
        tracing::info!(name: "multi_auth.key.on_trial", vendor = self.label.name(), "a newer key serves, on trial");
        metrics::rotated(self.label, Rotation::OnTrial);
    }

    /// How far the last rotation has come.
    #[must_use]
    pub fn rotation(&self) -> Rotation {
        match self.keys.load().trial {
            Trial::None => Rotation::Settled,
            Trial::Running { .. } => Rotation::OnTrial,
            Trial::Failed => Rotation::Refused,
        }
    }

    /// The newer key has passed: the older one goes, and its tokens.
    #[cold]
    fn settle(&self, passed: Generation) {
        let has_changed = self.change(|keys| match &keys.trial {
            Trial::Running { generation, .. } if *generation == passed => Some(Keys {
                trial: Trial::None,
                ..keys.clone()
            }),
            Trial::Running { .. } | Trial::None | Trial::Failed => None,
        });
        if has_changed {
            tracing::info!(
                name: "multi_auth.key.accepted",
                vendor = self.label.name(),
                "the newer key was accepted: the older one is dropped"
            );
            metrics::rotated(self.label, Rotation::Settled);
        }
    }

    /// The newer key has failed: the older one serves on.
    #[cold]
    fn fall_back(&self, failed: Generation) {
        let has_changed = self.change(|keys| match &keys.trial {
            Trial::Running { older, generation } if *generation == failed => Some(Keys {
                current: Arc::clone(older),
                trial: Trial::Failed,
                over: keys.over_and(failed),
            }),
            Trial::Running { .. } | Trial::None | Trial::Failed => None,
        });
        if has_changed {
            tracing::warn!(
                name: "multi_auth.key.refused",
                vendor = self.label.name(),
                "the newer key was refused: the older one serves on"
            );
            metrics::rotated(self.label, Rotation::Refused);
        }
    }

    /// Puts other keys in place, if `change` gives some; the answer tells whether it did.
    fn change(&self, change: impl FnOnce(&Keys) -> Option<Keys>) -> bool {
        let _alone = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&self.keys.load());
        let has_changed = changed.is_some();
        if let Some(keys) = changed {
            self.keys.store(Arc::new(keys));
        }
        has_changed
    }
}

impl Keys {
    /// The trials that are over, and `last`.
    fn over_and(&self, last: Generation) -> Vec<Generation> {
        let mut over = self.over.clone();
        over.push(last);
        over.drain(..over.len().saturating_sub(REMEMBERED));
        over
    }
}

/// `credential` of a key on trial, so that its answer is judged.
fn marked(credential: Credential, trial: Generation) -> Credential {
    let lease = credential.lease();
    // A chain of two tokens has no room for a mark: it serves without a trial.
    match lease.and(Lease::renewable(trial)) {
        Some(marked) if !credential.is_none() => credential.with_lease(marked),
        Some(_) | None => credential,
    }
}

#[async_trait]
impl Authenticator for Rotating {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let keys = self.keys.load();
        let ready = keys.current.ready(request);
        match (&keys.trial, ready) {
            (Trial::None | Trial::Failed, ready) => ready,
            (Trial::Running { generation, .. }, Some(Ok(credential))) => {
                Some(Ok(marked(credential, *generation)))
            }
            // What else is to be done, `authenticate` knows.
            (Trial::Running { .. }, Some(Err(_)) | None) => None,
        }
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let keys = self.keys.load_full();
        let obtained = keys.current.authenticate(request).await;
        let Trial::Running { older, generation } = &keys.trial else {
            return obtained;
        };
        match obtained {
            Ok(credential) => Ok(marked(credential, *generation)),
            Err(error) => {
                if !error.is_transient() {
                    self.fall_back(*generation);
                }
                older.authenticate(request).await
            }
        }
    }

    fn judge(&self, lease: &Lease, response: &ResponseHead<'_>) -> Verdict {
        let keys = self.keys.load();
        let status = response.status();
        let is_refused = status == StatusCode::UNAUTHORIZED;
        if let Trial::Running { generation, .. } = keys.trial
            && lease.holds(generation)
        {
            if is_refused {
                self.fall_back(generation);
                return Verdict::Renew;
            }
            if status.is_success() {
                self.settle(generation);
            }
        }
        // The key of that request serves no more, and another does.
        if is_refused && keys.over.iter().any(|over| lease.holds(*over)) {
            return Verdict::Renew;
        }
        keys.current.judge(lease, response)
    }

    fn placements(&self) -> Vec<Placement> {
        self.keys.load().current.placements()
    }
}

impl fmt::Debug for Rotating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotating")
            .field("current", &self.keys.load().current)
            .field("rotation", &self.rotation())
            .finish_non_exhaustive()
    }
}
