//! Proofs (RFC 9449, 4.2): a JWT with the public key in its header, and the request in its claims.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use multi_auth::{Clock, RequestHead};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::target;
use crate::jwt::random_id;
use crate::{SignError, SigningKey, header};

const SHARED_SECRET: SignError = SignError::signature(
    "a DPoP proof has the public part of its key, which a shared secret (HS256) does not have",
    "give a private key, such as one for ES256",
);

pub(super) type MakeId = dyn Fn() -> String + Send + Sync;

/// Makes proofs with one key.
pub(super) struct Prover {
    key: SigningKey,
    /// The header in base64url, with the dot behind it.
    header: Box<str>,
    thumbprint: Box<str>,
    clock: Arc<dyn Clock>,
    id: Option<Arc<MakeId>>,
}

#[derive(Serialize)]
struct Claims<'r> {
    jti: String,
    htm: &'r str,
    htu: String,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'r str>,
}

impl Prover {
    pub(super) fn new(
        key: SigningKey,
        clock: Arc<dyn Clock>,
        id: Option<Arc<MakeId>>,
    ) -> Result<Self, SignError> {
        let jwk = key.public_jwk().ok_or(SHARED_SECRET)?;
        let thumbprint = key.thumbprint().ok_or(SHARED_SECRET)?;
        let alg = key.algorithm().name();
        let header = serde_json::json!({ "typ": "dpop+jwt", "alg": alg, "jwk": jwk });
        let header = format!("{}.", URL_SAFE_NO_PAD.encode(header.to_string()));
        Ok(Self {
            key,
            header: header.into(),
            thumbprint: thumbprint.into(),
            clock,
            id,
        })
    }

    pub(super) fn key(&self) -> &SigningKey {
        &self.key
    }

    pub(super) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// A new proof for `request`, which carries `token` unless it is a token request.
    pub(super) fn prove(
        &self,
        request: &RequestHead<'_>,
        token: Option<&SecretString>,
        nonce: Option<&str>,
    ) -> Result<HeaderValue, SignError> {
        let now = self.clock.wall().duration_since(UNIX_EPOCH);
        let claims = Claims {
            jti: match &self.id {
                Some(make) => make(),
                None => random_id()?,
            },
            htm: request.method().as_str(),
            htu: target::of(request)?,
            iat: now.map_err(|_| SignError::Clock)?.as_secs(),
            ath: token.map(hash),
            nonce,
        };
        self.signed(&claims)
    }

    fn signed(&self, claims: &Claims<'_>) -> Result<HeaderValue, SignError> {
        // Texts and a number are always JSON.
        let claims = serde_json::to_vec(claims).map_err(|_| SignError::Failed)?;
        let mut jwt = String::with_capacity(self.header.len() + 2 * claims.len() + 128);
        jwt.push_str(&self.header);
        URL_SAFE_NO_PAD.encode_string(claims, &mut jwt);
        let signature = self.key.sign(jwt.as_bytes())?;
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
        header::value(jwt)
    }
}

/// The hash of a token in base64url (`ath`; RFC 9449, 4.2).
fn hash(token: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, token.expose_secret().as_bytes()))
}
