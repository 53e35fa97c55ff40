//! What two threads do that use one credential, and what a whole request over loopback costs.
//!
//! `cargo bench -p multi-auth-benches --bench scaling`. These are times: they differ from run to run.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a program that reports"
)]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue};
use http::request::Parts;
use multi_auth::{ApiKey, Authenticator, Bearer, Keyring, Placement, Token, source_fn};
use multi_auth_benches::{attaching, requests};
use multi_auth_reqwest::AuthMiddleware;
use multi_auth_testing::ScriptedServer;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

/// How long each figure is measured, and how often; the best counts, since all else is noise.
const SPAN: Duration = Duration::from_millis(300);
const TIMES: usize = 5;

fn main() {
    println!(
        "one credential, by threads                         1 thread [ns]   2 threads: times as fast"
    );
    let value = requests::ready_value();
    row("floor: insert a cloned ready value", || floor(&value));
    let key = requests::static_key(1);
    row("static key", || put(&key));
    let token = requests::token_that_ends();
    row("token with an expiry", || put(&token));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(whole_requests());
}

fn bound(scope: &str, authenticator: impl Authenticator + 'static) -> Keyring {
    Keyring::builder()
        .bind(scope, authenticator)
        .unwrap()
        .build()
}

/// A loop's body: takes the request that it is to work on.
fn floor(value: &HeaderValue) -> impl FnMut(&mut Parts) {
    let value = value.clone();
    let shared: &'static HeaderValue = Box::leak(Box::new(value));
    move |parts| {
        parts.headers.insert(AUTHORIZATION, shared.clone());
    }
}

fn put(keyring: &Keyring) -> impl FnMut(&mut Parts) {
    let keyring = keyring.clone();
    move |parts| attaching::put(&keyring, parts)
}

fn row<W: FnMut(&mut Parts) + Send>(name: &str, work: impl Fn() -> W) {
    let one = (0..TIMES).map(|_| per_second(1, &work)).fold(0.0, f64::max);
    let two = (0..TIMES).map(|_| per_second(2, &work)).fold(0.0, f64::max);
    println!("{name:<50} {:>13.0} {:>12.2}", 1e9 / one, two / one);
}

/// How often `threads` together do the work in a second.
fn per_second<W: FnMut(&mut Parts) + Send>(threads: usize, work: &impl Fn() -> W) -> f64 {
    let start = Barrier::new(threads);
    std::thread::scope(|scope| {
        let loops: Vec<_> = (0..threads)
            .map(|_| {
                let (mut work, start) = (work(), &start);
                scope.spawn(move || {
                    let mut parts = requests::head();
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
    let (key, token) = (with(key), with(token));

    println!(
        "\nwhole requests over loopback                       CPU of client and server [us each]"
    );
    // In turns, so that what disturbs one disturbs all.
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let mut round = [0.0; 3];
        for (figure, client) in round.iter_mut().zip([&bare, &key, &token]) {
            *figure = per_request(client, &server).await;
        }
        rounds.push(round);
    }
    let names = ["bare client, ready header", "static key", "token"];
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

/// The processor time of this process so far (Linux: `/proc/self/schedstat` of every thread, in ns).
fn cpu_time() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let nanos = tasks.filter_map(|task| {
        let stat = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        stat.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}
