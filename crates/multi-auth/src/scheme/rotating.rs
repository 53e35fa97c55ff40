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
//! older key serves on: that request is sent once more with it, and a warning is logged. The newer key is then tried again
//! once the older one is refused too, as where a vendor takes a while to know a key; where both are refused, they change places
//! after a minute, then two, and so on up to an hour.
//!
//! A success of a call that needs no key settles a trial as any other does: keep the older key until the newer one has been seen
//! at work where it counts.
//!
//! A permission that is missing (403, or `insufficient_scope`) says nothing of the key. A [`Chain`](crate::Chain) of two tokens
//! cannot be told apart in an answer: it takes its place without a trial.

mod keys;
pub use keys::Rotation;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use http::StatusCode;

use self::keys::Keys;
use crate::label::Label;
use crate::{
    AuthError, Authenticator, Clock, Credential, Generation, Lease, Placement, Rejection,
    RequestHead, ResponseHead, SystemClock, Verdict, metrics,
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
    clock: Arc<dyn Clock>,
}

impl Rotating {
    /// With `key` to begin with.
    pub fn new(key: impl Authenticator + 'static) -> Self {
        Self {
            keys: Arc::new(ArcSwap::from_pointee(Keys::new(Arc::new(key)))),
            change: Arc::default(),
            label: Label::default(),
            clock: SystemClock::shared(),
        }
    }

    /// The clock by which refused keys are tried again. Default: the machine's.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
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
        let newer = Arc::new(newer);
        let now = self.clock.monotonic();
        self.change(|keys| Some(keys.rotated(newer, now)));
        tracing::info!(name: "multi_auth.key.on_trial", vendor = self.label.name(), "a newer key serves, on trial");
        metrics::rotated(self.label, Rotation::OnTrial);
    }

    /// How far the last rotation has come.
    #[must_use]
    pub fn rotation(&self) -> Rotation {
        self.keys.load().rotation()
    }

    /// The key under `mark` has passed.
    #[cold]
    fn accept(&self, mark: Generation) {
        if self.change(|keys| keys.accepted(mark)) == Some(Rotation::Settled) {
            tracing::info!(
                name: "multi_auth.key.accepted",
                vendor = self.label.name(),
                "the newer key was accepted: the older one is dropped"
            );
            metrics::rotated(self.label, Rotation::Settled);
        }
    }

    /// The key under `mark` was refused; the answer tells whether another one serves now.
    #[cold]
    fn refuse(&self, mark: Generation) -> bool {
        let now = self.clock.monotonic();
        let Some(rotation) = self.change(|keys| keys.refused(mark, now)) else {
            return false;
        };
        let vendor = self.label.name();
        if rotation == Rotation::OnTrial {
            tracing::warn!(
                name: "multi_auth.key.tried_again",
                vendor,
                "the older key was refused too: the newer one is tried again"
            );
        } else {
            tracing::warn!(
                name: "multi_auth.key.refused",
                vendor,
                "the newer key was refused: the older one serves on"
            );
        }
        metrics::rotated(self.label, rotation);
        true
    }

    /// Puts other keys in place, if `change` gives some; the answer tells how far the rotation is then.
    fn change(&self, change: impl FnOnce(&Keys) -> Option<Keys>) -> Option<Rotation> {
        let _alone = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = change(&self.keys.load())?;
        let rotation = keys.rotation();
        self.keys.store(Arc::new(keys));
        Some(rotation)
    }

    /// `credential`, so that its answer is judged.
    fn marked(&self, credential: Credential, mark: Generation) -> Credential {
        match credential.lease().and(Lease::renewable(mark)) {
            Some(marked) if !credential.is_none() => credential.with_lease(marked),
            Some(_) => credential,
            // No room for a mark beside two tokens.
            None => {
                self.accept(mark);
                credential
            }
        }
    }

    /// What serves where the key of `keys` gave no credential, if another one does.
    async fn instead(
        &self,
        keys: &Keys,
        mark: Generation,
        request: &RequestHead<'_>,
        error: AuthError,
    ) -> Result<Credential, AuthError> {
        if error.is_transient() {
            return match keys.older() {
                Some(older) => older.authenticate(request).await,
                None => Err(error),
            };
        }
        self.refuse(mark);
        let now = self.keys.load_full();
        if Arc::ptr_eq(now.current(), keys.current()) {
            return Err(error);
        }
        now.current().authenticate(request).await
    }

    /// What a refusal says. A token that can be renewed is no reason to change a key that has served before.
    #[cold]
    fn judge_refusal(&self, keys: &Keys, lease: &Lease, response: &ResponseHead<'_>) -> Verdict {
        let is_marked = |mark: &Generation| lease.holds(*mark);
        let Some(mark) = keys.mark().filter(is_marked) else {
            if keys.is_over(lease) {
                return Verdict::Renew;
            }
            return keys.current().judge(lease, response);
        };
        let own = match keys.older() {
            Some(_) => Verdict::Accept,
            None => keys.current().judge(lease, response),
        };
        match own {
            Verdict::Renew => Verdict::Renew,
            _ if self.refuse(mark) => Verdict::Renew,
            // Marked, a fixed key is judged like a token.
            Verdict::Accept => Verdict::Reject(Rejection::FixedKey),
            Verdict::Reject(why) => Verdict::Reject(why),
        }
    }
}

#[async_trait]
impl Authenticator for Rotating {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let keys = self.keys.load();
        let ready = keys.current().ready(request);
        match (keys.mark(), ready) {
            (None, ready) => ready,
            (Some(mark), Some(Ok(credential))) => Some(Ok(self.marked(credential, mark))),
            // What else is to be done, `authenticate` knows.
            (Some(_), Some(Err(_)) | None) => None,
        }
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let keys = self.keys.load_full();
        let obtained = keys.current().authenticate(request).await;
        let Some(mark) = keys.mark() else {
            return obtained;
        };
        match obtained {
            Ok(credential) => Ok(self.marked(credential, mark)),
            Err(error) => self.instead(&keys, mark, request, error).await,
        }
    }

    fn judge(&self, lease: &Lease, response: &ResponseHead<'_>) -> Verdict {
        let keys = self.keys.load();
        if response.status() == StatusCode::UNAUTHORIZED && !response.lacks_scope() {
            return self.judge_refusal(&keys, lease, response);
        }
        if response.status().is_success()
            && let Some(mark) = keys.mark()
            && lease.holds(mark)
        {
            self.accept(mark);
        }
        keys.current().judge(lease, response)
    }

    fn placements(&self) -> Vec<Placement> {
        self.keys.load().current().placements()
    }
}

impl fmt::Debug for Rotating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotating")
            .field("current", self.keys.load().current())
            .field("rotation", &self.rotation())
            .finish_non_exhaustive()
    }
}
