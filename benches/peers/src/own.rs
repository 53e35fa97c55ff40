//! reqwest's own methods, and the bases.

use std::hint::black_box;

use multi_auth_benches::callgrind::measured;
use multi_auth_benches::requests::REPEATS;

const TARGET: &str = "https://api.vendor.example/v1/processes?page=2";

/// Where a row is what it is, from nothing.
pub(crate) fn nothing() {
    measured(|| ());
}

pub(crate) fn builder() {
    build(|request| request);
}

pub(crate) fn bearer_auth() {
    let token = "t".repeat(256);
    build(|request| request.bearer_auth(&token));
}

pub(crate) fn basic_auth() {
    let password = "p".repeat(256);
    build(|request| request.basic_auth("user", Some(&password)));
}

fn build(with: impl Fn(reqwest::RequestBuilder) -> reqwest::RequestBuilder) {
    let client = reqwest::Client::new();
    let one = || with(client.get(TARGET)).build().unwrap();
    drop(one());
    measured(|| {
        for _ in 0..REPEATS {
            drop(black_box(one()));
        }
    });
}
