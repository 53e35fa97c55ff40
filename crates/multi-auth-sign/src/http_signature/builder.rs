//! Settings of a signer.

mod build;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use multi_auth::{Clock, SystemClock};

use super::digest::Hash;
use super::nonce::{Nonce, USUAL};
use super::web_bot_auth::SignatureAgent;
use crate::{SignError, SigningKey};

/// Settings of an [`HttpSignature`](super::HttpSignature), from
/// [`HttpSignature::builder`](super::HttpSignature::builder).
///
/// ```
/// use std::time::Duration;
///
/// use multi_auth_sign::{Algorithm, HttpSignature, SigningKey};
///
/// # fn main() -> Result<(), multi_auth_sign::SignError> {
/// # let secret = b"a secret of 32 random bytes, say";
/// let key = SigningKey::from_secret(Algorithm::HS256, secret)?.with_key_id("my-key")?;
/// let signature = HttpSignature::builder(key)
///     .components(["@method", "@target-uri", "content-digest", "x-tenant"])
///     .optional_components(["content-type", "authorization"])
///     .label("sig1")
///     .tag("my-app")
///     .expires_after(Duration::from_secs(300))
///     .nonce()
///     .build()?;
/// # Ok(())
/// # }
/// ```
pub struct HttpSignatureBuilder {
    key: SigningKey,
    required: Option<Vec<String>>,
    optional: Vec<String>,
    label: String,
    tag: Option<String>,
    has_created: bool,
    has_algorithm: bool,
    lifetime: Option<Duration>,
    hash: Hash,
    clock: Arc<dyn Clock>,
    pub(super) nonce: Option<Nonce>,
    pub(super) agent: Option<SignatureAgent>,
}

impl HttpSignatureBuilder {
    pub(super) fn new(key: SigningKey) -> Self {
        Self {
            key,
            required: None,
            optional: Vec::new(),
            label: "sig1".to_owned(),
            tag: None,
            has_created: true,
            has_algorithm: false,
            lifetime: None,
            hash: Hash::Sha256,
            clock: Arc::new(SystemClock),
            nonce: None,
            agent: None,
        }
    }

    /// The parts of the request that the signature covers, in place of the
    /// [default ones](super::HttpSignature#what-is-signed). A request that lacks one fails.
    ///
    /// - `@method`, `@target-uri`, `@authority`, `@scheme`, `@request-target` (in origin form),
    ///   `@path` and `@query` (RFC 9421, 2.2)
    /// - `@query-param;name="id"`: one parameter of the query. Its name is percent-encoded. A
    ///   request fails if it has two of them.
    /// - `content-digest`: the body. The field is added unless the caller set it. A request
    ///   without content has the digest of no bytes.
    /// - any other header field, such as `content-type`, that the request has when it reaches the
    ///   adapter. With `;bs`, each of its lines is signed as bytes (RFC 9421, 2.1.3).
    ///
    /// Nothing else of the request is protected: someone on the path can change it unnoticed.
    #[must_use]
    pub fn components<I>(self, components: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        Self {
            required: Some(owned(components)),
            ..self
        }
    }

    /// Parts of the request that the signature covers too if the request has them.
    /// `content-digest` is covered if the request has content.
    #[must_use]
    pub fn optional_components<I>(self, components: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        Self {
            optional: owned(components),
            ..self
        }
    }

    /// The name of the signature among several. Default: `sig1`.
    #[must_use]
    pub fn label(self, label: &str) -> Self {
        let label = label.to_owned();
        Self { label, ..self }
    }

    /// The parameter `tag`: the application that the signature is for.
    #[must_use]
    pub fn tag(self, tag: &str) -> Self {
        let tag = Some(tag.to_owned());
        Self { tag, ..self }
    }

    /// The parameter `expires`: how long a signature is valid, in whole seconds.
    #[must_use]
    pub fn expires_after(self, lifetime: Duration) -> Self {
        let lifetime = Some(lifetime);
        Self { lifetime, ..self }
    }

    /// The parameter `nonce`: 128 random bits in each signature, so that the server can refuse a
    /// signature that it has seen.
    #[must_use]
    pub fn nonce(self) -> Self {
        let nonce = Some(Nonce::Random(USUAL));
        Self { nonce, ..self }
    }

    /// The parameter `nonce`, in a form that the server prescribes. `make` is called for each
    /// signature and must not block.
    #[must_use]
    pub fn nonce_from(
        self,
        make: impl Fn() -> Result<String, SignError> + Send + Sync + 'static,
    ) -> Self {
        let nonce = Some(Nonce::Given(Arc::new(make)));
        Self { nonce, ..self }
    }

    /// Leaves the parameter `created` out: the time of the signature.
    #[must_use]
    pub fn without_created(self) -> Self {
        Self {
            has_created: false,
            ..self
        }
    }

    /// Adds the parameter `alg`. Most servers know the algorithm by the key, which is safer
    /// (RFC 9421, 7.3.6).
    #[must_use]
    pub fn algorithm_parameter(self) -> Self {
        Self {
            has_algorithm: true,
            ..self
        }
    }

    /// Computes `Content-Digest` with SHA-512 in place of SHA-256.
    #[must_use]
    pub fn content_digest_sha512(self) -> Self {
        Self {
            hash: Hash::Sha512,
            ..self
        }
    }

    /// The clock for the time of signatures. Default: [`SystemClock`].
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }
}

fn owned<I>(components: I) -> Vec<String>
where
    I: IntoIterator<Item: AsRef<str>>,
{
    let components = components.into_iter();
    components.map(|one| one.as_ref().to_owned()).collect()
}

impl fmt::Debug for HttpSignatureBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSignatureBuilder")
            .field("key", &self.key)
            .field("required", &self.required)
            .field("optional", &self.optional)
            .field("label", &self.label)
            .field("tag", &self.tag)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
