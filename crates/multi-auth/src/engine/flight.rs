//! One exchange under way, shared by all who wait for it and owned by none of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::Engine;
use super::entry::{Entry, Moment};
use crate::{AuthError, Credential, ExchangeProblem};

type Outcome = Result<Credential, AuthError>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FlightId(u64);

/// What those who wait for an exchange hold.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    id: FlightId,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Flight {
    /// An exchange for `engine` that has not begun, and what begins it.
    pub(super) fn prepare(engine: &Arc<Engine>) -> (Self, Departure) {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = FlightId(NEXT.fetch_add(1, Ordering::Relaxed));
        let (announce, outcome) = watch::channel(None);
        let departure = Departure {
            engine: Arc::clone(engine),
            id,
            announce,
            landed: false,
        };
        (Self { id, outcome }, departure)
    }

    pub(super) fn id(&self) -> FlightId {
        self.id
    }

    /// Waits for the outcome. Dropping the future changes nothing for anybody else.
    pub(super) async fn outcome(mut self) -> Outcome {
        match self.outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(interrupted())),
            Err(_) => Err(interrupted()),
        }
    }
}

/// Carries the exchange out. Dropped at any point, it still tells those who wait.
pub(super) struct Departure {
    engine: Arc<Engine>,
    id: FlightId,
    announce: watch::Sender<Option<Outcome>>,
    landed: bool,
}

impl Departure {
    /// Begins the exchange on the current runtime, where it outlives the caller that needed it.
    pub(super) fn depart(mut self) {
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(self.fly())),
            Err(_) => self.land(Err(AuthError::NoRuntime)),
        }
    }

    async fn fly(mut self) {
        let outcome = self.exchange().await;
        self.land(outcome);
    }

    async fn exchange(&self) -> Result<Entry, AuthError> {
        let settings = &self.engine.settings;
        let sent = Moment::now(&*settings.clock);
        let exchange = self.engine.source.token();
        let token = tokio::time::timeout(settings.exchange_timeout, exchange).await;
        let token = token.map_err(|_| problem(ExchangeProblem::Timeout))??;
        let refused = |reason| problem(ExchangeProblem::Token(reason));
        Entry::new(&token, &settings.placement, sent).map_err(refused)
    }

    fn land(&mut self, outcome: Result<Entry, AuthError>) {
        self.landed = true;
        let outcome = self.engine.land(self.id, outcome);
        self.announce.send_replace(Some(outcome));
    }
}

impl Drop for Departure {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        let panicked = std::thread::panicking().then(|| problem(ExchangeProblem::Panicked));
        self.land(Err(panicked.unwrap_or_else(interrupted)));
    }
}

fn interrupted() -> AuthError {
    problem(ExchangeProblem::Interrupted)
}

fn problem(problem: ExchangeProblem) -> AuthError {
    let endpoint = "the token source".to_owned();
    AuthError::Exchange {
        endpoint,
        problem,
        retry_after: None,
    }
}
