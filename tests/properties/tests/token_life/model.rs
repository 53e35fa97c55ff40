//! The scheme under test, and beside it what is known of each token that a request carried.

use std::collections::HashSet;
use std::future::ready;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};
use multi_auth::{Authenticator, Bearer, Clock, OnExpired, ResponseHead, Verdict, source_fn};
use multi_auth_properties::{Sent, TestClock, send};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::vendor::{Answer, Vendor};

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Wait(u64),
    /// The clock on the wall is set.
    Jump(i64),
    Request,
    /// The vendor refuses a request, so many before the last one.
    Refuse(usize),
    Invalidate,
    Clear,
    Refresh,
    /// What the vendor says from now on.
    Answer(Answer),
}

/// The longest pause after a failure. Chance takes half of it away at most.
const PAUSE: Duration = Duration::from_secs(8);

/// So many token requests at once, and then one in so much time.
const BURST: usize = 4;
const INTERVAL: Duration = Duration::from_secs(3);

pub(crate) struct Model {
    clock: Arc<TestClock>,
    vendor: Arc<Vendor>,
    bearer: Bearer,
    on_expired: OnExpired,
    sent: Vec<Sent>,
    refused: HashSet<usize>,
    newest: usize,
    /// When the last attempt failed, if none has succeeded since.
    failed: Option<Instant>,
    /// How many attempts earlier steps have made.
    known: usize,
    /// The token that serves, if there is one.
    current: Option<usize>,
    /// The tokens whose expiry has had its attempt.
    attempted: HashSet<usize>,
    /// When the attempts were made that count against the limit.
    counted: Vec<Instant>,
}

impl Model {
    pub(crate) fn new(on_expired: OnExpired) -> Self {
        let clock = Arc::new(TestClock::default());
        let vendor = Arc::new(Vendor::new(Arc::clone(&clock)));
        Self {
            bearer: bearer(Arc::clone(&clock), Arc::clone(&vendor), on_expired),
            clock,
            vendor,
            on_expired,
            sent: Vec::new(),
            refused: HashSet::new(),
            newest: 0,
            failed: None,
            known: 0,
            current: None,
            attempted: HashSet::new(),
            counted: Vec::new(),
        }
    }

    pub(crate) async fn take(&mut self, step: Step) -> TestCaseResult {
        match step {
            Step::Wait(seconds) => self.clock.wait(seconds),
            Step::Jump(seconds) => self.clock.jump(seconds),
            Step::Request => self.request().await?,
            Step::Refuse(back) => self.refuse(back),
            Step::Invalidate => {
                self.bearer.invalidate();
                self.current = None;
            }
            Step::Clear => self.clear(),
            Step::Refresh => self.refresh().await?,
            Step::Answer(answer) => *self.vendor.answer.lock().unwrap() = answer,
        }
        // What runs behind has its turn.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
        self.note_attempts()
    }

    /// A request carries a token that has not ended and was never refused, and none older than one
    /// before it did. One that has ended is carried by choice alone, and after its refresh was
    /// tried.
    async fn request(&mut self) -> TestCaseResult {
        let Ok(sent) = send(&self.bearer, "Bearer t-").await else {
            return self.fail();
        };
        let Sent {
            number, was_ready, ..
        } = sent;
        let has_ended = self.vendor.issued(number).has_ended(self.clock.now());
        let is_choice = matches!(self.on_expired, OnExpired::ServeStale) && !was_ready;
        prop_assert!(!has_ended || is_choice, "t-{number} has ended");
        prop_assert!(!self.refused.contains(&number), "t-{number} was refused");
        prop_assert!(
            number >= self.newest || has_ended,
            "t-{number} after t-{}",
            self.newest
        );
        self.newest = self.newest.max(number);
        self.sent.push(sent);
        Ok(())
    }

    /// A request fails in the pause after a failure, where its own attempt fails, or where there
    /// were too many attempts, and else never. The pause is no reason where a token's expiry has
    /// had no attempt.
    fn fail(&self) -> TestCaseResult {
        let is_pause = self.failed.is_some_and(|failed| self.since(failed) < PAUSE);
        let attempts = self.vendor.attempts_after(self.known);
        let has_failed = attempts.iter().any(Option::is_none);
        let has_reason = has_failed || self.are_too_many() || (is_pause && !self.is_due());
        prop_assert!(has_reason, "no reason to fail");
        Ok(())
    }

    /// Whether the token that serves has expired, and no attempt was made since.
    fn is_due(&self) -> bool {
        self.current.is_some_and(|number| {
            !self.attempted.contains(&number)
                && self.vendor.issued(number).has_ended(self.clock.now())
        })
    }

    /// Whether one attempt more would be one too many, together with some of those that were made
    /// last.
    fn are_too_many(&self) -> bool {
        let last = self.counted.iter().rev().zip(1..);
        last.skip(BURST - 1).any(|(at, count)| {
            let spread = INTERVAL * u32::try_from(count + 1 - BURST).unwrap();
            self.since(*at) < spread
        })
    }

    fn refuse(&mut self, back: usize) {
        let Some(sent) = self.sent.iter().rev().nth(back) else {
            return;
        };
        let headers = HeaderMap::new();
        let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
        if self.bearer.judge(&sent.id, &response) == Verdict::Refresh {
            self.refused.insert(sent.number);
            self.current = self.current.filter(|current| *current != sent.number);
        }
    }

    fn clear(&mut self) {
        self.bearer.clear();
        self.failed = None;
        self.current = None;
    }

    /// Each call of `refresh` makes one attempt, after any number of failures.
    async fn refresh(&mut self) -> TestCaseResult {
        let refreshed = self.bearer.refresh().await;
        let attempts = self.vendor.attempts_after(self.known);
        prop_assert_eq!(attempts.len(), 1);
        prop_assert_eq!(refreshed.is_ok(), attempts[0].is_some());
        if !self.are_too_many() {
            self.counted.push(self.clock.monotonic());
        }
        self.note(attempts[0].is_some());
        Ok(())
    }

    /// No step asks twice, none asks too often, and none in the pause but once for a token that has
    /// expired.
    fn note_attempts(&mut self) -> TestCaseResult {
        let attempts = self.vendor.attempts_after(self.known);
        prop_assert!(attempts.len() <= 1);
        for attempt in attempts {
            let is_pause = self.failed.is_some_and(|at| self.since(at) < PAUSE / 2);
            prop_assert!(!is_pause || self.is_due(), "asked in the pause");
            prop_assert!(!self.are_too_many(), "asked too often");
            if self.is_due() {
                self.attempted.extend(self.current);
            }
            self.counted.push(self.clock.monotonic());
            self.note(attempt.is_some());
        }
        Ok(())
    }

    fn note(&mut self, has_succeeded: bool) {
        self.failed = (!has_succeeded).then(|| self.clock.monotonic());
        if has_succeeded {
            self.current = Some(self.known);
        }
        self.known += 1;
    }

    fn since(&self, moment: Instant) -> Duration {
        self.clock.monotonic() - moment
    }
}

fn bearer(clock: Arc<TestClock>, vendor: Arc<Vendor>, on_expired: OnExpired) -> Bearer {
    Bearer::builder(source_fn(move || ready(vendor.token_request())))
        .jitter(0.0)
        .clock(clock)
        .backoff(PAUSE, PAUSE)
        .refused_key_backoff(PAUSE, PAUSE)
        .refresh_limit(u32::try_from(BURST).unwrap(), INTERVAL)
        .refusal_limit(2, Duration::from_secs(50))
        .on_expired(on_expired)
        .build()
}
