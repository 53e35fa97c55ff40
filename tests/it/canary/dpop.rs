//! DPoP.

use std::future::ready;

use http::{HeaderMap, Request, StatusCode};
use multi_auth::{
    Authenticator, Bearer, RequestHead, ResponseHead, Token, TokenEndpoint, source_fn,
};
use multi_auth_sign::{Algorithm, Dpop, DpopBearer, SigningKey};

use super::token_requests::Canned;
use super::{Ledger, key, token};

/// The key of RFC 7515, A.3.1.
const JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

/// Its private member.
const PRIVATE: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";

fn signing_key() -> SigningKey {
    SigningKey::from_jwk(Algorithm::ES256, JWK).unwrap()
}

pub(super) async fn look(ledger: &mut Ledger) {
    let builder = Dpop::builder(signing_key()).id_from(token);
    ledger.see_debug("DpopBuilder of Dpop::builder", &builder);
    let dpop = Dpop::new(signing_key()).unwrap();
    ledger.see_debug("Dpop::new", &dpop);
    let shown = format!("{dpop:?} {}", dpop.thumbprint());
    assert!(!shown.contains(PRIVATE), "{shown}");
    let secret = SigningKey::from_secret(Algorithm::HS256, key().repeat(2).as_bytes()).unwrap();
    let error = Dpop::new(secret).unwrap_err();
    ledger.see_error("Dpop, a shared secret", &error);

    let tokens = Bearer::builder(source_fn(|| ready(Ok(Token::new(token())))));
    let bearer = dpop.bearer_from(tokens);
    ledger.see_debug("DpopBearer", &bearer);
    look_at_requests(ledger, &bearer).await;
    look_at_tokens_without_a_key(ledger, &dpop).await;
}

/// A token server may ignore the proof, and return a token that anyone can send.
async fn look_at_tokens_without_a_key(ledger: &mut Ledger, dpop: &Dpop) {
    let answer = format!(r#"{{"access_token":"{}","token_type":"Bearer"}}"#, token());
    let canned = Canned(Ok((StatusCode::OK, "application/json", answer)));
    let endpoint = TokenEndpoint::builder("https://auth.example/token", canned).unwrap();
    let bearer = dpop.bearer(endpoint.form([("key", key())]));
    let request = Request::get("https://api.vendor.example/v1").body(());
    let (parts, ()) = request.unwrap().into_parts();
    let result = bearer.authenticate(&RequestHead::from_parts(&parts)).await;
    ledger.see_error("DpopBearer, a token without a key", &result.unwrap_err());
}

async fn look_at_requests(ledger: &mut Ledger, bearer: &DpopBearer) {
    let request = Request::get(format!("https://api.vendor.example/v1?k={}", token())).body(());
    let (parts, ()) = request.unwrap().into_parts();
    let head = RequestHead::from_parts(&parts);
    let credential = bearer.authenticate(&head).await.unwrap();
    ledger.see_debug("DpopBearer, a credential", &credential);
    let mut sent = parts.clone();
    credential.clone().attach(&mut sent).unwrap();
    ledger.see_debug("DpopBearer, attached fields", &sent.headers);

    // A server may repeat a secret in its nonce and in its challenge.
    for code in ["use_dpop_nonce", "invalid_dpop_proof", "invalid_token"] {
        let mut headers = HeaderMap::new();
        let challenge = format!(r#"DPoP error="{code}", error_description="{}""#, key());
        headers.insert("www-authenticate", challenge.parse().unwrap());
        headers.insert("dpop-nonce", token().parse().unwrap());
        let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
        let verdict = bearer.judge(credential.id(), &response);
        ledger.see_debug(format!("DpopBearer, the verdict on {code}"), &verdict);
        ledger.see_debug(format!("DpopBearer, after {code}"), bearer);
        let next = bearer.authenticate(&head).await.unwrap();
        ledger.see_debug(format!("DpopBearer, a credential after {code}"), &next);
    }

    let mut without_scheme = parts.clone();
    without_scheme.uri = format!("/v1?k={}", token()).parse().unwrap();
    let head = RequestHead::from_parts(&without_scheme);
    let error = bearer.authenticate(&head).await.unwrap_err();
    ledger.see_error("DpopBearer, a request without a scheme", &error);
}
