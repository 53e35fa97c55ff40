//! A scenario as data, and how it is run.

use std::sync::Arc;
use std::time::Duration;

use multi_auth::{AuthError, Bearer, BearerBuilder, Keyring, NotReplayed, TokenRequestProblem};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::face::{Callers, Face, Reply};
use super::vendor::{Endpoint, Gives, Vendor, token_number};

/// What a caller gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gets {
    /// An answer, at the first attempt, with the token of this number.
    Token(usize),
    /// An answer at the second attempt, with the token of this number.
    Replay(usize),
    /// The vendor's refusal.
    Refusal,
    /// An error that may pass.
    Failure,
    /// An error that says that the key is refused.
    KeyRefused,
    /// The refusal and the failure to refresh, in one error.
    RefreshFailed,
    /// An error that says that the token had expired when it came.
    Expired,
    /// An error that says that the source panicked.
    Panic,
}

#[derive(Debug)]
enum Step {
    /// So many callers at once, what each gets, and after how many milliseconds.
    Calls(usize, Gets, u64),
    /// So many callers whose answers take so many milliseconds, left to themselves.
    Slow(usize, u64, Gets),
    /// Waits for the slow ones.
    Join,
    /// So many callers that give up after so many milliseconds.
    GiveUp(usize, u64),
    /// Lets milliseconds pass.
    Pass(u64),
    /// How many token requests have begun by now.
    TokenRequests(usize),
    Revoke,
    RefuseAll,
    Invalidate,
    Clear,
    Refresh,
}

type Settings = fn(BearerBuilder) -> BearerBuilder;

/// A scenario.
pub(crate) struct Script {
    settings: Settings,
    token_requests: Vec<(u64, Gives)>,
    steps: Vec<Step>,
}

impl Script {
    /// With no jitter, so that each run is the same.
    pub(crate) fn new() -> Self {
        Self {
            settings: |bearer| bearer,
            token_requests: Vec::new(),
            steps: Vec::new(),
        }
    }

    pub(crate) fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The next token request takes so many milliseconds and gives this.
    pub(crate) fn token_request(mut self, after: u64, gives: Gives) -> Self {
        self.token_requests.push((after, gives));
        self
    }

    /// So many callers at once: what each gets, and after how many milliseconds.
    pub(crate) fn calls(self, callers: usize, gets: Gets, after: u64) -> Self {
        self.step(Step::Calls(callers, gets, after))
    }

    pub(crate) fn slow(self, callers: usize, latency: u64, gets: Gets) -> Self {
        self.step(Step::Slow(callers, latency, gets))
    }

    pub(crate) fn join(self) -> Self {
        self.step(Step::Join)
    }

    pub(crate) fn give_up(self, callers: usize, after: u64) -> Self {
        self.step(Step::GiveUp(callers, after))
    }

    pub(crate) fn pass(self, milliseconds: u64) -> Self {
        self.step(Step::Pass(milliseconds))
    }

    pub(crate) fn pass_seconds(self, seconds: u64) -> Self {
        self.pass(seconds * 1_000)
    }

    pub(crate) fn token_requests(self, count: usize) -> Self {
        self.step(Step::TokenRequests(count))
    }

    pub(crate) fn revoke(self) -> Self {
        self.step(Step::Revoke)
    }

    pub(crate) fn refuse_all(self) -> Self {
        self.step(Step::RefuseAll)
    }

    pub(crate) fn invalidate(self) -> Self {
        self.step(Step::Invalidate)
    }

    pub(crate) fn clear(self) -> Self {
        self.step(Step::Clear)
    }

    pub(crate) fn refresh(self) -> Self {
        self.step(Step::Refresh)
    }

    /// So many times more of the same, numbered from zero.
    pub(crate) fn each(self, times: usize, more: fn(Self, usize) -> Self) -> Self {
        (0..times).fold(self, more)
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Runs the script. A step with another result panics with its number.
    pub(crate) async fn run(self, face: Face) {
        let vendor = Vendor::new(self.token_requests);
        let builder = Bearer::builder(Endpoint(Arc::clone(&vendor))).jitter(0.0);
        let bearer = (self.settings)(builder).build();
        let keyring = Keyring::builder().bind("https://a.example", bearer.clone());
        let callers = Callers::new(face, &keyring.unwrap().build(), &vendor);
        let mut slow = JoinSet::new();
        for (number, step) in self.steps.into_iter().enumerate() {
            let place = format!("step {number}, {step:?}, on {face:?}");
            match step {
                Step::Calls(count, gets, after) => {
                    calls(&callers, count, gets, after, &place).await;
                }
                Step::Slow(count, latency, gets) => {
                    for _ in 0..count {
                        let (callers, place) = (callers.clone(), place.clone());
                        slow.spawn(async move {
                            assert_eq!(read(callers.call(latency).await), gets, "{place}");
                        });
                    }
                    settle().await;
                }
                Step::Join => {
                    while let Some(caller) = slow.join_next().await {
                        caller.unwrap();
                    }
                }
                Step::GiveUp(count, after) => give_up(&callers, count, after).await,
                Step::Pass(time) => tokio::time::sleep(Duration::from_millis(time)).await,
                Step::TokenRequests(count) => {
                    settle().await;
                    assert_eq!(vendor.token_requests(), count, "{place}");
                }
                Step::Revoke => vendor.revoke(),
                Step::RefuseAll => vendor.refuse_all(),
                Step::Invalidate => bearer.invalidate(),
                Step::Clear => bearer.clear(),
                Step::Refresh => drop(bearer.refresh().await),
            }
        }
    }
}

/// Runs all tasks that can run, without advancing the clock.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the paused clock is what is measured"
)]
async fn calls(callers: &Callers, count: usize, gets: Gets, after: u64, place: &str) {
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let callers = callers.clone();
        tasks.spawn(async move { (read(callers.call(0).await), begun.elapsed()) });
    }
    while let Some(caller) = tasks.join_next().await {
        let (got, waited) = caller.unwrap();
        // Tokio's timers count whole milliseconds and may be one late.
        let waited = u64::try_from(waited.as_millis()).unwrap();
        assert_eq!(got, gets, "{place}");
        assert!(
            (after..=after + 4).contains(&waited),
            "{place}: waited {waited} ms"
        );
    }
}

async fn give_up(callers: &Callers, count: usize, after: u64) {
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let callers = callers.clone();
        let limit = Duration::from_millis(after);
        tasks.spawn(async move {
            assert!(tokio::time::timeout(limit, callers.call(0)).await.is_err());
        });
    }
    while let Some(caller) = tasks.join_next().await {
        caller.unwrap();
    }
}

/// What a caller got, in the words of a script.
fn read(reply: Result<Reply, AuthError>) -> Gets {
    match reply {
        Ok(reply) if reply.status.is_success() => {
            let token = reply.token.as_deref().and_then(token_number).unwrap();
            match reply.outcome {
                None => Gets::Token(token),
                Some(outcome) => {
                    assert_eq!((outcome.attempts(), outcome.not_replayed()), (2, None));
                    Gets::Replay(token)
                }
            }
        }
        Ok(reply) => {
            let why = reply.outcome.and_then(|outcome| outcome.not_replayed());
            assert!(
                !matches!(why, None | Some(NotReplayed::BodyNotReplayable)),
                "{reply:?}"
            );
            Gets::Refusal
        }
        Err(AuthError::Refresh { .. }) => Gets::RefreshFailed,
        Err(AuthError::TokenRequest {
            problem: TokenRequestProblem::Refused,
            ..
        }) => Gets::KeyRefused,
        Err(AuthError::TokenRequest {
            problem: TokenRequestProblem::ExpiredOnArrival,
            ..
        }) => Gets::Expired,
        Err(AuthError::TokenRequest {
            problem: TokenRequestProblem::Panicked,
            ..
        }) => Gets::Panic,
        Err(error) if error.is_transient() => Gets::Failure,
        Err(error) => panic!("{error:?}"),
    }
}
