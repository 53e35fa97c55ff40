//! The checker visits every order of steps and faults, and finds a counterexample without each
//! guard.
//!
//! `cargo test --release -p multi-auth-protocol --test model -- --ignored --nocapture` visits
//! millions of states and prints their numbers.

#![allow(clippy::print_stdout, reason = "the numbers are in the documentation")]

use multi_auth_protocol::model::{Faults, Guard, Mode, Setup, name};
use stateright::{Checker, Model};

use Mode::{Refreshing, Sharing};

const NONE: Faults = Faults {
    crashes: 0,
    expiries: 0,
    losses: 0,
    outages: 0,
    flushes: 0,
    failovers: 0,
    refusals: 0,
    expirations: 0,
    failures: 0,
};
const CRASH: Faults = Faults { crashes: 1, ..NONE };
const EXPIRY: Faults = Faults {
    expiries: 1,
    ..NONE
};
const LOSS: Faults = Faults { losses: 1, ..NONE };
const OUTAGE: Faults = Faults { outages: 1, ..NONE };
const FLUSH: Faults = Faults { flushes: 1, ..NONE };
const FAILOVER: Faults = Faults {
    failovers: 1,
    ..NONE
};
const REFUSAL: Faults = Faults {
    refusals: 1,
    ..NONE
};
const EXPIRATION: Faults = Faults {
    expirations: 1,
    ..NONE
};
const FAILURE: Faults = Faults {
    failures: 1,
    ..NONE
};

/// What the checker finds: the names of the properties, and the number of states.
struct Found {
    names: Vec<&'static str>,
    states: usize,
}

fn check(setup: Setup) -> Found {
    let checker = setup.checker().spawn_bfs().join();
    let states = checker.unique_state_count();
    let names = checker.discoveries().into_keys().collect();
    let (mode, faults) = (setup.mode, setup.faults.summary());
    println!(
        "{states:>9} states: {} processes, {mode:?}, {faults}",
        setup.processes
    );
    Found { names, states }
}

/// Checks that all properties hold. Returns the number of states.
fn holds(processes: u8, mode: Mode, faults: &[Faults]) -> usize {
    let faults = faults
        .iter()
        .copied()
        .reduce(Faults::and)
        .unwrap_or_default();
    let mut found = check(Setup::new(processes, mode).with(faults));
    found.names.retain(|name| *name != name::LOGIN_NEEDED);
    assert_eq!(found.names, [name::ALL_HAVE_TOKENS], "{}", faults.summary());
    found.states
}

#[test]
fn processes_share_access_tokens() {
    let states = holds(2, Sharing, &[])
        + holds(3, Sharing, &[])
        + holds(3, Sharing, &[CRASH, EXPIRY])
        + holds(3, Sharing, &[LOSS, REFUSAL])
        + holds(3, Sharing, &[OUTAGE])
        + holds(2, Sharing, &[LOSS, LOSS, EXPIRATION])
        + holds(2, Sharing, &[CRASH, LOSS, REFUSAL])
        + holds(2, Sharing, &[FLUSH, LOSS, REFUSAL])
        + holds(2, Sharing, &[FAILOVER, LOSS, REFUSAL])
        + holds(2, Sharing, &[OUTAGE, LOSS])
        + holds(2, Sharing, &[EXPIRY, FAILURE, REFUSAL, REFUSAL]);
    println!("{states:>9} states in all");
    assert!(states > 500_000, "{states}");
}

#[test]
fn processes_share_refresh_tokens() {
    let states = holds(2, Refreshing, &[])
        + holds(3, Refreshing, &[])
        + holds(3, Refreshing, &[CRASH, EXPIRY])
        + holds(3, Refreshing, &[LOSS, EXPIRATION])
        + holds(3, Refreshing, &[OUTAGE])
        + holds(2, Refreshing, &[LOSS, OUTAGE, EXPIRY])
        + holds(2, Refreshing, &[CRASH, LOSS])
        + holds(2, Refreshing, &[EXPIRY, EXPIRATION, REFUSAL])
        + holds(2, Refreshing, &[FLUSH, LOSS])
        + holds(2, Refreshing, &[FAILOVER, LOSS])
        + holds(2, Refreshing, &[EXPIRY, FAILURE, REFUSAL]);
    println!("{states:>9} states in all");
    assert!(states > 500_000, "{states}");
}

#[test]
#[ignore = "visits millions of states; run it with --release"]
fn millions_of_states_hold() {
    let states = holds(2, Sharing, &[CRASH, EXPIRY, LOSS, REFUSAL])
        + holds(3, Sharing, &[CRASH, LOSS])
        + holds(2, Sharing, &[OUTAGE, LOSS, REFUSAL])
        + holds(2, Refreshing, &[CRASH, EXPIRY, LOSS])
        + holds(2, Refreshing, &[LOSS, OUTAGE, EXPIRATION])
        + holds(3, Refreshing, &[EXPIRY, LOSS]);
    println!("{states:>9} states in all");
}

#[test]
fn each_cause_alone_can_cost_a_refresh_token_and_no_other_fault_can() {
    for (fault, costs) in [
        (NONE, false),
        (CRASH, true),
        (EXPIRY, true),
        (LOSS, true),
        (FLUSH, true),
        (FAILOVER, true),
        (OUTAGE, false),
        (REFUSAL, false),
        (EXPIRATION, false),
        (FAILURE, false),
    ] {
        let found = check(Setup::new(2, Refreshing).with(fault));
        let is_needed = found.names.contains(&name::LOGIN_NEEDED);
        assert_eq!(is_needed, costs, "{}", fault.summary());
    }
}

/// Checks that without `guard`, the property `violated` does not hold.
fn needs(guard: &'static [Guard], mode: Mode, faults: &[Faults], violated: &str) {
    let faults = faults
        .iter()
        .copied()
        .reduce(Faults::and)
        .unwrap_or_default();
    let setup = Setup::new(2, mode).with(faults);
    let has = |setup| check(setup).names.contains(&violated);
    assert!(!has(setup), "{guard:?} is there");
    assert!(has(setup.without(guard)), "{guard:?} is not needed");
}

#[test]
fn without_the_revision_check_an_older_token_replaces_a_newer_one() {
    let guard = &[Guard::RevisionCheck];
    needs(guard, Sharing, &[EXPIRY], name::REPLACED_ONCE);
    needs(guard, Sharing, &[EXPIRY], name::NEWEST_STAYS);
}

#[test]
fn without_the_owner_check_two_processes_present_one_refresh_token() {
    let faults = &[EXPIRY, FAILURE];
    needs(
        &[Guard::OwnerCheck],
        Refreshing,
        faults,
        name::LOGIN_HAS_CAUSE,
    );
}

#[test]
fn without_the_lease_check_two_processes_present_one_refresh_token() {
    needs(
        &[Guard::LeaseCheck],
        Refreshing,
        &[EXPIRY],
        name::LOGIN_HAS_CAUSE,
    );
}

#[test]
fn a_revision_that_comes_back_lets_a_refusal_hit_a_valid_token() {
    let (guard, faults) = (&[Guard::UniqueRevisions], &[FLUSH, REFUSAL]);
    needs(guard, Sharing, faults, name::REVISIONS_GROW);
    needs(guard, Sharing, faults, name::REFUSAL_IS_RIGHT);
}

#[test]
fn a_refusal_of_any_revision_hits_a_valid_token() {
    needs(
        &[Guard::RefusalCheck],
        Sharing,
        &[REFUSAL],
        name::REFUSAL_IS_RIGHT,
    );
}

#[test]
fn a_refusal_that_is_not_recorded_lets_another_process_use_the_token() {
    let faults = &[REFUSAL, CRASH];
    needs(&[Guard::RefusalMark], Sharing, faults, name::REFUSED_STAYS);
}

#[test]
fn a_lease_without_an_end_blocks_all_processes_when_its_holder_dies() {
    needs(&[Guard::LeaseEnd], Sharing, &[CRASH], name::ALL_GET_TOKENS);
}

#[test]
fn a_process_that_goes_alone_presents_a_refresh_token_again() {
    let faults = &[OUTAGE, EXPIRATION];
    needs(
        &[Guard::Withholding],
        Refreshing,
        faults,
        name::LOGIN_HAS_CAUSE,
    );
}

#[test]
fn a_lost_publication_costs_the_refresh_token_unless_the_lease_is_kept() {
    let guard = &[Guard::KeptLease];
    needs(guard, Refreshing, &[LOSS], name::LOGIN_HAS_CAUSE);
    needs(guard, Refreshing, &[OUTAGE], name::LOGIN_HAS_CAUSE);
}

/// The access token of the former holder is stored late, and makes the entry newer than the new
/// holder expects.
#[test]
fn a_late_access_token_costs_the_refresh_token_unless_it_replaces_the_used_one() {
    let faults = &[EXPIRY, EXPIRATION];
    needs(
        &[Guard::UsedToken],
        Refreshing,
        faults,
        name::LOGIN_HAS_CAUSE,
    );
}
