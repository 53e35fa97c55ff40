//! DPoP (RFC 9449): `Authorization: DPoP <token>` and `DPoP: <proof>`, where the proof is a JWT
//! that is signed with the key to which the token is bound.

mod bearer;
mod builder;
mod nonce;
mod proof;
mod target;
mod token_request;

pub use bearer::DpopBearer;
pub use builder::DpopBuilder;

use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use multi_auth::{Bearer, BearerBuilder, TokenEndpointBuilder};

use self::nonce::Nonces;
use self::proof::Prover;
use self::token_request::TokenRequestProof;
use crate::{SignError, SigningKey};

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// The key of a client, to which its tokens are bound (RFC 9449).
///
/// `Authorization: DPoP <token>` and `DPoP: <proof>`: a server accepts the token only with a new
/// proof for each request, so a stolen token is of no use without the key.
///
/// ```
/// use multi_auth::oauth::{Client, Grant};
/// use multi_auth::{AuthError, Keyring, SecretString, TokenEndpoint, Transport};
/// use multi_auth_sign::{Algorithm, Dpop, SigningKey};
///
/// fn keyring(key: SecretString, transport: impl Transport + 'static) -> Result<Keyring, AuthError> {
///     let dpop = Dpop::new(SigningKey::from_pem(Algorithm::ES256, key)?)?;
///     let client = Client::secret_basic("my-app", "s3cret")?;
///     let endpoint = TokenEndpoint::builder("https://login.example.com/oauth2/token", transport)?
///         .grant(Grant::client_credentials().with_scopes(["orders.read"]), client);
///     Ok(Keyring::builder().bind("https://api.example.com", dpop.bearer(endpoint))?.build())
/// }
/// # fn main() {}
/// ```
///
/// [`bearer`](Self::bearer) adds the proof to the token requests and to the requests with the
/// token, so both have the same key. It works with each grant and each way in which a client
/// authenticates. A token that is not bound to the key is an error and is never sent.
///
/// # Proofs
///
/// A proof has the method and the URL of its request without query and fragment, the time, 128
/// random bits, the nonce of the server if it has sent one, and the hash of the token. It covers
/// neither the query, the body nor the header fields: for these, see
/// [`HttpSignature`](crate::HttpSignature).
///
/// If the request has `Authorization` or `DPoP`, it is sent as it is. If it has `Host`, the URL in
/// the proof has that host. A layer below the adapter must not change the URL.
///
/// # Nonces
///
/// The newest `DPoP-Nonce` of each origin is kept, from a response with any status. The token
/// endpoint and the resource servers have separate nonces. If a server refuses a proof and sends a
/// nonce, the request is sent once more with it. If it refuses that nonce too, its response is
/// delivered.
///
/// # Limits
///
/// Servers without nonces check the time of a proof: the clock of this machine must be right to
/// within seconds. A server whose nonces are valid for one request refuses concurrent requests,
/// because they share the newest nonce. A resource server that demands a nonce with another status
/// than 401 (RFC 9449, 9) gets no second request.
///
/// Each request is signed on the thread that sends it. With an RSA key that takes
/// [a millisecond or more](SigningKey#cost): prefer ES256 or `EdDSA`.
#[derive(Clone)]
pub struct Dpop {
    prover: Arc<Prover>,
    /// Those of resource servers.
    nonces: Arc<Nonces>,
    /// Those of authorization servers.
    endpoint_nonces: Arc<Nonces>,
}

impl Dpop {
    /// Binds tokens to `key`.
    ///
    /// # Errors
    ///
    /// [`SignError::Signature`] if the key is a shared secret (HS256), which has no public part.
    pub fn new(key: SigningKey) -> Result<Self, SignError> {
        Self::builder(key).build()
    }

    /// Starts with settings.
    #[must_use]
    pub fn builder(key: SigningKey) -> DpopBuilder {
        DpopBuilder::new(key)
    }

    /// Obtains tokens from `endpoint` that are bound to the key, and sends each with a proof.
    #[must_use]
    pub fn bearer(&self, endpoint: TokenEndpointBuilder) -> DpopBearer {
        self.bearer_from(Bearer::builder(self.token_endpoint(endpoint).build()))
    }

    /// As [`bearer`](Self::bearer), for a [`Bearer`] with settings or with a source of your own.
    /// Its [`placement`](BearerBuilder::placement) is not used.
    ///
    /// The source must return tokens that are bound to this key. Build it from a
    /// [`token_endpoint`](Self::token_endpoint) of the same `Dpop`:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use multi_auth::{Bearer, TokenEndpointBuilder};
    /// use multi_auth_sign::{Dpop, DpopBearer};
    ///
    /// fn bearer(dpop: &Dpop, endpoint: TokenEndpointBuilder) -> DpopBearer {
    ///     let source = dpop.token_endpoint(endpoint).build();
    ///     dpop.bearer_from(Bearer::builder(source).window(Duration::from_secs(60)))
    /// }
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn bearer_from(&self, tokens: BearerBuilder) -> DpopBearer {
        DpopBearer::new(self, tokens)
    }

    /// Adds a proof to each token request of `endpoint`, and accepts only tokens of the type
    /// `DPoP` (RFC 9449, 5).
    ///
    /// For a token that you do not send with [`bearer`](Self::bearer), such as that of an
    /// authorization code, whose refresh token is bound to the key too.
    #[must_use]
    pub fn token_endpoint(&self, endpoint: TokenEndpointBuilder) -> TokenEndpointBuilder {
        endpoint.proof_of_possession("DPoP", TokenRequestProof::new(self))
    }

    /// The thumbprint of the public key (RFC 7638), by which a token names it: `jkt` (RFC 9449, 6),
    /// and the parameter `dpop_jkt` of an authorization request (RFC 9449, 10).
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        self.prover.thumbprint()
    }
}

impl fmt::Debug for Dpop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dpop")
            .field("key", self.prover.key())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
