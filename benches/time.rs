//! How long it takes to put a ready credential on a request, by divan.
//!
//! `cargo bench -p multi-auth-benches --bench time`. These are times: they differ from run to run.

#![allow(clippy::unwrap_used, reason = "it is a program that reports")]

use divan::{Bencher, black_box};
use http::header::AUTHORIZATION;
use multi_auth::Keyring;
use multi_auth_benches::{attaching, requests};

fn main() {
    divan::main();
}

#[divan::bench]
fn floor_insert_a_cloned_ready_value(bencher: Bencher<'_, '_>) {
    let value = requests::ready_value();
    bencher.with_inputs(requests::head).bench_refs(|parts| {
        parts
            .headers
            .insert(AUTHORIZATION, black_box(&value).clone())
    });
}

#[divan::bench(args = [1, 10_000])]
fn static_key(bencher: Bencher<'_, '_>, origins: u32) {
    put(bencher, &requests::static_key(origins));
}

#[divan::bench(args = [1, 10_000])]
fn token(bencher: Bencher<'_, '_>, origins: u32) {
    put(bencher, &requests::token(origins));
}

#[divan::bench]
fn token_with_an_expiry(bencher: Bencher<'_, '_>) {
    put(bencher, &requests::token_that_ends());
}

fn put(bencher: Bencher<'_, '_>, keyring: &Keyring) {
    bencher
        .with_inputs(requests::head)
        .bench_refs(|parts| attaching::put(black_box(keyring), parts));
}
