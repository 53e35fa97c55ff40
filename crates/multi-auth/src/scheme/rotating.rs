//! Replaces a key while requests use it. The newer key is on trial until the vendor accepts it, and
//! the older key stays until then.

mod keys;
pub use keys::Rotation;
mod trial;

use std::fmt;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use url::Url;

use self::keys::{Key, Keys};
use self::trial::{MAX_WAIT, is_refusal};
use crate::telemetry::label::Label;
use crate::telemetry::metrics;
use crate::token::cache::{can_spawn, within};
use crate::{
    AuthError, Authenticator, BodyNeed, Clock, Credential, CredentialId, Placement, RequestHead,
    ResponseHead, SystemClock, TokenSnapshot, Verdict,
};

/// A key that can be replaced while requests use it.
///
/// A clone shares the key. Keep a clone to [`rotate`](Self::rotate) the key after you bind it in a
/// keyring.
///
/// ```
/// use multi_auth::{ApiKey, Keyring, Rotating};
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let key = Rotating::new(ApiKey::header("x-api-key", "k-1")?);
/// let keyring = Keyring::builder().bind("https://api.example.com", key.clone())?.build();
///
/// key.rotate(ApiKey::header("x-api-key", "k-2")?)?; // requests now carry k-2
/// # Ok(())
/// # }
/// ```
///
/// While the newer key is on trial, requests carry it. The first success (2xx) ends the trial, and
/// the older key is dropped with its tokens.
///
/// If the vendor or the token endpoint refuses the newer key (401, or another refusal of its
/// scheme), the older key is used again. The request is replayed with it, if possible, and a
/// warning is logged. The newer key is tried again when the older one is refused, because a vendor
/// may need some time to activate a key. If both are refused, they alternate once a minute.
///
/// While there are two keys, a copy of each request is kept.
///
/// - A missing permission (403, or `insufficient_scope`) says nothing about the key.
/// - A successful request that needs no key ends the trial too. Before you revoke the older key,
///   check that a request that needs the newer one succeeds.
/// - The response to a request with two credentials, such as an [`AllOf`](crate::AllOf), counts for
///   both.
/// - If the token request of the newer key takes longer than a second, requests carry the token of
///   the older key in the meantime, if it has one.
#[derive(Clone)]
pub struct Rotating {
    keys: Arc<ArcSwap<Keys>>,
    /// Held while the keys change. Readers do not take it.
    change: Arc<Mutex<()>>,
    /// The label in metrics.
    label: Label,
    clock: Arc<dyn Clock>,
}

impl Rotating {
    /// Starts with `key`.
    pub fn new(key: impl Authenticator + 'static) -> Self {
        Self {
            keys: Arc::new(ArcSwap::from_pointee(Keys::new(Arc::new(key)))),
            change: Arc::default(),
            label: Label::default(),
            clock: SystemClock::shared(),
        }
    }

    /// Sets the clock for the delay before a refused key is tried again. Default: [`SystemClock`].
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Sets the label in metrics, a name without any secret. Default: `unlabelled`. Earlier clones
    /// keep their label.
    #[must_use]
    pub fn with_label(self, label: &str) -> Self {
        Self {
            label: Label::of(label),
            ..self
        }
    }

    /// Replaces the current key by `newer`, on trial. If the current key is on trial too, it is
    /// dropped, and the key before it stays as the older one.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `newer` has another placement than the current key, because
    /// redirects remove only the placements from when the keyring was built. Also if only one of
    /// them needs the bodies of requests or responses, or [checks
    /// hosts](Authenticator::checks_host).
    pub fn rotate(&self, newer: impl Authenticator + 'static) -> Result<(), AuthError> {
        let (newer, now): (Key, _) = (Arc::new(newer), self.clock.monotonic());
        self.check_compatible(&newer)?;
        self.change(|keys| Some(keys.rotated(Arc::clone(&newer), now)));
        tracing::info!(name: "multi_auth.key.on_trial", vendor = self.label.name(), "a newer key is in use, on trial");
        metrics::rotated(self.label, Rotation::OnTrial);
        Ok(())
    }

    /// Replaces a compromised key by `newer`, without a trial. All other keys are dropped with
    /// their tokens, and no later request gets them. If the vendor refuses `newer`, requests fail
    /// until you rotate again.
    ///
    /// A request that already has its credential is still sent. If a token request for an older key
    /// is under way, its token is not used.
    ///
    /// # Errors
    ///
    /// As [`rotate`](Self::rotate); the current key then stays in use.
    pub fn replace(&self, newer: impl Authenticator + 'static) -> Result<(), AuthError> {
        let newer: Key = Arc::new(newer);
        self.check_compatible(&newer)?;
        self.change(|keys| Some(keys.replaced(Arc::clone(&newer))));
        tracing::warn!(name: "multi_auth.key.replaced", vendor = self.label.name(), "the key was replaced: the older one is dropped");
        metrics::rotated(self.label, Rotation::Settled);
        Ok(())
    }

    /// Checks that `newer` can be used where the current key was bound.
    fn check_compatible(&self, newer: &Key) -> Result<(), AuthError> {
        const OTHER: AuthError = AuthError::unsupported(
            "a newer key must have the placement, the body needs and the host check of the older one",
            "bind another scheme in a new keyring",
        );
        let (old, new) = (self.placements(), newer.placements());
        let is_alike = self.needs_body() == newer.needs_body()
            && self.reads_responses() == newer.reads_responses()
            && self.checks_host() == newer.checks_host();
        if !is_alike {
            return Err(OTHER);
        }
        let is_known = |place: &Placement| old.iter().any(|own| own.is_same_place(place));
        if old.len() == new.len() && new.iter().all(is_known) {
            Ok(())
        } else {
            Err(OTHER)
        }
    }

    /// The state of the last rotation.
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
            // `authenticate` does the rest.
            (Some(_), Some(Err(_)) | None) => None,
        }
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        loop {
            let keys = self.keys.load_full();
            let obtained = self.obtain(&keys, request).await;
            // The credential of a key that was replaced in the meantime is not used.
            if self.keys.load().has_same_replacements(&keys) {
                return obtained;
            }
        }
    }

    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let keys = self.keys.load();
        let mark = keys.mark().filter(|mark| id.holds(*mark));
        // The key of that request was replaced.
        if mark.is_none() && keys.has_ended(id) && is_refusal(Verdict::Accept, response) {
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

    fn needs_body_of(&self, request: &RequestHead<'_>) -> BodyNeed {
        self.keys.load().current().needs_body_of(request)
    }

    fn checks_host(&self) -> bool {
        self.keys.load().current().checks_host()
    }

    async fn base_url(&self) -> Result<Option<Url>, AuthError> {
        let keys = self.keys.load_full();
        match keys.current().base_url().await {
            Err(error) => self.older_base_url(&keys, error).await,
            named => named,
        }
    }

    fn reads_responses(&self) -> bool {
        self.keys.load().current().reads_responses()
    }

    fn token_snapshot(&self) -> Option<TokenSnapshot> {
        self.keys.load().current().token_snapshot()
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
            // The token request continues without this caller, and the next request finds its
            // token.
            Some(Ok(older)) if can_spawn() => match within(MAX_WAIT, obtained).await {
                Some(obtained) => obtained,
                None => return Ok(older),
            },
            Some(_) | None => obtained.await,
        };
        match obtained {
            Ok(credential) => Ok(Self::marked(credential, mark)),
            Err(error) => self.fall_back(keys, mark, request, error).await,
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
