//! Runs a trial: chooses the credential, judges the response, and reports the result.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use http::StatusCode;
use url::Url;

use super::keys::Keys;
use super::{Rotating, Rotation};
use crate::telemetry::metrics;
use crate::{AuthError, Credential, Generation, Rejection, RequestHead, ResponseHead, Verdict};

impl Rotating {
    /// The key under `mark` was accepted.
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

    /// The key under `mark` was refused. Returns whether another one is in use now.
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
                "the newer key was refused: the older one is used again"
            );
        }
        metrics::rotated(self.label, rotation);
        true
    }

    /// Replaces the keys, if `change` returns others, and returns the state of the rotation.
    pub(super) fn change(&self, change: impl Fn(&Keys) -> Option<Keys>) -> Option<Rotation> {
        // Most responses change nothing and take no lock.
        change(&self.keys.load())?;
        let _alone = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = change(&self.keys.load())?;
        let rotation = keys.rotation();
        self.keys.store(Arc::new(keys));
        Some(rotation)
    }

    /// `credential` with `mark` in its ID, so that its response is judged.
    pub(super) fn marked(credential: Credential, mark: Generation) -> Credential {
        if credential.is_empty() {
            return credential;
        }
        let marked = credential.id().marked(mark);
        credential.with_id(marked)
    }

    /// The credential of the other key, after the key in use failed with `error`.
    pub(super) async fn fall_back(
        &self,
        keys: &Keys,
        mark: Generation,
        request: &RequestHead<'_>,
        error: AuthError,
    ) -> Result<Credential, AuthError> {
        if error.is_about_the_key() {
            self.refuse(mark);
            let now = self.keys.load_full();
            if Arc::ptr_eq(now.current(), keys.current()) {
                return Err(error);
            }
            let credential = now.current().authenticate(request).await?;
            return Ok(match now.mark() {
                Some(mark) => Self::marked(credential, mark),
                None => credential,
            });
        }
        match keys.older() {
            Some(older) => older.authenticate(request).await,
            None => Err(error),
        }
    }

    /// The base URL by the other key, after the key in use failed with `error`.
    pub(super) async fn older_base_url(
        &self,
        keys: &Keys,
        error: AuthError,
    ) -> Result<Option<Url>, AuthError> {
        let Some(mark) = keys.mark() else {
            return Err(error);
        };
        if error.is_about_the_key() {
            self.refuse(mark);
        }
        let now = self.keys.load_full();
        let other = if Arc::ptr_eq(now.current(), keys.current()) {
            keys.older()
        } else {
            Some(now.current())
        };
        match other {
            Some(other) => other.base_url().await,
            None => Err(error),
        }
    }

    /// The verdict on the key under `mark`. `own` is the verdict of the key's scheme.
    pub(super) fn judge_marked(
        &self,
        keys: &Keys,
        mark: Generation,
        own: Verdict,
        response: &ResponseHead<'_>,
    ) -> Verdict {
        if !is_refusal(own, response) {
            if own == Verdict::Accept && response.status().is_success() {
                self.accept(mark);
            }
            return own;
        }
        // A token that can be refreshed is no reason to replace a key that was accepted before.
        if keys.older().is_none() && own == Verdict::Refresh {
            return Verdict::Refresh;
        }
        // A second refusal of the same request does not switch back.
        if response.is_after_other_key() || self.refuse(mark) {
            return Verdict::OtherKey;
        }
        match own {
            // With the mark, a fixed key is judged like a token.
            Verdict::Accept => Verdict::Reject(Rejection::FixedKey),
            own => own,
        }
    }
}

/// How long a request waits for the newer key's token if the older key has one.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(1);

/// Whether `response` refuses the key. `own` is the verdict of the key's scheme.
pub(super) fn is_refusal(own: Verdict, response: &ResponseHead<'_>) -> bool {
    match own {
        Verdict::Refresh
        | Verdict::OtherKey
        | Verdict::Several(_)
        | Verdict::Reject(Rejection::Throttled | Rejection::FixedKey) => true,
        Verdict::Resign | Verdict::Reject(Rejection::InsufficientScope | Rejection::Proof) => false,
        Verdict::Accept | Verdict::Reject(Rejection::RefreshDisabled) => {
            response.status() == StatusCode::UNAUTHORIZED && !response.lacks_scope()
        }
    }
}
