//! A fixed key, which is not sent after its expiry date, if it has one.

use std::sync::Arc;
use std::time::SystemTime;

use secrecy::SecretString;

use crate::credential::PerThread;
use crate::{AuthError, Clock, Credential, CredentialId, Placement, RequestHead, SystemClock};

/// The credential of [`Basic`](super::Basic) and [`ApiKey`](super::ApiKey).
#[derive(Clone, Debug)]
pub(super) struct FixedKey {
    /// The name of the key in errors.
    what: &'static str,
    placement: Placement,
    attachment: PerThread,
    expiry: Option<SystemTime>,
    clock: Arc<dyn Clock>,
}

impl FixedKey {
    pub(super) fn new(
        what: &'static str,
        placement: Placement,
        key: &SecretString,
    ) -> Result<Self, AuthError> {
        let attachment = placement.attachment(key);
        let attachment = attachment.map_err(|problem| AuthError::invalid_secret(what, problem))?;
        Ok(Self {
            what,
            placement,
            attachment: PerThread::new(attachment),
            expiry: None,
            clock: SystemClock::shared(),
        })
    }

    pub(super) fn named(self, what: &'static str) -> Self {
        Self { what, ..self }
    }

    pub(super) fn with_expiry(self, expiry: SystemTime) -> Self {
        Self {
            expiry: Some(expiry),
            ..self
        }
    }

    pub(super) fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    pub(super) fn placement(&self) -> &Placement {
        &self.placement
    }

    #[inline]
    pub(super) fn ready(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        match self.expiry {
            Some(since) if self.clock.wall() >= since => self.expired(since, request),
            Some(_) | None => Ok(Credential::new(
                self.attachment.get(),
                CredentialId::fixed(),
            )),
        }
    }

    /// An expired key does no harm if the caller set a credential.
    #[cold]
    fn expired(
        &self,
        since: SystemTime,
        request: &RequestHead<'_>,
    ) -> Result<Credential, AuthError> {
        if self.placement.is_taken(request) {
            return Ok(Credential::empty());
        }
        Err(AuthError::KeyExpired {
            what: self.what,
            since,
        })
    }
}
