//! Threads that share the nonce of a server.

use std::collections::HashSet;
use std::thread;

use multi_auth::{Rejection, ResponseHead, Verdict};

use super::script::{demand, status};
use super::*;

/// Many threads sign, learn nonces and are refused. The server replaces its nonce all the time.
#[tokio::test]
async fn no_two_proofs_are_equal_and_no_response_is_misjudged() {
    let bearer = numbered(&dpop());
    let parts = get("https://a.example/");
    credential(&bearer, &parts).await;
    let worker = |seed: usize| {
        let (bearer, parts) = (&bearer, &parts);
        move || {
            let mut ids = Vec::new();
            for round in 0..200 {
                let request = RequestHead::from_parts(parts);
                let signed = bearer.ready(&request).unwrap().unwrap();
                let claims = part(proof(&attached(signed.clone())), 1);
                ids.push(claims["jti"].as_str().unwrap().to_owned());
                let used = claims["nonce"].as_str().unwrap_or("none");
                let next = format!("n-{seed}-{round}");
                let (reply, expected) = match round % 4 {
                    0 => (demand(&next), Verdict::Resign),
                    1 => (status(200).nonce(&next), Verdict::Accept),
                    2 => (status(200).nonce(used), Verdict::Accept),
                    _ => (status(500), Verdict::Accept),
                };
                let response = reply.response(());
                let head = ResponseHead::new(response.status(), response.headers());
                assert_eq!(bearer.judge(signed.id(), &head), expected, "{reply:?}");
            }
            ids
        }
    };
    let all: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|seed| scope.spawn(worker(seed))).collect();
        let joined = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        joined.collect()
    });
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());

    // Afterwards, a refusal of the newest nonce is still judged as one.
    let found = credential(&bearer, &parts).await;
    let used = nonce(&attached(found.clone()));
    let response = demand(&used).response(());
    let head = ResponseHead::new(response.status(), response.headers());
    let rejected = Verdict::Reject(Rejection::Proof);
    assert_eq!(bearer.judge(found.id(), &head), rejected);
}
