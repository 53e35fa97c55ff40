//! Requests and keyrings to measure with: a token of 256 bytes, three header fields on each request.

use std::time::Duration;

use http::request::Parts;
use http::{HeaderValue, Request};
use multi_auth::{
    Account, ApiKey, Authenticator, Bearer, Keyring, Placement, RequestHead, Scope, Token,
    source_fn,
};

use crate::rows::REPEATS;

const TARGET: &str = "https://api.vendor.example/v1/processes?page=2";

fn token_text() -> String {
    "t".repeat(256)
}

pub(crate) fn ready_value() -> HeaderValue {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token_text())).unwrap();
    value.set_sensitive(true);
    value
}

pub(crate) fn request() -> Request<()> {
    Request::get(TARGET)
        .header("accept", "application/json")
        .header("user-agent", "costs/1")
        .header("x-trace", "1")
        .body(())
        .unwrap()
}

pub(crate) fn parts() -> Vec<Parts> {
    (0..REPEATS).map(|_| request().into_parts().0).collect()
}

pub(crate) fn reqwest() -> Vec<reqwest::Request> {
    let one = || reqwest::Request::try_from(request().map(|()| "")).unwrap();
    (0..REPEATS).map(|_| one()).collect()
}

/// A keyring with `origins` bound, the asked one among them.
fn keyring(origins: u32, authenticator: impl Authenticator + 'static) -> Keyring {
    let mut builder = Keyring::builder()
        .bind("https://api.vendor.example", authenticator)
        .unwrap();
    for number in 1..origins {
        let key = ApiKey::authorization("k-1").unwrap();
        let origin = format!("https://api.vendor-{number}.example");
        builder = builder.bind(origin, key).unwrap();
    }
    builder.build()
}

pub(crate) fn static_key(origins: u32) -> Keyring {
    let key = ApiKey::new(Placement::bearer(), token_text()).unwrap();
    keyring(origins, key)
}

pub(crate) fn token(origins: u32) -> Keyring {
    obtained(keyring(
        origins,
        Bearer::new(source_fn(|| async { Ok(Token::new(token_text())) })),
    ))
}

pub(crate) fn token_that_ends() -> Keyring {
    let source = source_fn(|| async {
        Ok(Token::new(token_text()).with_lifetime(Duration::from_secs(86_400)))
    });
    obtained(keyring(1, Bearer::new(source)))
}

fn obtained(keyring: Keyring) -> Keyring {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let (parts, ()) = request().into_parts();
    let head = RequestHead::from_parts(&parts);
    runtime.block_on(keyring.authenticate(&head)).unwrap();
    keyring
}

/// A keyring with so many accounts at one origin, and one of them.
pub(crate) fn accounts(count: u32) -> (Keyring, Account) {
    let scope = Scope::new("https://api.vendor.example").unwrap();
    let mut builder = Keyring::builder();
    for number in 0..count {
        let account = Account::new(format!("account-{number}"));
        let key = ApiKey::authorization("k-1").unwrap();
        builder = builder
            .bind(scope.clone().with_account(account), key)
            .unwrap();
    }
    (
        builder.build(),
        Account::new(format!("account-{}", count / 2)),
    )
}
