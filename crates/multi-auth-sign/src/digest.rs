//! Digest authentication (RFC 7616): `Authorization: Digest username=.., realm=.., uri=..,
//! response=..`.

mod algorithm;
mod answer;
mod builder;
mod challenge;
mod counter;
mod earlier;
mod next_nonce;
mod origin;
mod quoted;
mod session;
mod user;

pub use builder::DigestBuilder;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::StatusCode;
use http::header::AUTHORIZATION;
use multi_auth::{
    AuthError, Authenticator, BodyNeed, Credential, CredentialId, Placement, RequestHead,
    ResponseHead, Verdict,
};
use secrecy::SecretString;

use self::answer::Answer;
use self::challenge::Choices;
use self::origin::Origin;
use self::user::User;
use crate::origins::Origins;
use crate::{SignError, header};

/// Digest authentication (RFC 7616): `Authorization: Digest username=.., realm=.., response=..`.
///
/// ```
/// use multi_auth::Keyring;
/// use multi_auth_sign::Digest;
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let digest = Digest::new("Mufasa", "Circle of Life")?;
/// let keyring = Keyring::builder().bind("https://device.example", digest)?.build();
/// # Ok(())
/// # }
/// ```
///
/// The first request to an origin is sent without a credential. Its challenge is answered and kept,
/// so that later requests are sent once. They are signed with the same nonce until the server gives
/// another one. No two requests with one nonce have the same `nc`.
///
/// A request with a body that can be read once is not sent again. Send another request first, such
/// as a `GET`, so that the challenge is known.
///
/// # Algorithms
///
/// SHA-512-256 and SHA-256, each with `-sess`. If the server offers several, the strongest is used.
///
/// MD5 is weak. It needs the Cargo feature `md5` of this crate and
/// `DigestBuilder::dangerous_md5`. Without them, a request to a server that offers only MD5 fails
/// with an error that says so. With them, MD5 is used only if the server offers no stronger
/// algorithm. A challenge without `qop` (RFC 2069) is answered only with MD5.
///
/// A later challenge may have a weaker algorithm than an earlier one. Refusing it would not help:
/// an attacker who can change challenges can change the first one. Use https.
///
/// Basic is never sent.
///
/// # Refusals
///
/// If a request is refused with another nonce, or with `stale=true`, it is signed with that nonce
/// and sent once more. If that is refused too, or the nonce is the same, the password counts as
/// wrong, and the response is delivered.
///
/// # Limits
///
/// User, password and realm are hashed as UTF-8, as they are given (RFC 7616, 4). A challenge whose
/// realm is in another encoding is an error. A user that is not ASCII is sent as `username*`, or as
/// a hash if the server asks for it.
///
/// `Proxy-Authenticate`, the parameter `domain`, and the server's proof `rspauth` are ignored. An
/// origin has one nonce at a time, so two realms at one origin cost additional requests. So does a
/// server that refuses concurrent requests which arrive in another order than that of their `nc`.
#[derive(Clone)]
pub struct Digest {
    settings: Arc<Settings>,
    origins: Arc<Origins<Origin>>,
}

struct Settings {
    user: User,
    choices: Choices,
}

impl Digest {
    /// Authenticates with a user and a password. Either may be empty.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `user` has a colon, or either has a control character.
    pub fn new(
        user: impl Into<SecretString>,
        password: impl Into<SecretString>,
    ) -> Result<Self, AuthError> {
        Self::builder().build(user, password)
    }

    /// Starts an authenticator with settings.
    #[must_use]
    pub fn builder() -> DigestBuilder {
        DigestBuilder::default()
    }

    /// Signs `request` if its origin has sent a challenge. If the challenge cannot be answered,
    /// `on_unusable` decides.
    fn sign(
        &self,
        request: &RequestHead<'_>,
        on_unusable: impl FnOnce(&SignError) -> Result<(), AuthError>,
    ) -> Result<Credential, AuthError> {
        if request.headers().contains_key(AUTHORIZATION) {
            return Ok(Credential::empty());
        }
        let origin = self.origins.at(request);
        let answer = origin.answer();
        let session = match &**answer {
            Answer::Session(session) => session,
            Answer::Unknown => return Ok(origin.watching()),
            Answer::Unusable(problem) => {
                return on_unusable(problem).map(|()| origin.watching());
            }
        };
        let Some(text) = session.sign(request)? else {
            origin.forget(session.generation);
            return Ok(origin.watching());
        };
        // Neither a challenge nor a target has a byte that a header field cannot have.
        let value = header::value(text)?;
        let id = CredentialId::refreshable(session.generation);
        Ok(Credential::header(AUTHORIZATION, value).with_id(id))
    }
}

#[async_trait]
impl Authenticator for Digest {
    /// A server that could not be answered may have been configured since: it is asked again.
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        Some(self.sign(request, |_| Ok(())))
    }

    /// Called after a challenge: [`ready`](Self::ready) always has a credential.
    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        self.sign(request, |problem| Err(problem.clone().into()))
    }

    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let Some(origin) = self.origins.of(id) else {
            return Verdict::Accept;
        };
        if response.status() == StatusCode::UNAUTHORIZED {
            return origin.refused(id, response, &self.settings);
        }
        origin.accepted(id, response, &self.settings);
        Verdict::Accept
    }

    fn placements(&self) -> Vec<Placement> {
        vec![Placement::authorization()]
    }

    fn needs_body(&self) -> BodyNeed {
        if self.settings.choices.has_integrity {
            BodyNeed::Digest
        } else {
            BodyNeed::Nothing
        }
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digest")
            .field("choices", &self.settings.choices)
            .field("origins", &self.origins.count())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
