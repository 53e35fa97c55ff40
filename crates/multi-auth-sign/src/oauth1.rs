//! OAuth 1.0a (RFC 5849): `Authorization: OAuth oauth_nonce="..", oauth_timestamp="..", ..,
//! oauth_signature=".."`.

mod base_string;
mod builder;
mod encoding;
mod method;
mod parameters;

pub use builder::OAuth1Builder;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use multi_auth::{
    AuthError, Authenticator, BodyNeed, Clock, Credential, Placement, RequestHead, SecretString,
};
use secrecy::zeroize::Zeroizing;

use self::method::SignatureMethod;
use self::parameters::Parameters;
use crate::hmac::Nonces;
use crate::{SignError, TimestampFormat, header};

/// Signs requests with OAuth 1.0a (RFC 5849), in the field `Authorization` (3.5.1).
///
/// ```
/// use multi_auth::Keyring;
/// use multi_auth_sign::OAuth1;
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// # let (consumer_secret, token_secret) = ("kd94hf93k423kf44", "pfkkdhi9sl3r4s00");
/// let netsuite = OAuth1::builder("dpf43f3p2l4k3l03", consumer_secret)
///     .token("nnch734d00sl2jdk", token_secret)
///     .realm("1234567_SB1")
///     .hmac_sha256()
///     .build()?;
/// let keyring = Keyring::builder()
///     .bind("https://1234567-sb1.suitetalk.api.netsuite.com", netsuite)?
///     .build();
/// # Ok(())
/// # }
/// ```
///
/// # What is signed
///
/// The method, the scheme, the host, the port, the path, the parameters of the query, and those of
/// a form in the body. A form is a body whose `Content-Type` is
/// `application/x-www-form-urlencoded`. Other bodies and all other fields are not signed: see
/// [`body_hash`](OAuth1Builder::body_hash). A layer below the adapter must not change what is
/// signed.
///
/// If the request has `Authorization`, or `oauth_signature` in its query or its form, it is sent as
/// it is.
///
/// # Bodies
///
/// A form in memory is signed. A form that is a stream is an error. Other bodies may be streams.
///
/// # Algorithms
///
/// HMAC-SHA1 is the default (3.4.2). [`hmac_sha256`](OAuth1Builder::hmac_sha256) is not in the RFC,
/// and some servers require it. RSA-SHA1 (3.4.3) is not supported.
#[derive(Clone)]
pub struct OAuth1(Arc<Settings>);

struct Settings {
    /// The scheme, and the realm if there is one: `OAuth realm="..", `.
    start: Box<str>,
    /// The protocol parameters that each request has, with encoded values.
    fixed: Box<[(&'static str, Box<str>)]>,
    method: SignatureMethod,
    has_body_hash: bool,
    nonces: Nonces,
    clock: Arc<dyn Clock>,
}

/// A protocol parameter with its encoded value.
type Protocol<'s> = (&'static str, Cow<'s, str>);

impl OAuth1 {
    /// Starts a signer for the client with this key and this secret, which the server gave it.
    /// Vendors call them the consumer key or API key and its secret.
    #[must_use]
    pub fn builder(consumer_key: &str, consumer_secret: impl Into<SecretString>) -> OAuth1Builder {
        OAuth1Builder::new(consumer_key, consumer_secret.into())
    }

    fn sign(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let settings = &*self.0;
        let protocol = settings.protocol(request)?;
        let text = if settings.method.reads_request() {
            let mut parameters = Parameters::of(request)?;
            if parameters.have_signature() {
                return Ok(Credential::empty());
            }
            parameters.extend(&protocol);
            base_string::write(request, parameters)?
        } else {
            Vec::new()
        };
        let signature = settings.method.sign(&text);
        let value = header::value(settings.header(&protocol, &signature))?;
        Ok(Credential::header(AUTHORIZATION, value))
    }

    /// Whether the body of `request` is signed.
    fn reads_body(&self, request: &RequestHead<'_>) -> bool {
        let settings = &*self.0;
        settings.method.reads_request() && (settings.has_body_hash || parameters::is_form(request))
    }
}

impl Settings {
    /// The protocol parameters of a request, except the signature (RFC 5849, 3.1).
    fn protocol(&self, request: &RequestHead<'_>) -> Result<Vec<Protocol<'_>>, SignError> {
        let now = self.clock.wall();
        let nonce = encoding::encoded(self.nonces.next(now)?.as_bytes()).into_owned();
        let timestamp = TimestampFormat::Seconds.write(now)?;
        let mut protocol = Vec::with_capacity(self.fixed.len() + 3);
        protocol.push(("oauth_nonce", nonce.into()));
        protocol.push(("oauth_timestamp", timestamp.into()));
        let fixed = self.fixed.iter();
        protocol.extend(fixed.map(|(name, value)| (*name, Cow::Borrowed(&**value))));
        if self.has_body_hash && !parameters::is_form(request) {
            let hash = self.method.body_hash(body(request)?);
            protocol.push(("oauth_body_hash", hash.into()));
        }
        Ok(protocol)
    }

    /// The value of `Authorization` (RFC 5849, 3.5.1).
    fn header(&self, protocol: &[Protocol<'_>], signature: &str) -> Zeroizing<String> {
        let length = protocol
            .iter()
            .map(|(name, value)| name.len() + value.len() + 5);
        let length = self.start.len() + length.sum::<usize>() + signature.len() + 18;
        // With `PLAINTEXT`, it holds the secrets.
        let mut header = Zeroizing::new(String::with_capacity(length));
        header.push_str(&self.start);
        let parameters = protocol.iter().map(|(name, value)| (*name, &**value));
        for (name, value) in parameters.chain([("oauth_signature", signature)]) {
            if header.len() > self.start.len() {
                header.push_str(", ");
            }
            header.push_str(name);
            header.push_str("=\"");
            header.push_str(value);
            header.push('"');
        }
        header
    }
}

/// The body, of which a hash is sent.
fn body<'r>(request: &RequestHead<'r>) -> Result<&'r [u8], SignError> {
    const STREAM: SignError = SignError::signature(
        "the body is a stream, which has no hash to sign",
        "give the body as bytes (with tower, add `with_replay(ReplayClone)` or `BufferBody` to the layer), or build the signer without `body_hash`",
    );
    request.body().bytes().ok_or(STREAM)
}

impl Authenticator for OAuth1 {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        if has_signature(request) {
            return Some(Ok(Credential::empty()));
        }
        Some(self.sign(request))
    }

    fn placements(&self) -> Vec<Placement> {
        vec![Placement::authorization()]
    }

    fn needs_body(&self) -> BodyNeed {
        if self.0.method.reads_request() {
            BodyNeed::Digest
        } else {
            BodyNeed::Nothing
        }
    }

    fn needs_body_of(&self, request: &RequestHead<'_>) -> BodyNeed {
        if has_signature(request) || !self.reads_body(request) {
            return BodyNeed::Nothing;
        }
        BodyNeed::Digest
    }
}

/// Whether the caller has signed the request, in its header or in its query (RFC 5849, 3.5).
fn has_signature(request: &RequestHead<'_>) -> bool {
    let mut parts = request.query().unwrap_or_default().split('&');
    request.headers().contains_key(AUTHORIZATION)
        || parts.any(|part| part.starts_with("oauth_signature="))
}

impl fmt::Debug for OAuth1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth1")
            .field("method", &self.0.method)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
