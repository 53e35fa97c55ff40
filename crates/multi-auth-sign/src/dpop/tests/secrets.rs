//! What is shown.

use multi_auth::{TokenEndpoint, transport_fn};

use super::*;

#[tokio::test]
async fn debug_shows_no_key_no_token_and_no_proof() {
    let dpop = dpop();
    let bearer = numbered(&dpop);
    let found = credential(&bearer, &get("https://a.example/")).await;
    let transport = transport_fn(|_| std::future::pending());
    let endpoint = TokenEndpoint::builder("https://a.example/token", transport).unwrap();
    let endpoint = dpop.token_endpoint(endpoint);
    let builder = Dpop::builder(key());
    let proof_of_request = token_request::TokenRequestProof::new(&dpop);
    let shown =
        format!("{dpop:?} {builder:?} {bearer:?} {proof_of_request:?} {endpoint:?} {found:?}");
    let secrets = attached(found);
    let signature = proof(&secrets).split('.').nth(2).unwrap();
    for secret in ["t-1", "jpsQnnGQmL", signature] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let expected = "Dpop { key: SigningKey { algorithm: ES256, key_id: None, .. }, .. } ";
    assert!(shown.starts_with(expected), "{shown}");
}
