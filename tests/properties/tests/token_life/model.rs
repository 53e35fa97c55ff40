//! The scheme under test, and beside it what is known of each token that a request carried.

use std::collections::HashSet;
use std::future::ready;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};
use multi_auth::{Authenticator, Bearer, Clock, OnExpired, ResponseHead, Verdict, source_fn};
use multi_auth_properties::{Hands, Sent, send};
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
    Renew,
    /// What the vendor says from now on.
    Answer(Answer),
}

/// The longest pause after a failure. Chance takes half of it away at most.
const PAUSE: Duration = Duration::from_secs(8);

pub(crate) struct Model {
    clock: Arc<Hands>,
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
}

impl Model {
    pub(crate) fn new(on_expired: OnExpired) -> Self {
        let clock = Arc::new(Hands::default());
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
        }
    }

    pub(crate) async fn take(&mut self, step: Step) -> TestCaseResult {
        match step {
            Step::Wait(seconds) => self.clock.wait(seconds),
            Step::Jump(seconds) => self.clock.jump(seconds),
            Step::Request => self.request().await?,
            Step::Refuse(back) => self.refuse(back),
            Step::Invalidate => self.bearer.invalidate(),
            Step::Clear => self.clear(),
            Step::Renew => self.renew().await?,
            Step::Answer(answer) => *self.vendor.answer.lock().unwrap() = answer,
        }
        // What runs behind has its turn.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
        self.note_attempts()
    }

    /// A request carries a token that has not ended and was never refused, and none older than one before it did. One that has
    /// ended is carried by choice alone, and after its renewal was tried.
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

    /// A request fails in the pause after a failure, or where its own attempt fails, and else never.
    fn fail(&self) -> TestCaseResult {
        let is_pause = self.failed.is_some_and(|failed| self.since(failed) < PAUSE);
        let attempts = self.vendor.attempts_after(self.known);
        let has_failed = attempts.iter().any(Option::is_none);
        prop_assert!(is_pause || has_failed, "no reason to fail");
        Ok(())
    }

    fn refuse(&mut self, back: usize) {
        let Some(sent) = self.sent.iter().rev().nth(back) else {
            return;
        };
        let headers = HeaderMap::new();
        let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
        if self.bearer.judge(&sent.lease, &response) == Verdict::Renew {
            self.refused.insert(sent.number);
        }
    }

    fn clear(&mut self) {
        self.bearer.clear();
        self.failed = None;
    }

    /// Who asks for a renewal gets an attempt of its own, whatever failed before.
    async fn renew(&mut self) -> TestCaseResult {
        let renewed = self.bearer.renew().await;
        let attempts = self.vendor.attempts_after(self.known);
        prop_assert_eq!(attempts.len(), 1);
        prop_assert_eq!(renewed.is_ok(), attempts[0].is_some());
        self.failed = None;
        Ok(())
    }

    /// No step asks twice, and none in the pause.
    fn note_attempts(&mut self) -> TestCaseResult {
        let attempts = self.vendor.attempts_after(self.known);
        prop_assert!(attempts.len() <= 1);
        self.known += attempts.len();
        for attempt in attempts {
            let is_pause = self.failed.is_some_and(|at| self.since(at) < PAUSE / 2);
            prop_assert!(!is_pause, "asked in the pause");
            self.failed = attempt.is_none().then(|| self.clock.monotonic());
        }
        Ok(())
    }

    fn since(&self, moment: Instant) -> Duration {
        self.clock.monotonic() - moment
    }
}

fn bearer(clock: Arc<Hands>, vendor: Arc<Vendor>, on_expired: OnExpired) -> Bearer {
    Bearer::builder(source_fn(move || ready(vendor.exchange())))
        .jitter(0.0)
        .clock(clock)
        .backoff(PAUSE, PAUSE)
        .refused_key_backoff(PAUSE, PAUSE)
        .refusal_limit(2, Duration::from_secs(50))
        .on_expired(on_expired)
        .build()
}
