//! Each thread that uses a credential has its own copy, so that two threads never wait for each
//! other.

use std::collections::HashSet;
use std::thread;

use http::Request;
use http::header::AUTHORIZATION;
use multi_auth::{ApiKey, Keyring, RequestHead};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Uses the credential of `keyring` so often that it is worth a copy. Returns where the value lies.
fn use_often(keyring: &Keyring) -> usize {
    let mut last = 0;
    for _ in 0..1_000 {
        let (mut parts, ()) = Request::get("https://api.example/")
            .body(())
            .unwrap()
            .into_parts();
        let credential = keyring.ready(&RequestHead::from_parts(&parts));
        credential.unwrap().unwrap().attach(&mut parts).unwrap();
        last = parts.headers[AUTHORIZATION].as_bytes().as_ptr().addr();
    }
    last
}

/// Keeps the current thread on one processor, the only one that it then knows of.
fn pin() {
    let all = sched_getaffinity(None).unwrap();
    let mut one = CpuSet::new();
    one.set((0..CpuSet::MAX_CPU).find(|at| all.is_set(*at)).unwrap());
    sched_setaffinity(None, &one).unwrap();
    assert_eq!(thread::available_parallelism().unwrap().get(), 1);
}

#[test]
fn threads_that_are_pinned_to_one_processor_have_copies_like_any() {
    let keyring = Keyring::builder()
        .bind("https://api.example", ApiKey::authorization("k-1").unwrap())
        .unwrap()
        .build();
    let mut places = HashSet::new();
    for _ in 0..4 {
        let place = thread::scope(|scope| {
            let pinned = scope.spawn(|| {
                pin();
                use_often(&keyring)
            });
            pinned.join().unwrap()
        });
        places.insert(place);
    }
    assert_eq!(places.len(), 4);
}
