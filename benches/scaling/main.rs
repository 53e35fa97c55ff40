//! What threads do that share one credential, and what a whole request over loopback costs.
//!
//! `cargo bench -p multi-auth-benches --bench scaling`. The times differ from run to run. The
//! contended cache lines are exact, and `-- check` counts them alone: it fails where two threads
//! contend. Needs valgrind.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a program that reports"
)]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue};
use http::request::Parts;
use multi_auth::{ApiKey, Authenticator, Bearer, Keyring, Placement, Token, source_fn};
use multi_auth_benches::{attaching, contended, requests};
use multi_auth_reqwest::{AuthMiddleware, guarded_client};
use multi_auth_testing::ScriptedServer;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

/// How long each figure is measured, and how often; the best counts, since all else is noise.
const SPAN: Duration = Duration::from_millis(300);
const TIMES: usize = 5;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [turns, name, threads] = &*arguments
        && turns == "turns"
    {
        take_turns(name, threads.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    if arguments.iter().any(|argument| argument == "check") {
        return contended_lines();
    }
    println!(
        "{:<50} {:>13} {:>12} {:>12}",
        "one credential, by threads", "1 thread [ns]", "2 free", "2 pinned"
    );
    for name in NAMES.iter().chain(&SIGNERS) {
        row(name);
    }
    let verdict = contended_lines();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(whole_requests());
    verdict
}

/// What the threads do: the floor first, in which they share one value.
const NAMES: [&str; 4] = [
    "floor: insert a cloned ready value",
    "static key",
    "token",
    "token with an expiry",
];

/// Signers whose key the threads share. A signature takes so long that a line for which they
/// contend does not count.
const SIGNERS: [&str; 4] = [
    "AWS SigV4",
    "HMAC by templates",
    "RFC 9421 with Ed25519",
    "Digest with SHA-256",
];

fn signer(name: &str) -> Option<Keyring> {
    Some(match name {
        "AWS SigV4" => requests::sigv4(),
        "HMAC by templates" => requests::hmac(),
        "RFC 9421 with Ed25519" => requests::http_signature(),
        "Digest with SHA-256" => requests::digest(),
        _ => return None,
    })
}

/// A loop's body for each thread that asks for one.
fn work(name: &str) -> impl Fn() -> Work + Sync {
    let signer = signer(name);
    let value: &'static HeaderValue = Box::leak(Box::new(requests::ready_value()));
    let keyring = match name {
        "static key" => Some(requests::static_key(1)),
        "token" => Some(requests::token(1)),
        "token with an expiry" => Some(requests::token_that_ends()),
        _ => None,
    };
    move || -> Work {
        if let Some(signer) = signer.clone() {
            return Box::new(move |parts| attaching::signature(&signer, parts));
        }
        let Some(keyring) = keyring.clone() else {
            return Box::new(move |parts| {
                parts.headers.insert(AUTHORIZATION, value.clone());
            });
        };
        Box::new(move |parts| attaching::put(&keyring, parts))
    }
}

type Work = Box<dyn FnMut(&mut Parts)>;

/// Counts the cache lines for which so many threads contend.
fn contended_lines() -> ExitCode {
    println!(
        "\n{:<50} {}",
        "cache lines contended for, by threads",
        THREADS.map(|threads| format!("{threads:>6}")).concat()
    );
    let mut fits = true;
    for name in NAMES {
        let counts =
            THREADS.map(|threads| contended::count(&["turns", name, &threads.to_string()]));
        // The floor shares one value.
        let is_exceeded = name != NAMES[0] && counts.iter().any(|count| *count > 0);
        let verdict = if is_exceeded { "  EXCEEDED" } else { "" };
        fits &= !is_exceeded;
        println!(
            "{name:<50} {}{verdict}",
            counts.map(|count| format!("{count:>6}")).concat()
        );
    }
    if fits {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A credential has as many copies as the last of these.
const THREADS: [usize; 5] = [1, 2, 4, 8, 16];

fn take_turns(name: &str, threads: usize) {
    let work = work(name);
    contended::turns(threads, || {
        let (mut work, mut parts) = (work(), requests::head());
        move || {
            work(&mut parts);
            parts.headers.remove(AUTHORIZATION);
        }
    });
}

fn bound(scope: &str, authenticator: impl Authenticator + 'static) -> Keyring {
    Keyring::builder()
        .bind(scope, authenticator)
        .unwrap()
        .build()
}

fn row(name: &str) {
    let work = work(name);
    let best = |threads, pinned| {
        (0..TIMES)
            .map(|_| per_second(threads, pinned, &work))
            .fold(0.0, f64::max)
    };
    let one = best(1, false);
    let (free, pinned) = (best(2, false) / one, best(2, true) / best(1, true));
    println!("{name:<50} {:>13.0} {free:>12.2} {pinned:>12.2}", 1e9 / one);
}

/// Keeps this thread on one processor, another one for each of `number`.
fn pin(number: usize) {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        let all = sched_getaffinity(None).unwrap();
        let mut allowed = (0..CpuSet::MAX_CPU).filter(|at| all.is_set(*at)).cycle();
        let mut one = CpuSet::new();
        one.set(allowed.nth(number).unwrap());
        sched_setaffinity(None, &one).unwrap();
    }
    #[cfg(not(target_os = "linux"))]
    let _ = number;
}

/// How often `threads` together do the work in a second.
fn per_second(threads: usize, pinned: bool, work: &(impl Fn() -> Work + Sync)) -> f64 {
    let start = Barrier::new(threads);
    std::thread::scope(|scope| {
        let loops: Vec<_> = (0..threads)
            .map(|number| {
                let start = &start;
                scope.spawn(move || {
                    if pinned {
                        pin(number);
                    }
                    let (mut work, mut parts) = (work(), requests::head());
                    start.wait();
                    let began = Instant::now();
                    let mut count = 0_u32;
                    while began.elapsed() < SPAN {
                        for _ in 0..1000 {
                            work(black_box(&mut parts));
                            parts.headers.remove(AUTHORIZATION);
                        }
                        count += 1000;
                    }
                    f64::from(count) / began.elapsed().as_secs_f64()
                })
            })
            .collect();
        loops.into_iter().map(|done| done.join().unwrap()).sum()
    })
}

/// reqwest over loopback with one connection: bare with a ready header, and with the middleware.
async fn whole_requests() {
    let server = ScriptedServer::start().await.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, requests::ready_value());
    let bare = reqwest::Client::builder()
        .no_proxy()
        .default_headers(headers)
        .build()
        .unwrap();
    let bare = ClientBuilder::new(bare).build();
    let plain = || reqwest::Client::builder().no_proxy().build().unwrap();
    let text = || "t".repeat(256);
    let key = ApiKey::new(Placement::bearer(), text()).unwrap();
    let key = bound(server.url(), key);
    let source = source_fn(move || async move { Ok(Token::new(text())) });
    let token = bound(server.url(), Bearer::new(source));
    let with = |keyring: Keyring| {
        ClientBuilder::new(plain())
            .with(AuthMiddleware::new(keyring))
            .build()
    };
    let direct = reqwest::Client::builder().no_proxy();
    let guarded = guarded_client(token.clone()).with_client(direct).build();
    let (key, token, guarded) = (with(key), with(token), guarded.unwrap());

    println!(
        "\nwhole requests over loopback                       CPU of client and server [us each]"
    );
    // In turns, so that what disturbs one disturbs all.
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let mut round = [0.0; 4];
        for (figure, client) in round.iter_mut().zip([&bare, &key, &token, &guarded]) {
            *figure = per_request(client, &server).await;
        }
        rounds.push(round);
    }
    let names = [
        "bare client, ready header",
        "static key",
        "token",
        "token, guarded client",
    ];
    for (at, name) in names.into_iter().enumerate() {
        let figure = median(rounds.iter().map(|round| round[at]));
        let ratio = median(rounds.iter().map(|round| round[at] / round[0]));
        println!(
            "{name:<50} {figure:>13.1} {:>+11.1} %",
            (ratio - 1.0) * 100.0
        );
    }
}

/// How many rounds there are, and of how many requests; what counts is the one in the middle.
const ROUNDS: usize = 101;
const REQUESTS: u32 = 200;

/// The processor time of one request in a round, in microseconds.
async fn per_request(client: &ClientWithMiddleware, server: &ScriptedServer) -> f64 {
    let began = cpu_time();
    for _ in 0..REQUESTS {
        let answer = client.get(server.url()).send().await.unwrap();
        answer.bytes().await.unwrap();
    }
    server.clear_requests();
    cpu_time().saturating_sub(began).as_secs_f64() * 1e6 / f64::from(REQUESTS)
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The processor time of this process so far (Linux: `/proc/self/schedstat` of every thread, in
/// ns).
fn cpu_time() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let nanos = tasks.filter_map(|task| {
        let stat = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        stat.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}
