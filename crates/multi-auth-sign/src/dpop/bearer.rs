//! Requests with a token and a proof (RFC 9449, 7.1).

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::StatusCode;
use http::header::AUTHORIZATION;
use multi_auth::{
    AuthError, Authenticator, Bearer, BearerBuilder, Credential, CredentialId, CurrentToken,
    Placement, RequestHead, ResponseHead, TokenSnapshot, Verdict,
};

use super::nonce::Nonces;
use super::proof::Prover;
use super::{DPOP, Dpop};
use crate::header;

/// Sends tokens that are bound to a key, each with a proof, from [`Dpop::bearer`].
///
/// `Authorization: DPoP <token>` and `DPoP: <proof>`
///
/// As with a [`Bearer`], concurrent requests share one token request, tokens are refreshed before
/// they expire, and a refused token is refreshed once. A clone shares the token.
#[derive(Clone)]
pub struct DpopBearer {
    prover: Arc<Prover>,
    nonces: Arc<Nonces>,
    tokens: Bearer,
}

impl DpopBearer {
    pub(super) fn new(dpop: &Dpop, tokens: BearerBuilder) -> Self {
        // The prefix is valid in a header field.
        let placement = Placement::authorization().with_prefix("DPoP ");
        let placement = placement.unwrap_or_else(|_| Placement::authorization());
        Self {
            prover: Arc::clone(&dpop.prover),
            nonces: Arc::clone(&dpop.nonces),
            tokens: tokens.placement(placement).build(),
        }
    }

    /// The cache of the token, for its [state](Bearer::snapshot), or to
    /// [invalidate](Bearer::invalidate) the token. Bind the `DpopBearer` in a keyring, not the
    /// cache: a token without its proof is refused.
    #[must_use]
    pub fn tokens(&self) -> &Bearer {
        &self.tokens
    }

    fn credential(
        &self,
        request: &RequestHead<'_>,
        token: &CurrentToken,
    ) -> Result<Credential, AuthError> {
        let value = Some(token.value());
        let prove = |nonce: Option<&str>| self.prover.prove(request, value, nonce);
        let proof = self.nonces.proof(request, prove)?;
        token.credential().and(proof)
    }
}

#[async_trait]
impl Authenticator for DpopBearer {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        if has_credential(request) {
            return Some(Ok(Credential::empty()));
        }
        let token = self.tokens.ready_token()?;
        Some(self.credential(request, &token))
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        if has_credential(request) {
            return Ok(Credential::empty());
        }
        let token = self.tokens.token().await?;
        self.credential(request, &token)
    }

    /// The nonce is learned from each response. A refused proof does not judge the token.
    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let is_refused = refuses_proof(response);
        let verdict = self.nonces.judge(id, response, is_refused);
        if is_refused {
            return verdict;
        }
        self.tokens.judge(id, response)
    }

    fn placements(&self) -> Vec<Placement> {
        header::placements(&[AUTHORIZATION, DPOP])
    }

    fn reads_responses(&self) -> bool {
        self.tokens.reads_responses()
    }

    fn token_snapshot(&self) -> Option<TokenSnapshot> {
        Some(self.tokens.snapshot())
    }
}

/// Whether the caller has set a part of the credential: a token without its proof is refused.
fn has_credential(request: &RequestHead<'_>) -> bool {
    // One pass costs less than two look-ups.
    let mut names = request.headers().keys();
    names.any(|name| [AUTHORIZATION, DPOP].contains(name))
}

/// Whether a challenge refuses the proof, or its nonce (RFC 9449, 7.1 and 9).
fn refuses_proof(response: &ResponseHead<'_>) -> bool {
    response.status() == StatusCode::UNAUTHORIZED
        && response.challenges().iter().any(|challenge| {
            let error = challenge.param("error");
            challenge.is("DPoP") && error.is_some_and(|error| is_of_proof(&error))
        })
}

/// Whether an error code is about the proof (RFC 9449, 5, 8 and 12.2).
pub(super) fn is_of_proof(error: &str) -> bool {
    ["use_dpop_nonce", "invalid_dpop_proof"].contains(&error)
}

impl fmt::Debug for DpopBearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopBearer")
            .field("key", self.prover.key())
            .field("tokens", &self.tokens)
            .field("origins", &self.nonces.count())
            .finish_non_exhaustive()
    }
}
