//! When a lease can end, with the times of access tokens and of refresh tokens.

#![allow(clippy::print_stdout, reason = "the numbers are in the documentation")]

use multi_auth_protocol::timing::{COVERED, OUTLASTED, Timing};
use stateright::{Checker, Model};

/// The times of access tokens.
const SHARING: Timing = Timing {
    request: 20,
    lease: 24,
    extension: 8,
    wait: 45,
    rest: 12,
    stops: 24,
};
/// The times of refresh tokens.
const REFRESHING: Timing = Timing {
    request: 30,
    lease: 36,
    extension: 12,
    wait: 67,
    rest: 18,
    stops: 36,
};

fn violated(timing: Timing) -> Vec<&'static str> {
    let checker = timing.checker().spawn_bfs().join();
    println!("{} states: {timing:?}", checker.unique_state_count());
    let mut names: Vec<_> = checker.discoveries().into_keys().collect();
    names.sort_unstable();
    names
}

#[test]
fn a_lease_covers_its_token_request_if_an_extension_fits_into_what_is_left() {
    for timing in [SHARING, REFRESHING] {
        let rest = timing.extension + 1;
        assert!(!violated(Timing { rest, ..timing }).contains(&COVERED));
        let rest = timing.extension;
        assert!(violated(Timing { rest, ..timing }).contains(&COVERED));
    }
}

#[test]
fn a_process_outlasts_a_lease_if_it_waits_for_its_last_extension_too() {
    for timing in [SHARING, REFRESHING] {
        // The holder runs until it dies.
        let timing = Timing { stops: 0, ..timing };
        let wait = timing.request + timing.lease;
        assert!(!violated(Timing { wait, ..timing }).contains(&OUTLASTED));
        let wait = timing.lease + 5;
        assert!(violated(Timing { wait, ..timing }).contains(&OUTLASTED));
    }
}
