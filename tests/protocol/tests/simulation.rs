//! What the store is worth to a deployment, with few instances.

use std::time::Duration;

use multi_auth_protocol::simulation::{Metrics, Scenario, Variant, simulate};

/// 200 instances with `accounts` accounts, and a vendor that accepts one token request in a second.
fn deployment(accounts: u32) -> Scenario {
    let scenario = match accounts {
        1 => Scenario::one_account(),
        _ => Scenario::hundred_accounts(),
    };
    Scenario {
        instances: 200,
        accounts,
        vendor_limit: 1,
        ..scenario
    }
}

fn run(scenario: &Scenario, variant: Variant) -> Metrics {
    simulate(scenario, variant, 7)
}

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn with_the_store_token_requests_are_even_and_none_exceeds_the_limit() {
    let scenario = deployment(1);
    let metrics = run(&scenario, Variant::Store);
    let all = metrics.between(Duration::ZERO, scenario.length);
    assert_eq!((all.exceeded(), all.failed()), (0, 0));
    // One after 45 minutes or a little later, for 12 hours.
    assert!((14..=16).contains(&all.requests()), "{}", all.requests());
    let steady = metrics.between(scenario.lifetime, scenario.length);
    let ratio = steady.peak_to_mean(scenario.lifetime * 3 / 4);
    assert!(ratio <= 1.5, "{ratio}");
}

#[test]
fn without_a_store_each_instance_requests_tokens_and_a_start_exceeds_the_limit() {
    let scenario = deployment(1);
    let metrics = run(&scenario, Variant::NoStore);
    let all = metrics.between(Duration::ZERO, scenario.length);
    assert!(all.requests() > 200 * 12, "{}", all.requests());
    assert!(all.exceeded() > 100, "{}", all.exceeded());
    assert!(all.failed() > 0);
}

#[test]
fn with_many_accounts_the_store_spreads_them_as_they_were_used_first() {
    let scenario = deployment(20);
    let metrics = run(&scenario, Variant::Store);
    let steady = metrics.between(scenario.lifetime, scenario.length);
    let ratio = steady.peak_to_mean(scenario.lifetime * 3 / 4);
    assert!(ratio <= 1.5, "{ratio}");
    assert_eq!(steady.failed(), 0);
}

#[test]
fn a_restart_of_all_instances_costs_no_token_request_with_the_store() {
    let scenario = deployment(1).with_faults();
    let requests = |variant| {
        let metrics = run(&scenario, variant);
        let restart = metrics.between(HOUR * 2, HOUR * 2 + HOUR / 6);
        restart.requests()
    };
    assert_eq!(requests(Variant::Store), 0);
    assert!(requests(Variant::NoStore) >= 200);
}

#[test]
fn in_an_outage_of_the_vendor_all_instances_pause_together() {
    let scenario = deployment(1).with_faults();
    let requests = |variant| {
        let metrics = run(&scenario, variant);
        let outage = metrics.between(HOUR * 15 / 4, HOUR * 15 / 4 + HOUR / 4);
        (outage.requests(), outage.failed())
    };
    let (paused, failed) = requests(Variant::Store);
    let (alone, _) = requests(Variant::NaiveLock);
    assert!(paused < 60 && failed == 0, "{paused}, {failed}");
    assert!(alone > paused * 10, "{alone}");
}

#[test]
fn one_seed_gives_the_same_events() {
    let scenario = deployment(20).with_faults();
    let requests = || run(&scenario, Variant::Store).requests;
    assert_eq!(requests(), requests());
}
