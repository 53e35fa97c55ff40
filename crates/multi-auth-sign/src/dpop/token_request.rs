//! The proof of a token request (RFC 9449, 5).

use std::fmt;
use std::sync::Arc;

use multi_auth::{
    AuthError, Authenticator, Credential, CredentialId, Placement, RequestHead, ResponseHead,
    Verdict,
};

use super::bearer::is_of_proof;
use super::nonce::Nonces;
use super::proof::Prover;
use super::{DPOP, Dpop};
use crate::header;

/// Proves with each token request that the client has the key: `DPoP: <proof>`.
pub(super) struct TokenRequestProof {
    prover: Arc<Prover>,
    nonces: Arc<Nonces>,
}

impl TokenRequestProof {
    pub(super) fn new(dpop: &Dpop) -> Self {
        Self {
            prover: Arc::clone(&dpop.prover),
            nonces: Arc::clone(&dpop.endpoint_nonces),
        }
    }

    fn credential(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let prove = |nonce: Option<&str>| self.prover.prove(request, None, nonce);
        self.nonces.proof(request, prove)
    }
}

impl Authenticator for TokenRequestProof {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        Some(self.credential(request))
    }

    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let error = response.json_text("/error");
        let is_refused = error.is_some_and(|error| is_of_proof(&error));
        self.nonces.judge(id, response, is_refused)
    }

    fn placements(&self) -> Vec<Placement> {
        header::placements(&[DPOP])
    }

    fn reads_responses(&self) -> bool {
        true
    }
}

impl fmt::Debug for TokenRequestProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequestProof")
            .field("key", self.prover.key())
            .finish_non_exhaustive()
    }
}
