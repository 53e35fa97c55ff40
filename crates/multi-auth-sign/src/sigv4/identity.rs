//! The identity that signs: its credentials and its key of the day.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use http::HeaderValue;
use multi_auth::{
    AuthError, Authenticator, Bearer, Clock, CredentialId, CurrentToken, Rejection, ResponseHead,
    TokenSource, Verdict,
};
use secrecy::ExposeSecret;

use super::key::DayKey;
use super::timestamp::Timestamp;
use super::{AwsCredentials, Settings, refusal};
use crate::header;

/// Credentials, and the key that was derived from them last.
pub(super) struct Identity {
    credentials: AwsCredentials,
    session_token: Option<HeaderValue>,
    day: ArcSwapOption<DayKey>,
}

impl Identity {
    fn new(credentials: AwsCredentials) -> Result<Self, AuthError> {
        let token = credentials.session_token.as_ref();
        let token = token.map(|token| header::secret(token.expose_secret()));
        Ok(Self {
            session_token: token.transpose()?,
            credentials,
            day: ArcSwapOption::empty(),
        })
    }

    pub(super) fn access_key_id(&self) -> &str {
        self.credentials.access_key_id()
    }

    pub(super) fn session_token(&self) -> Option<&HeaderValue> {
        self.session_token.as_ref()
    }

    /// The key of the day of `time`. It is derived once a day.
    pub(super) fn key(&self, time: &Timestamp, settings: &Settings) -> Arc<DayKey> {
        let known = self.day.load_full();
        if let Some(key) = known.filter(|key| key.is_of(time)) {
            return key;
        }
        let key = Arc::new(DayKey::derive(&self.credentials.secret, time, settings));
        self.day.store(Some(Arc::clone(&key)));
        key
    }
}

/// Where the credentials come from.
#[derive(Clone)]
pub(super) enum Source {
    Fixed(Arc<Identity>),
    Refreshed {
        bearer: Bearer,
        /// The identity of the last token that was used.
        known: Arc<ArcSwapOption<(CredentialId, Arc<Identity>)>>,
    },
}

/// An identity, and the ID of its token if it has one.
pub(super) type Signer = (Arc<Identity>, Option<CredentialId>);

impl Source {
    pub(super) fn fixed(credentials: AwsCredentials) -> Result<Self, AuthError> {
        Ok(Self::Fixed(Arc::new(Identity::new(credentials)?)))
    }

    pub(super) fn refreshed(
        source: impl TokenSource + 'static,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuthError> {
        let bearer = Bearer::builder(source)
            .clock(clock)
            .refresh_when(refusal::has_expired);
        // Other refusals concern the signature or a permission.
        let bearer = bearer.refresh_on([])?;
        Ok(Self::Refreshed {
            bearer: bearer.build(),
            known: Arc::default(),
        })
    }

    /// The credentials, if they are available now.
    pub(super) fn ready(&self) -> Option<Result<Signer, AuthError>> {
        match self {
            Self::Fixed(identity) => Some(Ok((Arc::clone(identity), None))),
            Self::Refreshed { bearer, known } => Some(signer(known, &bearer.ready_token()?)),
        }
    }

    pub(super) async fn obtain(&self) -> Result<Signer, AuthError> {
        match self {
            Self::Fixed(identity) => Ok((Arc::clone(identity), None)),
            Self::Refreshed { bearer, known } => signer(known, &bearer.token().await?),
        }
    }

    /// Judges the credentials behind a signature by the `response`.
    pub(super) fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        match self {
            Self::Fixed(_) if refusal::is_of_key(response) => Verdict::Reject(Rejection::FixedKey),
            Self::Fixed(_) => Verdict::Accept,
            Self::Refreshed { bearer, .. } => bearer.judge(id, response),
        }
    }
}

/// The identity of `token`.
fn signer(
    known: &ArcSwapOption<(CredentialId, Arc<Identity>)>,
    token: &CurrentToken,
) -> Result<Signer, AuthError> {
    let id = token.id().clone();
    if let Some(known) = known.load().as_ref().filter(|known| known.0 == id) {
        return Ok((Arc::clone(&known.1), Some(id)));
    }
    let credentials = AwsCredentials::of_token(token.value(), |name| token.part(name))?;
    let identity = Arc::new(Identity::new(credentials)?);
    known.store(Some(Arc::new((id.clone(), Arc::clone(&identity)))));
    Ok((identity, Some(id)))
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(identity) => identity.credentials.fmt(f),
            Self::Refreshed { bearer, .. } => bearer.fmt(f),
        }
    }
}
