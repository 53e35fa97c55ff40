//! Proofs, nonces, and what a response changes.

#[cfg(multi_auth_shuttle)]
mod interleavings;
mod late;
mod nonces;
mod proofs;
mod requests;
mod script;
mod secrets;
mod targets;
mod threads;
mod token_requests;

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use http::{HeaderMap, Request};
use multi_auth::{Authenticator, Clock, Credential, RequestHead, SystemClock, Token, source_fn};
use serde_json::Value;

use super::*;
use crate::{Algorithm, test_clock};

/// The key of RFC 7515, A.3.1.
const KEY: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

fn key() -> SigningKey {
    SigningKey::from_jwk(Algorithm::ES256, KEY).unwrap()
}

fn dpop() -> Dpop {
    Dpop::new(key()).unwrap()
}

/// Tokens `t-1`, `t-2` and so on.
fn numbered(dpop: &Dpop) -> DpopBearer {
    let given = Mutex::new(0);
    dpop.bearer_from(Bearer::builder(source_fn(move || {
        let mut given = given.lock().unwrap();
        *given += 1;
        std::future::ready(Ok(Token::new(format!("t-{given}"))))
    })))
}

fn get(url: &str) -> Parts {
    Request::get(url).body(()).unwrap().into_parts().0
}

/// The credential of a request, with a token if there is none.
async fn credential(bearer: &DpopBearer, parts: &Parts) -> Credential {
    let request = RequestHead::from_parts(parts);
    bearer.authenticate(&request).await.unwrap()
}

/// A part of a proof: 0 for the header, 1 for the claims.
fn part(proof: &str, at: usize) -> Value {
    let part = proof.split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The proof in `headers`.
fn proof(headers: &HeaderMap) -> &str {
    let mut proofs = headers.get_all("dpop").iter();
    let proof = proofs.next().unwrap().to_str().unwrap();
    assert!(proofs.next().is_none());
    proof
}

fn nonce(headers: &HeaderMap) -> String {
    let claims = part(proof(headers), 1);
    claims["nonce"].as_str().unwrap_or("none").to_owned()
}

/// The header fields that `credential` attaches.
fn attached(credential: Credential) -> HeaderMap {
    let mut parts = get("https://a.example/");
    credential.attach(&mut parts).unwrap();
    parts.headers
}
