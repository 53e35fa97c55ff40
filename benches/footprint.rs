//! What a binding takes of memory.
//!
//! `cargo bench -p multi-auth-benches --bench footprint`. Exact: bytes that were asked for and not given
//! back, by a counting allocator.

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

const MANY: u32 = 10_000;

/// What metrics may add to each: its label's number, and a part of the counters.
const METRICS: usize = if cfg!(feature = "metrics") { 4 } else { 0 };

fn main() -> ExitCode {
    println!("memory per binding, of {MANY} bound                    [bytes]");
    let mut fits = true;
    fits &= row("static key of 32 bytes, an origin each", 600, || {
        origins(|| ApiKey::authorization("k".repeat(32)).unwrap())
    });
    fits &= row("static key of 32 bytes, an account each", 600, || {
        accounts(|| ApiKey::authorization("k".repeat(32)).unwrap())
    });
    fits &= row("token of 256 bytes, an account each", 1400, || {
        obtained(accounts(tokens))
    });
    if fits {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn row(name: &str, goal: usize, build: impl FnOnce() -> Keyring) -> bool {
    let goal = goal + METRICS;
    let profiler = dhat::Profiler::builder().testing().build();
    let keyring = build();
    let bytes = dhat::HeapStats::get().curr_bytes / MANY as usize;
    drop(profiler);
    drop(keyring);
    let verdict = if bytes <= goal { "" } else { "  EXCEEDED" };
    println!("{name:<50} {bytes:>8}   budget {goal}{verdict}");
    bytes <= goal
}

fn tokens() -> Bearer {
    Bearer::new(source_fn(|| async { Ok(Token::new("t".repeat(256))) }))
}

fn origins<A: Authenticator + 'static>(authenticator: impl Fn() -> A) -> Keyring {
    let mut builder = Keyring::builder();
    for number in 0..MANY {
        let origin = format!("https://api.vendor-{number}.example");
        builder = builder.bind(origin, authenticator()).unwrap();
    }
    builder.build()
}

fn accounts<A: Authenticator + 'static>(authenticator: impl Fn() -> A) -> Keyring {
    let scope = ProtectionSpace::new("https://api.vendor.example").unwrap();
    let mut builder = Keyring::builder();
    for number in 0..MANY {
        let scope = scope.clone().with_account(account(number));
        builder = builder.bind(scope, authenticator()).unwrap();
    }
    builder.build()
}

fn account(number: u32) -> Account {
    Account::new(format!("account-{number}"))
}

/// The same with a token at hand for each account.
fn obtained(keyring: Keyring) -> Keyring {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    for number in 0..MANY {
        let request = Request::get("https://api.vendor.example/").extension(account(number));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let head = RequestHead::from_parts(&parts);
        runtime.block_on(keyring.authenticate(&head)).unwrap();
    }
    drop(runtime);
    keyring
}
