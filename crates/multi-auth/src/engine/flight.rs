//! One exchange under way, shared by all who wait for it and owned by none of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::Engine;
use super::entry::{Entry, Moment};
use super::landing::Landing;
use crate::{AuthError, Credential, ExchangeProblem, Reason, TokenEvent};

type Outcome = Result<Credential, AuthError>;

/// What those who wait for an exchange hold.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    number: u64,
    reason: Reason,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Flight {
    /// An exchange for `engine` that has not begun, and what begins it.
    pub(super) fn prepare(engine: &Arc<Engine>, reason: Reason) -> (Self, Departure) {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let (announce, outcome) = watch::channel(None);
        let flight = Self {
            number,
            reason,
            outcome,
        };
        let departure = Departure {
            engine: Arc::clone(engine),
            flight: flight.clone(),
            announce,
            begun: engine.settings.clock.monotonic(),
            landed: false,
        };
        (flight, departure)
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.number == other.number
    }

    pub(super) fn reason(&self) -> Reason {
        self.reason
    }

    /// Waits for the outcome. Dropping the future changes nothing for anybody else.
    ///
    /// The exchange gives itself up after `limit`. If it does not, its runtime stands still, and
    /// those who wait on another must not stand still with it.
    pub(super) async fn outcome(mut self, limit: Duration) -> Outcome {
        const GRACE: Duration = Duration::from_secs(1);
        if Handle::try_current().is_err() {
            return self
                .outcome
                .borrow()
                .clone()
                .unwrap_or(Err(AuthError::NoRuntime));
        }
        let outcome = self.outcome.wait_for(Option::is_some);
        match tokio::time::timeout(limit.saturating_add(GRACE), outcome).await {
            Ok(Ok(outcome)) => outcome.clone().unwrap_or_else(|| Err(interrupted())),
            Ok(Err(_)) | Err(_) => Err(interrupted()),
        }
    }
}

/// Carries the exchange out. Dropped at any point, it still tells those who wait.
pub(super) struct Departure {
    engine: Arc<Engine>,
    flight: Flight,
    announce: watch::Sender<Option<Outcome>>,
    begun: Instant,
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
        let reason = self.flight.reason;
        self.engine.tell(&TokenEvent::ExchangeBegan { reason });
        let settings = &self.engine.settings;
        let sent = Moment::now(&*settings.clock);
        let exchange = self.engine.source.token();
        let token = tokio::time::timeout(settings.exchange_timeout, exchange).await;
        let token = token.map_err(|_| problem(ExchangeProblem::Timeout))??;
        let refused = |reason| problem(ExchangeProblem::Token(reason));
        Entry::new(&token, settings, sent).map_err(refused)
    }

    fn land(&mut self, outcome: Result<Entry, AuthError>) {
        self.landed = true;
        let now = self.engine.settings.clock.monotonic();
        let took = now.saturating_duration_since(self.begun);
        let landing = Landing {
            flight: &self.flight,
            reason: self.flight.reason,
            took,
        };
        let outcome = self.engine.land(&landing, outcome);
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
