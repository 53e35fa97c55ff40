//! The cache under a model checker. In every schedule, each generation costs at most one token
//! request, every caller gets a result, and generations never decrease.
//!
//! ```sh
//! RUSTFLAGS="--cfg multi_auth_shuttle" cargo test --target-dir target/shuttle -p multi-auth --lib interleavings
//! ```
//!
//! Each test tries 15,000 schedules.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use shuttle::future::{JoinHandle, block_on, spawn, yield_now};

use super::*;
use crate::{Clock, Generation, SystemClock, Token};

const SCHEDULES: usize = 15_000;

/// A clock that a test advances.
#[derive(Debug)]
struct Moved {
    start: (Instant, SystemTime),
    seconds: AtomicU64,
}

impl Clock for Moved {
    fn monotonic(&self) -> Instant {
        self.start.0 + Duration::from_secs(self.seconds.load(Ordering::SeqCst))
    }

    fn wall(&self) -> SystemTime {
        self.start.1 + Duration::from_secs(self.seconds.load(Ordering::SeqCst))
    }
}

/// Counts token requests, and how many run at once.
#[derive(Debug, Default)]
struct Counted {
    begun: AtomicUsize,
    running: AtomicUsize,
    most_running: AtomicUsize,
    /// The number of token requests that fail, from the first one on.
    fail: usize,
    /// The number of token requests that panic.
    panic: usize,
    life: Option<Duration>,
}

#[async_trait]
impl TokenSource for Counted {
    async fn token(&self) -> Result<Token, AuthError> {
        let number = self.begun.fetch_add(1, Ordering::SeqCst);
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_running.fetch_max(running, Ordering::SeqCst);
        yield_now().await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        if number < self.panic {
            // Without the panic hook, which would print it 15,000 times, and which the checker
            // replaces.
            std::panic::resume_unwind(Box::new("the script says so"));
        }
        if number < self.fail {
            return Err(AuthError::transient("down"));
        }
        let token = Token::new(format!("t-{number}"));
        Ok(match self.life {
            Some(life) => token.with_lifetime(life),
            None => token,
        })
    }
}

/// A cache, and what a test observes.
#[derive(Clone)]
struct Bench {
    cache: Arc<TokenCache>,
    source: Arc<Counted>,
    clock: Arc<Moved>,
}

impl Bench {
    fn new(source: Counted) -> Self {
        let source = Arc::new(source);
        let start = (SystemClock.monotonic(), SystemTime::UNIX_EPOCH);
        let clock = Arc::new(Moved {
            start,
            seconds: AtomicU64::new(0),
        });
        let at_once = Delays {
            first: Duration::ZERO,
            longest: Duration::ZERO,
        };
        let settings = Settings {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            pacing: Arc::new(Pacing {
                after_failure: at_once,
                ..Pacing::default()
            }),
            ..Settings::default()
        };
        let cache = Arc::new(TokenCache::new(
            Arc::clone(&source) as Arc<dyn TokenSource>,
            settings,
        ));
        Self {
            cache,
            source,
            clock,
        }
    }

    fn token_requests(&self) -> usize {
        self.source.begun.load(Ordering::SeqCst)
    }

    fn most_running(&self) -> usize {
        self.source.most_running.load(Ordering::SeqCst)
    }

    fn pass(&self, seconds: u64) {
        self.clock.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// A request: takes the current token, or waits for one.
    async fn obtain(&self) -> Result<Credential, AuthError> {
        yield_now().await;
        match self.cache.ready() {
            Some(credential) => Ok(credential),
            None => self.cache.acquire().await,
        }
    }

    /// Starts callers that each ask twice, and must not see generations decrease.
    fn callers(&self, count: usize) -> Vec<JoinHandle<Option<Generation>>> {
        let call = || {
            let bench = self.clone();
            spawn(async move {
                let first = bench.obtain().await.ok()?.id().generation();
                let second = bench.obtain().await.ok()?.id().generation();
                assert!(first <= second, "generations went back");
                second
            })
        };
        (0..count).map(|_| call()).collect()
    }
}

/// Runs `scenario` in many random schedules.
fn in_many_schedules<F: Future<Output = ()>>(scenario: impl Fn() -> F + Send + Sync + 'static) {
    shuttle::check_random(move || block_on(scenario()), SCHEDULES);
}

async fn all_got_a_token(callers: Vec<JoinHandle<Option<Generation>>>) {
    for caller in callers {
        assert!(caller.await.unwrap().is_some(), "a caller got no token");
    }
}

#[test]
fn a_cold_start_costs_one_token_request() {
    in_many_schedules(|| async {
        let bench = Bench::new(Counted::default());
        all_got_a_token(bench.callers(4)).await;
        assert_eq!(bench.token_requests(), 1);
    });
}

#[test]
fn an_expiry_costs_one_token_request() {
    in_many_schedules(|| async {
        let life = Some(Duration::from_secs(60));
        let bench = Bench::new(Counted {
            life,
            ..Counted::default()
        });
        bench.obtain().await.unwrap();
        bench.pass(60);
        all_got_a_token(bench.callers(4)).await;
        assert_eq!(bench.token_requests(), 2);
    });
}

#[test]
fn a_refresh_window_costs_one_token_request_and_no_caller_waits() {
    in_many_schedules(|| async {
        let life = Some(Duration::from_secs(3600));
        let bench = Bench::new(Counted {
            life,
            ..Counted::default()
        });
        bench.obtain().await.unwrap();
        bench.pass(3500);
        let readers: Vec<_> = (0..4)
            .map(|_| {
                let bench = bench.clone();
                spawn(async move {
                    yield_now().await;
                    assert!(bench.cache.ready().is_some(), "a reader would have to wait");
                })
            })
            .collect();
        for reader in readers {
            reader.await.unwrap();
        }
        // The refresh may still be under way; callers that wait for it start no other.
        bench.pass(100);
        bench.obtain().await.unwrap();
        assert!((2..=3).contains(&bench.token_requests()));
        assert_eq!(bench.most_running(), 1);
    });
}

#[test]
fn many_early_and_late_refusals_of_one_token_cost_one_token_request() {
    in_many_schedules(|| async {
        let bench = Bench::new(Counted::default());
        let old = bench.obtain().await.unwrap().id().clone();
        let callers: Vec<_> = (0..4)
            .map(|late| {
                let (bench, old) = (bench.clone(), old.clone());
                spawn(async move {
                    for _ in 0..late {
                        yield_now().await;
                    }
                    assert_eq!(bench.cache.refuse(&old), Refusal::Refreshable);
                    bench.obtain().await.unwrap().id().generation()
                })
            })
            .collect();
        for caller in callers {
            assert!(
                caller.await.unwrap() > old.generation(),
                "the refused token came back"
            );
        }
        assert_eq!(bench.token_requests(), 2);
    });
}

#[test]
fn every_caller_gets_a_failure_and_the_next_attempt_succeeds() {
    in_many_schedules(|| async {
        let bench = Bench::new(Counted {
            fail: 1,
            ..Counted::default()
        });
        let callers = bench.callers(4);
        for caller in callers {
            // Some share the failure, some come after it; all get a result.
            let _ = caller.await.unwrap();
        }
        bench.obtain().await.unwrap();
        assert_eq!((bench.token_requests(), bench.most_running()), (2, 1));
    });
}

#[test]
fn every_caller_gets_an_error_after_a_panic_and_the_next_attempt_succeeds() {
    in_many_schedules(|| async {
        let bench = Bench::new(Counted {
            panic: 1,
            ..Counted::default()
        });
        for caller in bench.callers(4) {
            let _ = caller.await.unwrap();
        }
        bench.obtain().await.unwrap();
        assert_eq!((bench.token_requests(), bench.most_running()), (2, 1));
    });
}

#[test]
fn many_dropped_callers_do_not_cancel_the_token_request() {
    in_many_schedules(|| async {
        let bench = Bench::new(Counted::default());
        let storm: Vec<_> = (0..3)
            .map(|_| {
                let bench = bench.clone();
                spawn(async move {
                    let mut call = Box::pin(bench.cache.acquire());
                    for _ in 0..2 {
                        let polled = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await;
                        if polled.is_ready() {
                            return;
                        }
                        yield_now().await;
                    }
                })
            })
            .collect();
        all_got_a_token(bench.callers(2)).await;
        for caller in storm {
            caller.await.unwrap();
        }
        assert_eq!(bench.token_requests(), 1);
    });
}

#[test]
fn clear_and_invalidate_leave_every_caller_with_a_result() {
    in_many_schedules(|| async {
        let bench = Bench::new(Counted::default());
        let callers = bench.callers(3);
        let clearing = spawn({
            let bench = bench.clone();
            async move {
                bench.cache.clear();
                yield_now().await;
                bench.cache.invalidate();
            }
        });
        all_got_a_token(callers).await;
        clearing.await.unwrap();
        bench.obtain().await.unwrap();
        // One for the first callers, and at most one more after each of the two.
        assert!((1..=3).contains(&bench.token_requests()));
    });
}
