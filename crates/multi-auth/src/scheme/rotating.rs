//! A key that is replaced while requests use it: the newer one first on trial, the older one until
//! it has passed.
//!
//! ```
//! use multi_auth::{ApiKey, Keyring, Rotating};
//!
//! # fn main() -> Result<(), multi_auth::AuthError> {
//! let key = Rotating::new(ApiKey::header("x-api-key", "k-1")?);
//! let keyring = Keyring::builder().bind("https://api.example.com", key.clone())?.build();
//!
//! key.rotate(ApiKey::header("x-api-key", "k-2")?)?; // from now on; nobody builds a keyring anew
//! # Ok(())
//! # }
//! ```
//!
//! While the newer key is on trial, requests carry it. The first success (2xx) settles it, and the
//! older key goes, with its tokens. If the vendor refuses it instead (401, or what the scheme
//! itself takes for a refusal), or refuses to token request it, the older key serves on: that
//! request is sent once more with it, if it can be, and a warning is logged. The newer key is tried
//! again once the older one is refused, as where a vendor takes a while to know a key; where both
//! are, they change places once a minute. While there are two keys, a copy of each request is kept.
//!
//! - A permission that is missing (403, or `insufficient_scope`) says nothing of the key.
//! - A success of a call that needs no key settles a trial as any other does: keep the older key
//!   until the newer one has been seen at work where it counts.
//! - Where an answer speaks of two credentials, as in a [`AllOf`](crate::AllOf), it counts for
//!   both.
//! - Where the newer key's token request takes longer than a second, requests carry the older key's
//!   token meanwhile, if it has one.

mod keys;
pub use keys::Rotation;
mod trial;

use std::fmt;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use async_trait::async_trait;

use self::keys::{Key, Keys};
use self::trial::{PATIENCE, is_refusal};
use crate::telemetry::label::Label;
use crate::telemetry::metrics;
use crate::token::cache::{can_spawn, within};
use crate::{
    AuthError, Authenticator, BodyNeed, Clock, Credential, CredentialId, Placement, RequestHead,
    ResponseHead, SystemClock, Verdict,
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

    /// The same under a name in metrics: one for people, and no secret. Default: `unlabelled`.
    /// Clones made before have the name they had.
    #[must_use]
    pub fn with_label(self, label: &str) -> Self {
        Self {
            label: Label::of(label),
            ..self
        }
    }

    /// Puts `newer` in the place of the key that serves now, on trial. Of a key that is on trial
    /// still, nothing is left: the one before it stays the older one.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if it stands elsewhere than the key that serves: what a redirect leaves behind was asked of
    /// that one.
    pub fn rotate(&self, newer: impl Authenticator + 'static) -> Result<(), AuthError> {
        let (newer, now): (Key, _) = (Arc::new(newer), self.clock.monotonic());
        self.check_places(&newer)?;
        self.change(|keys| Some(keys.rotated(Arc::clone(&newer), now)));
        tracing::info!(name: "multi_auth.key.on_trial", vendor = self.label.name(), "a newer key serves, on trial");
        metrics::rotated(self.label, Rotation::OnTrial);
        Ok(())
    }

    /// Puts `newer` in the place of a key that is compromised, with no trial and no way back: the
    /// older key and one on trial are dropped, with their tokens, and no request gets one of them
    /// from now on. If the vendor refuses `newer`, requests fail until there is another one.
    ///
    /// A request that has its credential already is sent with it. A token request under way for the
    /// older key ends unused.
    ///
    /// # Errors
    ///
    /// As [`rotate`](Self::rotate); then the older key serves on.
    pub fn replace(&self, newer: impl Authenticator + 'static) -> Result<(), AuthError> {
        let newer: Key = Arc::new(newer);
        self.check_places(&newer)?;
        self.change(|keys| Some(keys.replaced(Arc::clone(&newer))));
        tracing::warn!(name: "multi_auth.key.replaced", vendor = self.label.name(), "the key was replaced: the older one is dropped");
        metrics::rotated(self.label, Rotation::Settled);
        Ok(())
    }

    /// Checks that `newer` is put in the same places as the key that serves.
    fn check_places(&self, newer: &Key) -> Result<(), AuthError> {
        const ELSEWHERE: AuthError = AuthError::unsupported(
            "a newer key must have the placement and the body need of the older one",
            "bind another scheme in a new keyring",
        );
        let (old, new) = (self.placements(), newer.placements());
        if self.needs_body() != newer.needs_body() {
            return Err(ELSEWHERE);
        }
        let stands_there = |place: &Placement| old.iter().any(|own| own.is_same_place(place));
        if old.len() == new.len() && new.iter().all(stands_there) {
            Ok(())
        } else {
            Err(ELSEWHERE)
        }
    }

    /// How far the last rotation has come.
    #[must_use]
    pub fn rotation(&self) -> Rotation {
        self.keys.load().rotation()
    }
}

#[async_trait]
impl Authenticator for Rotating {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let keys = self.keys.load();
        let ready = keys.current().ready(request);
        match (keys.mark(), ready) {
            (None, ready) => ready,
            (Some(mark), Some(Ok(credential))) => Some(Ok(Self::marked(credential, mark))),
            // What else is to be done, `authenticate` knows.
            (Some(_), Some(Err(_)) | None) => None,
        }
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        loop {
            let keys = self.keys.load_full();
            let obtained = self.obtain(&keys, request).await;
            // What a key gave that was replaced meanwhile is not used.
            if self.keys.load().is_of_the_same_replacement(&keys) {
                return obtained;
            }
        }
    }

    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let keys = self.keys.load();
        let mark = keys.mark().filter(|mark| id.holds(*mark));
        // The key of that request serves no more, and another does.
        if mark.is_none() && keys.is_over(id) && is_refusal(Verdict::Accept, response) {
            return Verdict::OtherKey;
        }
        let own = keys.current().judge(id, response);
        match mark {
            Some(mark) => self.judge_marked(&keys, mark, own, response),
            None => own,
        }
    }

    fn placements(&self) -> Vec<Placement> {
        self.keys.load().current().placements()
    }

    fn needs_body(&self) -> BodyNeed {
        self.keys.load().current().needs_body()
    }
}

impl Rotating {
    /// A credential of one of `keys`.
    async fn obtain(
        &self,
        keys: &Keys,
        request: &RequestHead<'_>,
    ) -> Result<Credential, AuthError> {
        let Some(mark) = keys.mark() else {
            return keys.current().authenticate(request).await;
        };
        let obtained = keys.current().authenticate(request);
        let older = keys.older().and_then(|older| older.ready(request));
        let obtained = match older {
            // A token request goes on without whoever waited for it, and the next request finds
            // what it brought.
            Some(Ok(older)) if can_spawn() => match within(PATIENCE, obtained).await {
                Some(obtained) => obtained,
                None => return Ok(older),
            },
            Some(_) | None => obtained.await,
        };
        match obtained {
            Ok(credential) => Ok(Self::marked(credential, mark)),
            Err(error) => self.instead(keys, mark, request, error).await,
        }
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
