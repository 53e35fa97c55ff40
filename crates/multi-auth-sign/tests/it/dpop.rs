//! Another library verifies the proofs of DPoP (RFC 9449, 4.3).

use std::future::ready;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Request;
use http::request::Parts;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{DecodingKey, TokenData, Validation};
use multi_auth::{Authenticator, Bearer, RequestHead, Token, source_fn};
use multi_auth_sign::{Algorithm, Dpop, SigningKey};
use serde_json::Value;

use crate::keys;

type Verified = jsonwebtoken::errors::Result<TokenData<Value>>;

/// Checks `proof` with the key in its own header, as a server does.
fn verify(proof: &str) -> (Jwk, Verified) {
    let header = jsonwebtoken::decode_header(proof).unwrap();
    assert_eq!(header.typ.as_deref(), Some("dpop+jwt"));
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let jwk = header.jwk.unwrap();
    let key = DecodingKey::from_jwk(&jwk).unwrap();
    let claims = jsonwebtoken::decode(proof, &key, &validation);
    (jwk, claims)
}

/// Sends a token of RFC 9449, 7.1, with a proof by `key`.
async fn sent(dpop: &Dpop) -> Parts {
    let token = || {
        ready(Ok(Token::new(
            "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
        )))
    };
    let bearer = dpop.bearer_from(Bearer::builder(source_fn(token)));
    let request = Request::get("https://resource.example.org/protectedresource?page=2");
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let credential = bearer.authenticate(&RequestHead::from_parts(&parts)).await;
    credential.unwrap().attach(&mut parts).unwrap();
    parts
}

#[tokio::test]
async fn the_proof_of_every_algorithm_is_verified_with_the_key_that_it_names() {
    for given in keys::all() {
        let name = format!("{} from {}", given.algorithm, given.format);
        let dpop = Dpop::new(given.key()).unwrap();
        let parts = sent(&dpop).await;
        let proof = parts.headers["dpop"].to_str().unwrap();
        let (jwk, verified) = verify(proof);
        let claims = verified.expect(&name).claims;
        assert_eq!(
            jwk.thumbprint(ThumbprintHash::SHA256).unwrap(),
            dpop.thumbprint()
        );
        let expected = [
            ("htm", "GET"),
            ("htu", "https://resource.example.org/protectedresource"),
            ("ath", "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"),
        ];
        for (claim, expected) in expected {
            assert_eq!(claims[claim], expected, "{name}");
        }
        let age = jsonwebtoken::get_current_timestamp() - claims["iat"].as_u64().unwrap();
        assert!(age < 60, "{name}");

        let (head, signature) = proof.rsplit_once('.').unwrap();
        let (header, _) = head.split_once('.').unwrap();
        let changed = format!("{header}.eyJodG0iOiJQT1NUIn0.{signature}");
        assert!(verify(&changed).1.is_err(), "{name}");
    }
}

/// Figure 2 of RFC 9449, whose key has the thumbprint of figure 9.
#[test]
fn the_verifier_accepts_the_proof_of_the_rfc() {
    let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZya\
                 HgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVF\
                 RsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYz\
                 ZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2V\
                 uIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdL\
                 XiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    let (jwk, verified) = verify(proof);
    assert!(verified.is_ok());
    let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), thumbprint);
}

#[tokio::test]
async fn a_proof_has_no_private_member_of_its_key() {
    for given in keys::all() {
        let parts = sent(&Dpop::new(given.key()).unwrap()).await;
        let header = parts.headers["dpop"].to_str().unwrap().split('.').next();
        let header = URL_SAFE_NO_PAD.decode(header.unwrap()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        let members = header["jwk"].as_object().unwrap().keys();
        for member in members {
            assert!(["kty", "crv", "x", "y", "n", "e"].contains(&member.as_str()));
        }
    }
    let secret = SigningKey::from_secret(Algorithm::HS256, keys::SECRET).unwrap();
    assert!(Dpop::new(secret).is_err());
}
