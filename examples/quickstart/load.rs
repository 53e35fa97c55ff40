//! A token that expires half-way under load: one exchange, and nobody notices.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::Failure;
use crate::client::{Adapter, Client};
use crate::credentials::Credential;
use crate::stage::Stage;

const TASKS: usize = 20;
const PER_TASK: usize = 10;

/// How many requests are sent in all.
pub(crate) const REQUESTS: usize = TASKS * PER_TASK;

/// How long all of them may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Sends the load, checks what came of it, and reports it in one line.
pub(crate) async fn run(stage: &Stage, adapter: Adapter) -> Result<String, Failure> {
    let immuta = &stage
        .simulators()
        .ok_or("the load is for simulators")?
        .immuta;
    let client = adapter.client(stage)?;
    let url: Arc<str> = Credential::ImmutaToken.url(stage).into();
    // Everybody meets twice half-way: before the token expires, and after.
    let half_way = Arc::new(Barrier::new(TASKS + 1));

    let exchanged = immuta.exchanges();
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        tasks.spawn(requests(
            client.clone(),
            Arc::clone(&url),
            Arc::clone(&half_way),
        ));
    }
    half_way.wait().await;
    let before = immuta.exchanges() - exchanged;
    immuta.expire_tokens();
    half_way.wait().await;

    let mut replays = 0;
    while let Some(task) = tasks.join_next().await {
        replays += task??;
    }
    let after = immuta.exchanges() - exchanged - before;
    check(before, after, replays)?;
    Ok(format!(
        "  {adapter:8} {REQUESTS} requests by {TASKS} tasks, all answered 200: \
         {before} exchange before, {after} after, {replays} requests replayed"
    ))
}

/// Sends one task's share and counts the requests that were sent once more.
async fn requests(client: Client, url: Arc<str>, half_way: Arc<Barrier>) -> Result<usize, Failure> {
    let account = Credential::ImmutaToken.account();
    let mut replays = 0;
    for number in 0..PER_TASK {
        if number == PER_TASK / 2 {
            half_way.wait().await;
            half_way.wait().await;
        }
        let answer = client.get(&url, &account).await?;
        if !answer.status.is_success() {
            return Err(format!("a request under load gave {}", answer.status).into());
        }
        replays += usize::from(answer.replayed);
    }
    Ok(replays)
}

fn check(before: usize, after: usize, replays: usize) -> Result<(), Failure> {
    if (before, after) != (1, 1) {
        return Err(format!("{before} exchanges before the expiry and {after} after it").into());
    }
    if replays == 0 || replays > TASKS {
        return Err(format!("{replays} requests were replayed").into());
    }
    Ok(())
}
