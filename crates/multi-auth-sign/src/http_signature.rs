//! HTTP message signatures: `Signature-Input: sig1=("@method" ..);created=..;keyid=".."` and
//! `Signature: sig1=:..:` (RFC 9421), with `Content-Digest: sha-256=:..:` (RFC 9530).

mod base;
mod builder;
mod component;
mod digest;
mod nonce;
mod parameters;
mod web_bot_auth;

pub use builder::HttpSignatureBuilder;

use std::fmt;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use multi_auth::{AuthError, Authenticator, BodyNeed, Clock, Credential, Placement, RequestHead};

use self::base::Signed;
use self::component::Component;
use self::digest::{CONTENT_DIGEST, ContentDigest, Hash, write_base64};
use self::parameters::Parameters;
use self::web_bot_auth::SIGNATURE_AGENT;
use crate::{SignError, SigningKey, header};

const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");

/// Signs requests with HTTP message signatures (RFC 9421).
///
/// ```
/// use std::time::Duration;
///
/// use multi_auth::{AuthError, Keyring, SecretString};
/// use multi_auth_sign::{Algorithm, HttpSignature, SigningKey};
///
/// fn keyring(private_key: SecretString) -> Result<Keyring, AuthError> {
///     let key = SigningKey::from_pem(Algorithm::EdDSA, private_key)?.with_key_id("my-key")?;
///     let signature = HttpSignature::builder(key)
///         .tag("my-app")
///         .expires_after(Duration::from_secs(300))
///         .nonce()
///         .build()?;
///     Ok(Keyring::builder().bind("https://api.example.com", signature)?.build())
/// }
/// # fn main() {}
/// ```
///
/// # What is signed
///
/// By default, the signature covers the method, the host, the path, the query, the body if there
/// is one, and `Content-Type` if the request has it.
/// [`components`](HttpSignatureBuilder::components) chooses other parts. It has the parameters
/// `created` and, if the key has an [ID](SigningKey::key_id), `keyid`.
///
/// If the request has `Signature` or `Signature-Input`, it is sent as it is. A layer below the
/// adapter must not change what is signed.
///
/// To cover a field that another authenticator sets, such as `Authorization`, bind both in a
/// [`Sequence`](multi_auth::Sequence) with the signature second.
///
/// # Bodies
///
/// A body is covered by its digest, in the field `Content-Digest` (RFC 9530). If the request has
/// that field, its value is signed as it is and the body is not read. Otherwise a body in memory
/// is hashed, and a request whose body is a stream fails.
///
/// # Algorithms
///
/// | key | `alg` in RFC 9421, 3.3 |
/// |---|---|
/// | `EdDSA` | `ed25519` |
/// | ES256 | `ecdsa-p256-sha256` |
/// | ES384 | `ecdsa-p384-sha384` |
/// | HS256 | `hmac-sha256` |
/// | PS512 | `rsa-pss-sha512` |
/// | RS256 | `rsa-v1_5-sha256` |
///
/// Each request is signed on the thread that sends it. With an RSA key that takes
/// [a millisecond or more](SigningKey#cost).
#[derive(Clone)]
pub struct HttpSignature {
    settings: Arc<Settings>,
}

struct Settings {
    key: SigningKey,
    /// The label and the equals sign behind it.
    label: Box<str>,
    components: Box<[Component]>,
    parameters: Parameters,
    hash: Hash,
    /// The value of `Signature-Agent`.
    agent: Option<HeaderValue>,
    clock: Arc<dyn Clock>,
}

impl HttpSignature {
    /// Starts a signer with `key`.
    #[must_use]
    pub fn builder(key: SigningKey) -> HttpSignatureBuilder {
        HttpSignatureBuilder::new(key)
    }

    fn new(settings: Settings) -> Self {
        Self {
            settings: Arc::new(settings),
        }
    }

    fn covers_content_digest(&self) -> bool {
        let mut components = self.settings.components.iter();
        components.any(Component::is_content_digest)
    }

    fn sign(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        const AGENT: SignError = SignError::signature(
            "the request has a `Signature-Agent` field, which the signer adds",
            "remove the field, or build the signer without `web_bot_auth`",
        );
        let settings = &*self.settings;
        if settings.agent.is_some() && request.headers().contains_key(SIGNATURE_AGENT) {
            return Err(AGENT.into());
        }
        let digest = ContentDigest::of(request, settings)?;
        let text = Text::of(request, &digest, settings)?;
        let signature = settings.key.sign(&text.base)?;
        let digest = match digest {
            ContentDigest::Computed(value) => Some((CONTENT_DIGEST, header::value(value)?)),
            ContentDigest::Given | ContentDigest::Uncovered => None,
        };
        let agent = settings.agent.clone().map(|agent| (SIGNATURE_AGENT, agent));
        let fields = [
            (SIGNATURE_INPUT, header::value(text.input)?),
            (SIGNATURE, header::value(settings.signature(&signature))?),
        ];
        Credential::headers(fields.into_iter().chain(digest).chain(agent))
    }
}

/// What is signed.
struct Text {
    /// The signature base (RFC 9421, 2.5).
    base: Vec<u8>,
    /// The value of `Signature-Input`.
    input: Vec<u8>,
}

impl Text {
    fn of(
        request: &RequestHead<'_>,
        digest: &ContentDigest,
        settings: &Settings,
    ) -> Result<Self, SignError> {
        let mut base = Vec::with_capacity(768);
        let mut input = Vec::with_capacity(384);
        input.extend_from_slice(settings.label.as_bytes());
        Signed { request, digest }.write(&settings.components, &mut base, &mut input)?;
        let now = settings.clock.wall();
        settings.parameters.write(now, &mut input)?;
        base.extend_from_slice(br#""@signature-params": "#);
        base.extend_from_slice(&input[settings.label.len()..]);
        Ok(Self { base, input })
    }
}

impl Settings {
    /// The value of `Signature` (RFC 9421, 4.2).
    fn signature(&self, signature: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.label.len() + 4 + signature.len() * 3 / 2);
        text.extend_from_slice(self.label.as_bytes());
        text.push(b':');
        write_base64(signature, &mut text);
        text.push(b':');
        text
    }
}

impl Authenticator for HttpSignature {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        if has_signature(request) {
            return Some(Ok(Credential::empty()));
        }
        Some(self.sign(request))
    }

    fn placements(&self) -> Vec<Placement> {
        let digest = Some(CONTENT_DIGEST).filter(|_| self.covers_content_digest());
        let agent = self.settings.agent.as_ref().map(|_| SIGNATURE_AGENT);
        let names = [SIGNATURE, SIGNATURE_INPUT];
        header::placements(names.iter().chain(&digest).chain(&agent))
    }

    fn needs_body(&self) -> BodyNeed {
        if self.covers_content_digest() {
            BodyNeed::Digest
        } else {
            BodyNeed::Nothing
        }
    }

    /// A digest that the caller gives is signed in place of the body's.
    fn needs_body_of(&self, request: &RequestHead<'_>) -> BodyNeed {
        if has_signature(request) || request.headers().contains_key(CONTENT_DIGEST) {
            return BodyNeed::Nothing;
        }
        self.needs_body()
    }
}

/// Whether the caller has signed the request.
fn has_signature(request: &RequestHead<'_>) -> bool {
    // One pass costs less than two look-ups.
    let mut names = request.headers().keys();
    names.any(|name| [SIGNATURE, SIGNATURE_INPUT].contains(name))
}

impl fmt::Debug for HttpSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let components = self.settings.components.iter();
        f.debug_struct("HttpSignature")
            .field("key", &self.settings.key)
            .field("label", &self.settings.label)
            .field(
                "components",
                &components.map(|one| &one.id).collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
