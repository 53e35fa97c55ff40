//! The identity that signs: its credentials and its key of the day.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use http::{HeaderValue, StatusCode};
use multi_auth::{
    AuthError, Authenticator, Bearer, Clock, CredentialId, CurrentToken, Generation, Rejection,
    ResponseHead, TokenSource, Verdict,
};
use secrecy::ExposeSecret;

use super::key::DayKey;
use super::timestamp::Timestamp;
use super::{AwsCredentials, Settings};
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
    Fixed(Arc<Identity>, Generation),
    Refreshed {
        bearer: Bearer,
        /// The identity of the last token that was used.
        known: Arc<ArcSwapOption<(CredentialId, Arc<Identity>)>>,
    },
}

type Signer = (Arc<Identity>, CredentialId);

impl Source {
    pub(super) fn fixed(credentials: AwsCredentials) -> Result<Self, AuthError> {
        let identity = Arc::new(Identity::new(credentials)?);
        // With a generation, responses are judged: they may correct the clock.
        Ok(Self::Fixed(identity, Generation::next()))
    }

    pub(super) fn refreshed(
        source: impl TokenSource + 'static,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuthError> {
        let bearer = Bearer::builder(source)
            .clock(clock)
            .refresh_when(has_expired);
        // Other refusals concern the signature or a permission.
        let bearer = bearer.refresh_on([StatusCode::PROXY_AUTHENTICATION_REQUIRED])?;
        Ok(Self::Refreshed {
            bearer: bearer.build(),
            known: Arc::default(),
        })
    }

    /// The credentials, if they are available now.
    pub(super) fn ready(&self) -> Option<Result<Signer, AuthError>> {
        match self {
            Self::Fixed(identity, generation) => {
                let id = CredentialId::refreshable(*generation);
                Some(Ok((Arc::clone(identity), id)))
            }
            Self::Refreshed { bearer, known } => Some(signer(known, &bearer.ready_token()?)),
        }
    }

    pub(super) async fn obtain(&self) -> Result<Signer, AuthError> {
        match self {
            Self::Fixed(identity, generation) => {
                let id = CredentialId::refreshable(*generation);
                Ok((Arc::clone(identity), id))
            }
            Self::Refreshed { bearer, known } => signer(known, &bearer.token().await?),
        }
    }

    pub(super) fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        match self {
            Self::Fixed(_, own) if id.holds(*own) && has_refused_key(response) => {
                Verdict::Reject(Rejection::FixedKey)
            }
            Self::Fixed(..) => Verdict::Accept,
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
        return Ok((Arc::clone(&known.1), id));
    }
    let credentials = AwsCredentials::of_token(token.value(), |name| token.part(name))?;
    let identity = Arc::new(Identity::new(credentials)?);
    known.store(Some(Arc::new((id.clone(), Arc::clone(&identity)))));
    Ok((identity, id))
}

/// Whether AWS says that the session has expired.
fn has_expired(response: &ResponseHead<'_>) -> bool {
    is_error(response, &["ExpiredToken"])
}

/// Whether AWS says that it does not know the key, or that the signature is another one's.
fn has_refused_key(response: &ResponseHead<'_>) -> bool {
    const KINDS: [&str; 4] = [
        "InvalidClientTokenId",
        "InvalidSignature",
        "SignatureDoesNotMatch",
        "UnrecognizedClient",
    ];
    is_error(response, &KINDS)
}

/// Whether the error of `response` is one of these `kinds`. Services with XML tell it in the body.
fn is_error(response: &ResponseHead<'_>, kinds: &[&str]) -> bool {
    let kind = response.headers().get("x-amzn-errortype");
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    !response.status().is_success() && kinds.iter().any(|one| kind.starts_with(one))
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(identity, _) => identity.credentials.fmt(f),
            Self::Refreshed { bearer, .. } => bearer.fmt(f),
        }
    }
}
