//! Proof Key for Code Exchange (RFC 7636), with the method S256.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use multi_auth::SecretString;

use crate::diagnostic::{Diagnostic, DiagnosticCode};

/// A code verifier and its challenge.
pub(super) struct Pkce {
    pub(super) verifier: SecretString,
    pub(super) challenge: String,
}

impl Pkce {
    pub(super) fn new() -> Result<Self, Diagnostic> {
        let verifier = random()?;
        let challenge = challenge(&verifier);
        Ok(Self {
            verifier: verifier.into(),
            challenge,
        })
    }
}

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// 32 random bytes in base64url: 43 characters.
pub(super) fn random() -> Result<String, Diagnostic> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| {
        Diagnostic::new(DiagnosticCode::System, "the system gives no random numbers")
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(
            challenge(verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn each_verifier_is_another_one() {
        assert_ne!(random().unwrap(), random().unwrap());
        assert_eq!(random().unwrap().len(), 43);
    }
}
