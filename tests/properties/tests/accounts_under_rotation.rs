//! Many customers of one vendor, whose keys rotate and are replaced while threads ask for them.

#![allow(
    clippy::unwrap_used,
    reason = "a property panics where it does not hold"
)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

use http::{HeaderMap, Request, StatusCode};
use multi_auth::{
    Account, ApiKey, Keyring, ProtectionSpace, RequestHead, ResponseHead, Rotating, Verdict,
};
use multi_auth_properties::cases;

const ACCOUNTS: usize = 16;
const THREADS: usize = 4;

fn account(number: usize) -> Account {
    Account::new(format!("customer-{number}"))
}

fn key(account: usize, turn: usize) -> ApiKey {
    ApiKey::header("x-api-key", format!("{account}/{turn}")).unwrap()
}

/// The account and the turn of the key that a request for `account` carries; the vendor refuses
/// every seventh key.
fn send(keyring: &Keyring, account: Account) -> (usize, usize) {
    let mut request = Request::get("https://api.example/").body(()).unwrap();
    request.extensions_mut().insert(account);
    let (mut parts, ()) = request.into_parts();
    let credential = loop {
        // A refused key is not an error of the request.
        if let Some(Ok(credential)) = keyring.ready(&RequestHead::from_parts(&parts)) {
            break credential;
        }
    };
    let id = credential.id().clone();
    credential.attach(&mut parts).unwrap();
    let carried = parts.headers["x-api-key"].to_str().unwrap();
    let (account, turn) = carried.split_once('/').unwrap();
    let (account, turn) = (account.parse().unwrap(), turn.parse::<usize>().unwrap());
    let status = if turn % 7 == 3 {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::OK
    };
    let none = HeaderMap::new();
    let _: Verdict = keyring.judge(&id, &ResponseHead::new(status, &none));
    (account, turn)
}

/// Each thread asks for all accounts in turn, as often as there are cases in all. Beside them every
/// key is rotated, and replaced each fifth time.
#[test]
fn no_request_carries_the_key_of_another_account_or_one_that_was_replaced() {
    let rotating: Vec<_> = (0..ACCOUNTS)
        .map(|number| Rotating::new(key(number, 0)))
        .collect();
    let mut builder = Keyring::builder();
    for (number, key) in rotating.iter().enumerate() {
        let scope = ProtectionSpace::new("https://api.example")
            .unwrap()
            .with_account(account(number));
        builder = builder.bind(scope, key.clone()).unwrap();
    }
    let keyring = builder.build();
    // The oldest turn whose key may still be sent, by account.
    let oldest: Vec<AtomicUsize> = (0..ACCOUNTS).map(|_| AtomicUsize::new(0)).collect();
    let is_over = AtomicBool::new(false);
    let requests = usize::try_from(cases(32_768)).unwrap();

    thread::scope(|scope| {
        let senders: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (keyring, oldest) = (&keyring, &oldest);
                scope.spawn(move || {
                    for number in 0..requests / THREADS {
                        let wanted = (number + thread) % ACCOUNTS;
                        let least = oldest[wanted].load(SeqCst);
                        let (carried, turn) = send(keyring, account(wanted));
                        assert_eq!(carried, wanted, "the key of another account");
                        assert!(turn >= least, "{turn} was replaced before {least}");
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            for turn in (1..).take_while(|_| !is_over.load(SeqCst)) {
                for (number, rotating) in rotating.iter().enumerate() {
                    if turn % 5 == 0 {
                        rotating.replace(key(number, turn)).unwrap();
                        oldest[number].store(turn, SeqCst);
                    } else {
                        rotating.rotate(key(number, turn)).unwrap();
                    }
                }
                thread::yield_now();
            }
        });
        let results: Vec<_> = senders
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        is_over.store(true, SeqCst);
        assert!(results.iter().all(Result::is_ok));
    });
}
