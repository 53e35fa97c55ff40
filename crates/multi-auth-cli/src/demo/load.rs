//! A token that expires half-way under load: one token request, and no request fails.

use std::fmt;

use multi_auth_testing::ImmutaSimulator;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Failure;
use super::client::{Adapter, Client};
use super::credentials::DemoCredential;
use super::report::redacted;
use super::stage::{Simulators, Stage};

pub(crate) const TASKS: usize = 20;
const PER_TASK: usize = 10;

/// The number of requests.
pub(crate) const REQUESTS: usize = TASKS * PER_TASK;

const PATH: &str = "/audit";

/// The result of the load, before and after the token's expiry.
pub(crate) struct LoadTally {
    token_requests: (usize, usize),
    replays: (usize, usize),
    /// How many requests arrived, and how many of them had a token.
    arrived: (usize, usize),
}

type Requests = JoinSet<Result<usize, Failure>>;

/// Sends the load and counts the results.
pub(crate) async fn run(
    stage: &Stage,
    simulators: &Simulators,
    adapter: Adapter,
) -> Result<LoadTally, Failure> {
    let immuta = &simulators.immuta;
    let (client, url) = (
        adapter.client(stage)?,
        DemoCredential::ImmutaToken.url(stage),
    );
    immuta.clear_requests();

    let at_first = immuta.tokens_issued();
    let replays_before = finish(half(&client, &url)).await?;
    let half_way = immuta.tokens_issued();
    let replays_after = finish(expire_under(immuta, half(&client, &url)).await?).await?;

    Ok(LoadTally {
        token_requests: (half_way - at_first, immuta.tokens_issued() - half_way),
        replays: (replays_before, replays_after),
        arrived: arrived(immuta),
    })
}

/// Half of the load: each task sends half of its requests, one after another.
fn half(client: &Client, url: &str) -> Requests {
    let task = |_| requests(client.clone(), url.to_owned());
    (0..TASKS).map(task).collect()
}

async fn requests(client: Client, url: String) -> Result<usize, Failure> {
    let account = DemoCredential::ImmutaToken.account();
    let mut replays = 0;
    for _ in 0..PER_TASK / 2 {
        let response = client.get(&url, &account).await?;
        response.check()?;
        replays += response.replays;
    }
    Ok(replays)
}

/// Expires the token when the request of every task has arrived and before any response.
async fn expire_under(immuta: &ImmutaSimulator, mut tasks: Requests) -> Result<Requests, Failure> {
    let gate = immuta.hold(PATH);
    tokio::select! {
        () = gate.arrived(TASKS) => {}
        Some(early) = tasks.join_next() => {
            early??;
            return Err("requests got a response although the gate was closed".into());
        }
    }
    immuta.expire_tokens();
    gate.release();
    Ok(tasks)
}

/// Waits for all, and counts the replayed requests.
async fn finish(mut tasks: Requests) -> Result<usize, Failure> {
    let mut replays = 0;
    while let Some(task) = tasks.join_next().await {
        replays += task??;
    }
    Ok(replays)
}

fn arrived(immuta: &ImmutaSimulator) -> (usize, usize) {
    let requests = immuta.requests_to(PATH);
    let expected = DemoCredential::ImmutaToken.redacted();
    let with_token = requests.iter().filter(|it| redacted(it) == expected);
    (requests.len(), with_token.count())
}

impl LoadTally {
    pub(crate) fn json(&self, adapter: Adapter) -> Value {
        json!({
            "adapter": adapter.to_string(),
            "token_requests_before_and_after": self.token_requests,
            "replays_before_and_after": self.replays,
            "arrived": self.arrived.0,
            "arrived_with_token": self.arrived.1,
        })
    }

    /// Fails unless each half made one token request, and each refused request was replayed once.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.token_requests != (1, 1) {
            return Err(
                "there should be one token request before the expiry and one after it".into(),
            );
        }
        if self.replays != (0, TASKS) {
            return Err(format!("{TASKS} requests must be replayed after the expiry").into());
        }
        if self.arrived != (REQUESTS + TASKS, REQUESTS + TASKS) {
            return Err(format!(
                "{} of {} requests had a token",
                self.arrived.1, self.arrived.0
            )
            .into());
        }
        Ok(())
    }
}

impl fmt::Display for LoadTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((before, after), (early, late)) = (self.token_requests, self.replays);
        write!(
            f,
            "all answered 2xx  token requests {before} before, {after} after  replays {early} before, {late} after"
        )
    }
}
