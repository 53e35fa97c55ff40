//! One token request under way, shared by all callers that wait for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::TokenCache;
use super::cached_token::{CachedToken, Timestamp, has_expired};
use super::catch_panic::{catch_panic, catch_panic_future};
use super::publish::Finished;
use super::runtime;
use crate::{
    AuthError, Clock, Credential, Generation, Reason, SystemClock, Token, TokenEvent,
    TokenRequestProblem,
};

type Outcome = Result<Credential, AuthError>;

/// How long callers wait for a token request after its time limit, before they count it as stopped.
const GRACE: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub(super) struct Flight {
    /// The generation of its token. A later token request has a greater one, even if it ends first.
    generation: Generation,
    reason: Reason,
    /// When it started, on the machine's clock. Callers do not wait on the configurable clock.
    started: Instant,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Flight {
    /// Prepares a token request for `cache`, and the task that sends it.
    pub(super) fn prepare(cache: &Arc<TokenCache>, reason: Reason) -> (Self, RefreshTask) {
        let generation = Generation::next();
        let (sender, outcome) = watch::channel(None);
        let flight = Self {
            generation,
            reason,
            started: SystemClock.monotonic(),
            outcome,
        };
        let task = RefreshTask {
            cache: Arc::clone(cache),
            flight: flight.clone(),
            sender,
            started: cache.settings.clock.monotonic(),
            span: Span::none(),
            is_finished: false,
        };
        (flight, task)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.generation == other.generation
    }

    pub(super) fn reason(&self) -> Reason {
        self.reason
    }

    /// The rest of `patience` for the waiting callers.
    pub(super) fn patience_left(&self, patience: Duration) -> Duration {
        patience.saturating_sub(self.waited())
    }

    /// Whether the token request has run past its `limit`, because its runtime has stopped.
    pub(super) fn is_overdue(&self, limit: Duration) -> bool {
        self.waited() > limit.saturating_add(GRACE)
    }

    fn waited(&self) -> Duration {
        SystemClock
            .monotonic()
            .saturating_duration_since(self.started)
    }

    /// Waits for the outcome. Dropping the future does not affect other callers.
    ///
    /// The token request ends after `limit`, unless its runtime has stopped. Callers on other
    /// runtimes then get an error and do not hang.
    pub(super) async fn outcome(mut self, limit: Duration) -> Outcome {
        if !runtime::can_spawn() {
            return self
                .outcome
                .borrow()
                .clone()
                .unwrap_or(Err(AuthError::NoRuntime));
        }
        let outcome = self.outcome.wait_for(Option::is_some);
        match runtime::within(limit.saturating_add(GRACE), outcome).await {
            Some(Ok(outcome)) => outcome.clone().unwrap_or_else(|| Err(interrupted())),
            Some(Err(_)) | None => Err(interrupted()),
        }
    }
}

/// Sends the token request. If the task is dropped, the waiting callers get an error.
pub(super) struct RefreshTask {
    cache: Arc<TokenCache>,
    flight: Flight,
    sender: watch::Sender<Option<Outcome>>,
    started: Instant,
    span: Span,
    is_finished: bool,
}

impl RefreshTask {
    /// Starts the token request on the current runtime, where it outlives its caller.
    pub(super) fn spawn(mut self) {
        if runtime::can_spawn() {
            self.span = self.root_span();
            let span = self.span.clone();
            return runtime::spawn(self.run().instrument(span));
        }
        self.finish(Err(AuthError::NoRuntime));
    }

    /// The span follows from the caller's span and is not its child: the token request outlives its
    /// caller and serves others.
    fn root_span(&self) -> Span {
        let span = tracing::info_span!(
            parent: None,
            "multi_auth.token_refresh",
            vendor = self.cache.settings.label.name(),
            reason = self.flight.reason.label(),
            outcome = Empty,
        );
        span.follows_from(Span::current());
        span
    }

    async fn run(mut self) {
        let outcome = catch_panic_future(self.refresh()).await;
        self.finish(outcome.unwrap_or_else(|| Err(problem(TokenRequestProblem::Panicked))));
    }

    async fn refresh(&self) -> Result<CachedToken, AuthError> {
        let reason = self.flight.reason;
        self.cache.report(&TokenEvent::RefreshStarted { reason });
        let settings = &self.cache.settings;
        let token = runtime::within(settings.pacing.refresh_timeout, self.valid_token()).await;
        let (token, sent) = token.ok_or_else(|| problem(TokenRequestProblem::Timeout))??;
        if self.has_expired_at(sent, &token, sent) {
            return Err(problem(TokenRequestProblem::ExpiredOnArrival));
        }
        let now = Timestamp::now(&*settings.clock);
        if self.has_expired_at(now, &token, sent) {
            return Err(problem(TokenRequestProblem::Timeout));
        }
        // An expiry is absolute: what is left of it starts now. A lifetime starts with the request.
        let start = if token.lifetime().is_some() {
            sent
        } else {
            now
        };
        let refused = |reason| problem(TokenRequestProblem::Token(reason));
        CachedToken::new(&token, self.flight.generation, settings, start).map_err(refused)
    }

    /// Obtains a token, once more if it expires during its token request: the process or the
    /// machine may have been suspended.
    async fn valid_token(&self) -> Result<(Token, Timestamp), AuthError> {
        let (token, sent) = self.token().await?;
        let now = Timestamp::now(&*self.cache.settings.clock);
        let was_valid = !self.has_expired_at(sent, &token, sent);
        if was_valid && self.has_expired_at(now, &token, sent) {
            runtime::sleep(self.cache.reserve()).await;
            return self.token().await;
        }
        Ok((token, sent))
    }

    fn has_expired_at(&self, time: Timestamp, token: &Token, sent: Timestamp) -> bool {
        has_expired(token, self.cache.settings.pacing.window, sent, time)
    }

    /// Obtains a token in the configured number of attempts, and returns when the successful one
    /// was sent.
    async fn token(&self) -> Result<(Token, Timestamp), AuthError> {
        let settings = &self.cache.settings;
        for failures in 1.. {
            let sent = Timestamp::now(&*settings.clock);
            match self.cache.source.token_for(self.flight.reason).await {
                Ok(token) => return Ok((token, sent)),
                Err(error) if error.is_transient() && failures < settings.pacing.attempts => {
                    let pause = settings.pacing.after_failure.after(failures);
                    runtime::sleep(pause.max(self.cache.reserve())).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(problem(TokenRequestProblem::Timeout))
    }

    fn finish(&mut self, outcome: Result<CachedToken, AuthError>) {
        self.is_finished = true;
        let label = outcome
            .as_ref()
            .map_or_else(AuthError::label, |_| "success");
        let _ = catch_panic(|| self.span.record("outcome", label));
        let finished = Finished {
            flight: &self.flight,
            reason: self.flight.reason,
            started: self.started,
            ended: catch_panic(|| self.cache.settings.clock.monotonic()).unwrap_or(self.started),
        };
        let outcome = self.cache.finish(&finished, outcome);
        self.sender.send_replace(Some(outcome));
    }
}

impl Drop for RefreshTask {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        let panicked = std::thread::panicking().then(|| problem(TokenRequestProblem::Panicked));
        self.finish(Err(panicked.unwrap_or_else(interrupted)));
    }
}

fn interrupted() -> AuthError {
    problem(TokenRequestProblem::Interrupted)
}

fn problem(problem: TokenRequestProblem) -> AuthError {
    let endpoint = "the token source".to_owned();
    AuthError::TokenRequest {
        endpoint,
        problem,
        retry_after: None,
    }
}
