//! Threads that share a nonce.

use std::collections::HashSet;
use std::thread;

use super::*;

/// Many threads sign, switch to the next nonce and are refused. The server has four nonces, so that
/// each comes again.
#[test]
fn no_two_requests_have_one_nonce_and_one_nc() {
    let digest = digest();
    let worker = |seed: usize| {
        let digest = &digest;
        move || {
            let mut sent = Vec::new();
            for round in 0..400 {
                let credential = ready(digest);
                if let Some(request) = Sent::by(&credential) {
                    let (nonce, count) = request.nonce();
                    sent.push((nonce.to_owned(), count));
                }
                let nonce = format!("n{}", (seed + round) % 4);
                match (seed + round) % 5 {
                    0 => drop(refused(digest, &credential, &[&sha256(&nonce)])),
                    1 => drop(accepted(digest, &credential, &nonce)),
                    _ => {}
                }
            }
            sent
        }
    };
    let all: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|seed| scope.spawn(worker(seed))).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let distinct: HashSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    assert!(all.len() > 2000, "most requests are signed: {}", all.len());
}
