//! What the catalogue of vendors costs to load.
//!
//! `cargo bench -p multi-auth-benches --bench catalogue`. Bytes are exact, by a counting allocator,
//! and held to a budget. Times are the shortest of several runs.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "it is a program that reports, and it measures time"
)]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use multi_auth_config::{Catalogue, Config};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const ONE: &str = "[vendors.helpdesk]\npreset = \"freshdesk\"\nvariables = { subdomain = \"acme\" }\nkey = { env = \"K\" }";

fn main() -> ExitCode {
    let embedded: usize = multi_auth_catalogue::all()
        .iter()
        .map(|(_, text)| text.len())
        .sum();
    println!(
        "{} vendors, {embedded} bytes of text in the program",
        Catalogue::embedded().names().len()
    );
    println!("{:<44} {:>12} {:>12}", "", "peak [bytes]", "time [us]");
    let mut fits = true;
    fits &= row("the catalogue, no vendor", 64, Catalogue::embedded);
    fits &= row("all names", 64 * 1024, || {
        Catalogue::embedded().names().len()
    });
    fits &= row("a configuration with one vendor", 48 * 1024, || {
        Config::parse(ONE, "", []).unwrap()
    });
    fits &= row("all vendors' descriptions", 2 * 1024 * 1024, || {
        let catalogue = Catalogue::embedded();
        let names = catalogue.names();
        let all = names
            .into_iter()
            .map(|name| catalogue.vendor(name).unwrap().unwrap());
        all.collect::<Vec<_>>()
    });
    if fits {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn row<T>(name: &str, budget: usize, load: impl Fn() -> T) -> bool {
    let profiler = dhat::Profiler::builder().testing().build();
    let loaded = load();
    let peak = dhat::HeapStats::get().max_bytes;
    drop(profiler);
    drop(loaded);
    let time = (0..20).map(|_| timed(&load)).min().unwrap_or_default();
    let fits = peak <= budget;
    let verdict = if fits { "" } else { "  EXCEEDED" };
    println!(
        "{name:<44} {peak:>12} {:>12}   budget {budget}{verdict}",
        time.as_micros()
    );
    fits
}

fn timed<T>(load: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    black_box(load());
    start.elapsed()
}
