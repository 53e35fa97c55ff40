//! What a look-up takes among a million bindings that are asked in random order.
//!
//! `cargo bench -p multi-auth-benches --bench lookup`. Each look-up waits for memory, so these are
//! times: they differ from run to run. A plain `HashMap` of header values is measured in turns with
//! the keyring, so that what disturbs one disturbs both, and their ratio is what counts.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a program that reports"
)]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;
use std::time::Instant;

use http::request::Parts;
use http::{HeaderValue, Request};
use multi_auth::{ApiKey, Keyring, RequestHead};

const BINDINGS: u64 = 1_000_000;

/// How many requests there are in a round, and how many rounds. The median counts.
const REQUESTS: usize = 50_000;
const ROUNDS: usize = 15;

/// What the ratio is to be at most.
const GOAL: f64 = 1.5;

fn main() {
    let (keyring, map) = bound();
    let requests = requests();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let floor = time(&requests, |request| {
            let authority = request.uri.authority().unwrap().as_str();
            black_box(map[authority].clone());
        });
        let own = time(&requests, |request| {
            black_box(keyring.ready(&RequestHead::from_parts(request)))
                .unwrap()
                .unwrap();
        });
        rounds.push((floor, own, own / floor));
    }
    let median = |figure: fn(&(f64, f64, f64)) -> f64| {
        let mut figures: Vec<_> = rounds.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[ROUNDS / 2]
    };
    println!("look-up of one of {BINDINGS} origins, in random order      [ns]");
    println!(
        "{:<50} {:>10.0}",
        "floor: a HashMap of header values",
        median(|round| round.0)
    );
    println!("{:<50} {:>10.0}", "keyring", median(|round| round.1));
    println!(
        "{:<50} {:>10.2}   goal {GOAL}",
        "times as long",
        median(|round| round.2)
    );
}

fn origin(number: u64) -> String {
    format!("api.vendor-{number}.example")
}

fn bound() -> (Keyring, HashMap<String, HeaderValue>) {
    let (mut builder, mut map) = (Keyring::builder(), HashMap::new());
    for number in 0..BINDINGS {
        let text = format!("key-of-32-bytes-{number:016}");
        let key = ApiKey::authorization(text.as_str()).unwrap();
        builder = builder
            .bind(format!("https://{}", origin(number)), key)
            .unwrap();
        map.insert(origin(number), HeaderValue::try_from(text).unwrap());
    }
    (builder.build(), map)
}

/// Requests to random origins.
fn requests() -> Vec<Parts> {
    let random = RandomState::new();
    let requests = (0..REQUESTS).map(|number| {
        let target = format!("https://{}/v1", origin(random.hash_one(number) % BINDINGS));
        let request = Request::get(target).body(()).unwrap();
        request.into_parts().0
    });
    requests.collect()
}

/// How many nanoseconds the work takes for each request.
fn time(requests: &[Parts], mut work: impl FnMut(&Parts)) -> f64 {
    let began = Instant::now();
    requests.iter().for_each(&mut work);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let count = requests.len() as f64;
    began.elapsed().as_secs_f64() * 1e9 / count
}
