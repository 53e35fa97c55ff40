//! Sends the same request many times, some at once, while keys may rotate.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use multi_auth::{Clock, SystemClock};
use multi_auth_config::LiveKeyring;
use tokio::task::JoinSet;

use super::Sending;
use super::tally::Tally;
use crate::args::General;
use crate::diagnostic::{Diagnostic, ResponseDiagnosis};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::{Outcome, output};

/// The number of requests left to send, and the results of the others.
struct Load {
    sending: Sending,
    left: AtomicU32,
    tally: Mutex<Tally>,
}

pub(super) async fn run(
    general: &General,
    live: LiveKeyring,
    sending: Sending,
    times: u32,
    parallel: u32,
) -> Outcome {
    // From before the first request on.
    let mut interrupt = Interrupt::listen();
    let watch = tokio::spawn(live.watch());
    tracing::info!(times, parallel, "the keys are read: sending the requests");
    let load = Arc::new(Load {
        sending,
        left: AtomicU32::new(times),
        tally: Mutex::new(Tally::new()?),
    });
    let mut senders: JoinSet<_> = (0..parallel.min(times))
        .map(|_| Arc::clone(&load).send())
        .collect();
    let is_interrupted = tokio::select! {
        () = async { while senders.join_next().await.is_some() {} } => false,
        () = interrupt.received() => true,
    };
    senders.abort_all();
    watch.abort();
    let tally = load.tally();
    if general.json {
        output::json(&tally.json());
    } else {
        tally.print(times);
    }
    Ok(if is_interrupted {
        Exit::Interrupted
    } else {
        tally.exit()
    })
}

impl Load {
    /// Sends one request after another until none is left.
    async fn send(self: Arc<Self>) {
        let take = |left: u32| left.checked_sub(1);
        let order = Ordering::Relaxed;
        while self.left.fetch_update(order, order, take).is_ok() {
            let started = SystemClock.monotonic();
            let answered = answered(&self.sending).await;
            let latency = SystemClock.monotonic().duration_since(started);
            match answered {
                Ok((status, diagnostic)) => self.tally().answered(status, diagnostic, latency),
                Err(diagnostic) => {
                    tracing::debug!(problem = diagnostic.problem(), "no answer");
                    self.tally().failed(diagnostic);
                }
            }
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The response to one request, after its whole body has arrived, so that the connection is free
/// again.
async fn answered(sending: &Sending) -> Result<(StatusCode, Option<Diagnostic>), Diagnostic> {
    let mut answer = sending.request().send().await?;
    while answer.chunk().await?.is_some() {}
    let (status, headers) = (answer.status(), answer.headers());
    Ok((
        status,
        sending.diagnostic(ResponseDiagnosis { status, headers }),
    ))
}
