//! What a binding takes of memory.
//!
//! `cargo bench -p multi-auth-benches --bench footprint`. Exact: bytes that were asked for and not
//! given back, by a counting allocator.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a program that reports"
)]

use std::process::ExitCode;

use http::Request;
use multi_auth::{
    Account, ApiKey, Authenticator, Bearer, Keyring, ProtectionSpace, RequestHead, Token, source_fn,
};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// How many are bound: a number of people, and one at which a hash table has just doubled.
const COUNTS: [u32; 2] = [10_000, 14_337];

/// What metrics may add to each: its label's number, and a part of the counters.
const METRICS: usize = if cfg!(feature = "metrics") { 4 } else { 0 };

fn main() -> ExitCode {
    let [some, doubled] = COUNTS;
    println!(
        "{:<50} {some:>8} {doubled:>8}",
        "memory per binding [bytes], of so many"
    );
    let mut fits = true;
    fits &= row("static key of 32 bytes, an origin each", 600, |count| {
        origins(count, || ApiKey::authorization("k".repeat(32)).unwrap())
    });
    fits &= row("static key of 32 bytes, an account each", 600, |count| {
        accounts(count, || ApiKey::authorization("k".repeat(32)).unwrap())
    });
    for length in [32, 256] {
        let name = format!("token of {length} bytes, an account each");
        fits &= row(&name, 1200, |count| {
            obtained(count, accounts(count, || tokens(length)))
        });
    }
    if fits {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn row(name: &str, goal: usize, build: impl Fn(u32) -> Keyring) -> bool {
    let goal = goal + METRICS;
    let bytes = COUNTS.map(|count| {
        let profiler = dhat::Profiler::builder().testing().build();
        let keyring = build(count);
        let bytes = dhat::HeapStats::get().curr_bytes / count as usize;
        drop(profiler);
        drop(keyring);
        bytes
    });
    let [some, doubled] = bytes;
    let fits = bytes.iter().all(|bytes| *bytes <= goal);
    let verdict = if fits { "" } else { "  EXCEEDED" };
    println!("{name:<50} {some:>8} {doubled:>8}   budget {goal}{verdict}");
    fits
}

fn tokens(length: usize) -> Bearer {
    Bearer::new(source_fn(move || async move {
        Ok(Token::new("t".repeat(length)))
    }))
}

fn origins<A: Authenticator + 'static>(count: u32, authenticator: impl Fn() -> A) -> Keyring {
    let mut builder = Keyring::builder();
    for number in 0..count {
        let origin = format!("https://api.vendor-{number}.example");
        builder = builder.bind(origin, authenticator()).unwrap();
    }
    builder.build()
}

fn accounts<A: Authenticator + 'static>(count: u32, authenticator: impl Fn() -> A) -> Keyring {
    let space = ProtectionSpace::new("https://api.vendor.example").unwrap();
    let mut builder = Keyring::builder();
    for number in 0..count {
        let space = space.clone().with_account(account(number));
        builder = builder.bind(space, authenticator()).unwrap();
    }
    builder.build()
}

fn account(number: u32) -> Account {
    Account::new(format!("account-{number}"))
}

/// The same with a cached token for each account.
fn obtained(count: u32, keyring: Keyring) -> Keyring {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    for number in 0..count {
        let request = Request::get("https://api.vendor.example/").extension(account(number));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let head = RequestHead::from_parts(&parts);
        runtime.block_on(keyring.authenticate(&head)).unwrap();
    }
    drop(runtime);
    keyring
}
