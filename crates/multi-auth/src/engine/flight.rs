//! One exchange under way, shared by all who wait for it and owned by none of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::Engine;
use super::entry::{Entry, Moment, has_expired};
use super::guarded::{guarded, guarded_future};
use super::landing::Landing;
use super::surroundings;
use crate::{
    AuthError, Clock, Credential, ExchangeProblem, Generation, Reason, SystemClock, Token,
    TokenEvent,
};

type Outcome = Result<Credential, AuthError>;

/// What those who wait for an exchange hold.
/// How much longer than its limit an exchange is waited for.
const GRACE: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub(super) struct Flight {
    /// Of the token that it will bring: a later exchange brings a later generation, even where it is
    /// done sooner.
    generation: Generation,
    reason: Reason,
    /// Since when it is waited for: by the clock that those who wait go by, and not by the tokens' own.
    since: Instant,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Flight {
    /// An exchange for `engine` that has not begun, and what begins it.
    pub(super) fn prepare(engine: &Arc<Engine>, reason: Reason) -> (Self, Departure) {
        let generation = Generation::next();
        let (announce, outcome) = watch::channel(None);
        let flight = Self {
            generation,
            reason,
            since: SystemClock.monotonic(),
            outcome,
        };
        let departure = Departure {
            engine: Arc::clone(engine),
            flight: flight.clone(),
            announce,
            begun: engine.settings.clock.monotonic(),
            span: Span::none(),
            landed: false,
        };
        (flight, departure)
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.generation == other.generation
    }

    pub(super) fn reason(&self) -> Reason {
        self.reason
    }

    /// How much of `patience` is left to those who wait.
    pub(super) fn patience_left(&self, patience: Duration) -> Duration {
        patience.saturating_sub(self.waited())
    }

    /// Whether the exchange should have given itself up, as it does after `limit`: its runtime stands still.
    pub(super) fn is_overdue(&self, limit: Duration) -> bool {
        self.waited() > limit.saturating_add(GRACE)
    }

    fn waited(&self) -> Duration {
        SystemClock
            .monotonic()
            .saturating_duration_since(self.since)
    }

    /// Waits for the outcome. Dropping the future changes nothing for anybody else.
    ///
    /// The exchange gives itself up after `limit`. If it does not, its runtime stands still, and
    /// those who wait on another must not stand still with it.
    pub(super) async fn outcome(mut self, limit: Duration) -> Outcome {
        if !surroundings::can_spawn() {
            return self
                .outcome
                .borrow()
                .clone()
                .unwrap_or(Err(AuthError::NoRuntime));
        }
        let outcome = self.outcome.wait_for(Option::is_some);
        match surroundings::within(limit.saturating_add(GRACE), outcome).await {
            Some(Ok(outcome)) => outcome.clone().unwrap_or_else(|| Err(interrupted())),
            Some(Err(_)) | None => Err(interrupted()),
        }
    }
}

/// Carries the exchange out. Dropped at any point, it still tells those who wait.
pub(super) struct Departure {
    engine: Arc<Engine>,
    flight: Flight,
    announce: watch::Sender<Option<Outcome>>,
    begun: Instant,
    span: Span,
    landed: bool,
}

impl Departure {
    /// Begins the exchange on the current runtime, where it outlives the caller that needed it.
    pub(super) fn depart(mut self) {
        if surroundings::can_spawn() {
            self.span = self.root_span();
            let span = self.span.clone();
            return surroundings::spawn(self.fly().instrument(span));
        }
        self.land(Err(AuthError::NoRuntime));
    }

    /// The exchange outlives the caller that needed it, and serves others: it is nobody's child, and only
    /// follows from what that caller was doing.
    fn root_span(&self) -> Span {
        let span = tracing::info_span!(
            parent: None,
            "multi_auth.exchange",
            vendor = self.engine.settings.label.name(),
            reason = self.flight.reason.word(),
            outcome = Empty,
        );
        span.follows_from(Span::current());
        span
    }

    async fn fly(mut self) {
        let outcome = guarded_future(self.exchange()).await;
        self.land(outcome.unwrap_or_else(|| Err(problem(ExchangeProblem::Panicked))));
    }

    async fn exchange(&self) -> Result<Entry, AuthError> {
        let reason = self.flight.reason;
        self.engine.tell(&TokenEvent::ExchangeBegan { reason });
        let settings = &self.engine.settings;
        let token = surroundings::within(settings.exchange_timeout, self.token()).await;
        let (token, sent) = token.ok_or_else(|| problem(ExchangeProblem::Timeout))??;
        let has_expired_at = |now| has_expired(&token, settings.window, sent, now);
        if has_expired_at(sent) {
            return Err(problem(ExchangeProblem::ExpiredOnArrival));
        }
        // As where a machine was suspended meanwhile.
        if has_expired_at(Moment::now(&*settings.clock)) {
            return Err(problem(ExchangeProblem::Timeout));
        }
        let refused = |reason| problem(ExchangeProblem::Token(reason));
        Entry::new(&token, self.flight.generation, settings, sent).map_err(refused)
    }

    /// Asks the source, as often as the settings say, and tells when the last question was sent.
    async fn token(&self) -> Result<(Token, Moment), AuthError> {
        let settings = &self.engine.settings;
        for failures in 1.. {
            let sent = Moment::now(&*settings.clock);
            match self.engine.source.token().await {
                Ok(token) => return Ok((token, sent)),
                Err(error) if error.is_transient() && failures < settings.attempts => {
                    let pause = settings.after_failure.after(failures);
                    surroundings::sleep(pause.max(self.engine.reserve())).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(problem(ExchangeProblem::Timeout))
    }

    fn land(&mut self, outcome: Result<Entry, AuthError>) {
        self.landed = true;
        let word = outcome.as_ref().map_or_else(AuthError::word, |_| "success");
        let _ = guarded(|| self.span.record("outcome", word));
        let landing = Landing {
            flight: &self.flight,
            reason: self.flight.reason,
            begun: self.begun,
            ended: guarded(|| self.engine.settings.clock.monotonic()).unwrap_or(self.begun),
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
