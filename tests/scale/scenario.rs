//! Each fault in turn: no request fails, and the processes then share one token request again.

use std::time::Duration;

use crate::deployment::Deployment;
use crate::faults::Fault;
use crate::generations::Generations;
use crate::vendor::Counts;

/// What happened between two counts.
struct Row {
    requests: usize,
    refused: usize,
    token_requests: usize,
    failed: usize,
    after: Generations,
}

fn processes() -> usize {
    let number = std::env::var("PROCESSES");
    number.map_or(20, |number| number.parse().unwrap())
}

/// All faults, or the one that `FAULT` names.
fn faults() -> Vec<Fault> {
    let chosen = std::env::var("FAULT").unwrap_or_default();
    let is_chosen = |fault: &Fault| format!("{fault:?}").starts_with(&chosen);
    Fault::ALL.into_iter().filter(is_chosen).collect()
}

async fn measure(
    deployment: &mut Deployment,
    fault: Fault,
    lifetime: Duration,
    measured: Duration,
) -> Row {
    let before = deployment.vendor.counts();
    let failed = deployment.failures().len();
    fault.happen(deployment).await;
    let during = deployment.vendor.counts();
    // The tokens that processes requested themselves are replaced.
    if fault != Fault::None {
        tokio::time::sleep(lifetime + Duration::from_secs(5)).await;
    }
    let settled = deployment.vendor.counts();
    tokio::time::sleep(measured).await;
    let end = deployment.vendor.counts();
    for failure in &deployment.failures()[failed..] {
        println!("{failure}");
    }
    Row {
        requests: end.accepted - before.accepted,
        refused: end.refused - before.refused,
        token_requests: since(&during, &before).len(),
        failed: deployment.failures().len() - failed,
        after: Generations::of(since(&end, &settled), lifetime),
    }
}

fn since<'a>(counts: &'a Counts, earlier: &Counts) -> &'a [std::time::Instant] {
    &counts.token_requests[earlier.token_requests.len()..]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis, and takes minutes"]
async fn no_request_fails_while_parts_fail_and_afterwards_one_process_requests_each_token() {
    let (processes, lifetime) = (processes(), Duration::from_secs(3));
    let mut deployment = Deployment::start(processes, lifetime).await;
    deployment.warm_up().await;
    let cold = deployment.vendor.counts().token_requests.len();
    println!("{processes} processes, tokens of 3 s; {cold} token requests until all have started");
    println!(
        "| fault | requests | failed | 401 | token requests during the fault | generations after it | token requests after it | most for one |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    let mut rows = Vec::new();
    for fault in faults() {
        let measured = Duration::from_secs(if fault == Fault::None { 15 } else { 6 });
        let row = measure(&mut deployment, fault, lifetime, measured).await;
        let (name, after) = (fault.name(), &row.after);
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} |",
            row.requests,
            row.failed,
            row.refused,
            row.token_requests,
            after.0.len(),
            after.requests(),
            after.most()
        );
        rows.push((fault, row));
    }
    for (fault, row) in rows {
        assert_eq!(row.failed, 0, "{fault:?}");
        assert!(row.after.0.len() >= 2, "{fault:?}: {:?}", row.after);
        assert!(row.after.most() <= 2, "{fault:?}: {:?}", row.after);
        assert_eq!(row.after.repeated(), 0, "{fault:?}: {:?}", row.after);
        if fault.takes_the_store_away() {
            // Each process requests a token at most once per lifetime and back-off.
            assert!(row.token_requests <= processes * 6, "{fault:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis, and takes minutes"]
async fn a_token_of_a_minute_is_requested_once_by_all_processes() {
    let (processes, lifetime) = (processes(), Duration::from_secs(60));
    let deployment = Deployment::start(processes, lifetime).await;
    tokio::time::sleep(Duration::from_secs(150)).await;
    let counts = deployment.vendor.counts();
    let generations = Generations::of(&counts.token_requests, lifetime);
    println!(
        "{processes} processes, tokens of 60 s: {} requests, {} generations, {} token requests, {} failed",
        counts.accepted,
        generations.0.len(),
        generations.requests(),
        deployment.failures().len()
    );
    assert_eq!(deployment.failures(), [""; 0]);
    assert!(generations.0.len() >= 4, "{generations:?}");
    assert_eq!(generations.repeated(), 0, "{generations:?}");
}

/// `GENERATIONS` is 1,000 by default, which take half an hour.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis, and takes half an hour"]
async fn a_thousand_tokens_in_a_row_are_requested_once_each() {
    let wanted = std::env::var("GENERATIONS").map_or(1_000, |number| number.parse().unwrap());
    let (processes, lifetime) = (processes(), Duration::from_secs(3));
    let deployment = Deployment::start(processes, lifetime).await;
    deployment.warm_up().await;
    let start = deployment.vendor.counts();
    let counted = loop {
        tokio::time::sleep(lifetime).await;
        let counts = deployment.vendor.counts();
        let generations = Generations::of(since(&counts, &start), lifetime);
        if generations.0.len() >= wanted {
            break generations;
        }
    };
    println!(
        "{processes} processes, tokens of 3 s: {} requests, {} generations, {} with more than one token request, at most {} for one, {} failed",
        deployment.vendor.counts().accepted - start.accepted,
        counted.0.len(),
        counted.repeated(),
        counted.most(),
        deployment.failures().len()
    );
    assert_eq!(deployment.failures(), [""; 0]);
    assert!(counted.most() <= 2, "{counted:?}");
    // 99.9 % of them.
    assert!(counted.repeated() * 1_000 <= counted.0.len(), "{counted:?}");
}
