//! Simulates a deployment with and without a store: `simulate DIRECTORY` prints tables and draws
//! the token requests into SVG files.

#![allow(clippy::print_stdout, reason = "a program prints its results")]

use std::error::Error;
use std::path::Path;

use multi_auth_protocol::simulation::{Metrics, Scenario, Variant, faults, plot, simulate, steady};

const SEED: u64 = 1;

const VARIANTS: [(&str, Variant); 3] = [
    ("no store", Variant::NoStore),
    ("naive lock", Variant::NaiveLock),
    ("store", Variant::Store),
];

type Results = Vec<(&'static str, Metrics)>;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args_os()
        .nth(1)
        .ok_or("usage: simulate DIRECTORY")?;
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    let scenarios = [
        ("one account", "one-account.svg", Scenario::one_account()),
        (
            "100 accounts",
            "hundred-accounts.svg",
            Scenario::hundred_accounts(),
        ),
    ];
    for (name, file, scenario) in scenarios {
        println!("## 10,000 instances, {name}\n\nWithout faults:\n");
        println!("{}", steady(&scenario, &run(&scenario)));
        let scenario = scenario.with_faults();
        let results = run(&scenario);
        println!("With faults:\n\n{}", faults(&scenario, &results));
        plot(&directory.join(file), &scenario, &results)?;
    }
    Ok(())
}

fn run(scenario: &Scenario) -> Results {
    let mut results: Results = VARIANTS
        .iter()
        .map(|(name, variant)| (*name, simulate(scenario, *variant, SEED)))
        .collect();
    let impatient = scenario.clone().without_waiting();
    results.push((
        "store, without waiting for it",
        simulate(&impatient, Variant::Store, SEED),
    ));
    if scenario.accounts > 1 {
        let scenario = scenario.clone().all_at_once();
        let metrics = simulate(&scenario, Variant::Store, SEED);
        results.push(("store, all accounts at once", metrics));
        let metrics = simulate(&scenario.without_spread(), Variant::Store, SEED);
        results.push(("the same, without spread retries", metrics));
    }
    results
}
