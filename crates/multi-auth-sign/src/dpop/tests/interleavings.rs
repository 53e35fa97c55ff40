//! Concurrent requests under a model checker: what they learn of the nonce of a server.

use std::sync::Arc;

use http::{HeaderValue, StatusCode};
use multi_auth::{ResponseHead, Verdict};
use shuttle::thread;

use super::*;
use crate::dpop::nonce::Nonces;

/// A request with the newest nonce, and its ID.
fn sent(nonces: &Nonces) -> (String, Credential) {
    let parts = get("https://a.example/");
    let mut used = String::new();
    let prove = |nonce: Option<&str>| {
        nonce.unwrap_or("none").clone_into(&mut used);
        Ok(HeaderValue::from_static("proof"))
    };
    let proof = nonces.proof(&RequestHead::from_parts(&parts), prove);
    (used, proof.unwrap())
}

/// The verdict on a request that the server refuses, because it demands the nonce `next`.
fn refused(nonces: &Nonces, request: &Credential, next: &str) -> Verdict {
    let mut headers = HeaderMap::new();
    headers.insert("dpop-nonce", next.parse().unwrap());
    let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
    nonces.judge(request.id(), &response, true)
}

/// In every schedule, a refused request is sent again with a newer nonce, and a late response does
/// not replace the nonce that an earlier one brought.
#[test]
fn the_first_nonce_of_concurrent_responses_stays() {
    let scenario = || {
        let nonces = Arc::new(Nonces::default());
        let run = |next: &'static str| {
            let nonces = Arc::clone(&nonces);
            thread::spawn(move || {
                let (first, request) = sent(&nonces);
                thread::yield_now();
                assert_eq!(refused(&nonces, &request, next), Verdict::Resign);
                (first, sent(&nonces).0)
            })
        };
        let threads = ["a", "b", "c"].map(run);
        let seen = threads.map(|thread| thread.join().unwrap());
        assert!(seen.iter().all(|(_, second)| second != "none"));
        if seen.iter().all(|(first, _)| first == "none") {
            let (_, kept) = &seen[0];
            assert!(seen.iter().all(|(_, second)| second == kept), "{seen:?}");
            assert_eq!(&sent(&nonces).0, kept);
        }
    };
    shuttle::check_random(scenario, 5_000);
}
