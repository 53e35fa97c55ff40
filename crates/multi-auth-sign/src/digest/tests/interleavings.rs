//! Concurrent requests under a model checker. In every schedule, no two requests have one nonce and
//! one `nc`.
//!
//! ```sh
//! RUSTFLAGS="--cfg multi_auth_shuttle" cargo test --target-dir target/shuttle -p multi-auth-sign --lib interleavings
//! ```

use std::collections::HashSet;
use std::sync::Arc;

use shuttle::sync::Mutex;
use shuttle::thread;

use super::*;

const SCHEDULES: usize = 5_000;

/// What a thread does with the response to its request.
#[derive(Clone, Copy)]
enum Response {
    Refused(&'static str),
    Accepted(&'static str),
}

fn no_nc_repeats(threads: &'static [&'static [Response]]) {
    let scenario = move || {
        let digest = digest();
        let sent = Arc::new(Mutex::new(HashSet::new()));
        let run = |responses: &'static [Response]| {
            let (digest, sent) = (digest.clone(), Arc::clone(&sent));
            thread::spawn(move || {
                for response in responses {
                    let credential = ready(&digest);
                    thread::yield_now();
                    if let Some(request) = Sent::by(&credential) {
                        let (nonce, count) = request.nonce();
                        let is_new = sent.lock().unwrap().insert((nonce.to_owned(), count));
                        assert!(is_new, "{nonce} was sent with {count} twice");
                    }
                    let _ = match response {
                        Response::Refused(nonce) => {
                            refused(&digest, &credential, &[&sha256(nonce)])
                        }
                        Response::Accepted(nonce) => accepted(&digest, &credential, nonce),
                    };
                }
            })
        };
        let threads: Vec<_> = threads.iter().map(|responses| run(responses)).collect();
        for thread in threads {
            thread.join().unwrap();
        }
    };
    shuttle::check_random(scenario, SCHEDULES);
}

#[test]
fn no_nc_repeats_among_first_requests() {
    use Response::{Accepted, Refused};
    no_nc_repeats(&[
        &[Refused("a"), Accepted("a"), Accepted("a")],
        &[Refused("a"), Accepted("a"), Accepted("a")],
        &[Refused("b"), Accepted("b"), Accepted("b")],
    ]);
}

#[test]
fn no_nc_repeats_among_switches_to_the_next_nonce_and_back() {
    use Response::{Accepted, Refused};
    no_nc_repeats(&[
        &[Refused("a"), Accepted("b"), Accepted("a"), Accepted("b")],
        &[Refused("b"), Accepted("a"), Accepted("b"), Refused("a")],
        &[Refused("a"), Refused("b"), Refused("a"), Accepted("b")],
    ]);
}
