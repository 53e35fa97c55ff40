//! The same request many times, while keys may change.

use std::collections::BTreeMap;

use http::StatusCode;
use multi_auth_config::Live;
use serde_json::json;

use super::{Sending, exit};
use crate::args::General;
use crate::exit::Exit;
use crate::rule::{Answered, Fault};
use crate::{Outcome, tell};

pub(super) async fn run(general: &General, live: Live, sending: &Sending, times: u32) -> Outcome {
    let watch = tokio::spawn(live.watch());
    let (mut statuses, mut failed, mut worst) = (BTreeMap::<u16, u32>::new(), 0_u32, Exit::Fine);
    for _ in 0..times {
        match answered(sending).await {
            Ok((status, exit)) => {
                worst = worst.max(exit);
                *statuses.entry(status.as_u16()).or_default() += 1;
            }
            Err(fault) => {
                tracing::debug!(problem = fault.problem(), "no answer");
                failed += 1;
            }
        }
    }
    watch.abort();
    if general.json {
        tell::json(&json!({ "sent": times, "failed": failed, "statuses": statuses }));
    } else {
        print(times, failed, &statuses);
    }
    Ok(if failed > 0 {
        worst.max(Exit::Unknown)
    } else {
        worst
    })
}

/// What one request is answered with, once all of the answer has come: then the connection is free again.
async fn answered(sending: &Sending) -> Result<(StatusCode, Exit), Fault> {
    let mut answer = sending.request().send().await?;
    while answer.chunk().await?.is_some() {}
    let (status, headers) = (answer.status(), answer.headers());
    Ok((status, exit(Answered { status, headers })))
}

fn print(times: u32, failed: u32, statuses: &BTreeMap<u16, u32>) {
    let counted = |(status, count): (&u16, &u32)| format!("{count} x {status}");
    let counts: Vec<_> = statuses.iter().map(counted).collect();
    let counts = counts.join(", ");
    tell::line(&format!(
        "{times} requests: {counts}; {failed} without an answer"
    ));
}
