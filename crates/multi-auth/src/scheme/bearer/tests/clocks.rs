//! Clocks that panic: in a token request that is an error, and never the end of the process.

use std::time::{Instant, SystemTime};

use super::*;
use crate::{Clock, SystemClock, source_fn};

/// Panics while it is broken.
#[derive(Debug, Default)]
struct Fragile {
    is_broken: AtomicBool,
}

impl Fragile {
    fn check(&self) {
        assert!(
            !self.is_broken.load(Ordering::SeqCst),
            "the clock is broken"
        );
    }
}

impl Clock for Fragile {
    fn monotonic(&self) -> Instant {
        self.check();
        SystemClock.monotonic()
    }

    fn wall(&self) -> SystemTime {
        self.check();
        SystemClock.wall()
    }
}

/// A scheme whose source breaks the clock, and panics itself if it is told to.
fn bearer(clock: &Arc<Fragile>, panics: bool) -> Bearer {
    let breaks = Arc::clone(clock);
    let source = source_fn(move || {
        breaks.is_broken.store(true, Ordering::SeqCst);
        assert!(!panics, "the source panics");
        std::future::ready(Ok(Token::new("t-1").with_lifetime(Duration::from_secs(60))))
    });
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    Bearer::builder(source).clock(clock).build()
}

fn is_panic(outcome: &Result<Credential, AuthError>) -> bool {
    matches!(
        outcome,
        Err(AuthError::TokenRequest {
            problem: TokenRequestProblem::Panicked,
            ..
        })
    )
}

#[tokio::test]
async fn a_clock_that_panics_inside_a_token_request_is_an_error_and_the_next_call_works() {
    let clock = Arc::new(Fragile::default());
    let bearer = bearer(&clock, false);
    let (a, b) = tokio::join!(obtain(&bearer), obtain(&bearer));
    assert!(is_panic(&a) && is_panic(&b));

    clock.is_broken.store(false, Ordering::SeqCst);
    assert!(
        is_panic(&obtain(&bearer).await),
        "the source breaks it again"
    );
}

#[tokio::test]
async fn a_source_and_a_clock_that_both_panic_give_one_error() {
    let clock = Arc::new(Fragile::default());
    assert!(is_panic(&obtain(&bearer(&clock, true)).await));
}

#[test]
fn a_clock_that_panics_while_a_runtime_ends_does_not_abort() {
    let clock = Arc::new(Fragile::default());
    let bearer = Bearer::builder(Gated::shut()).clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let bearer = bearer.build();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().build().unwrap();
    runtime.block_on(async {
        let gave_up = tokio::time::timeout(Duration::ZERO, obtain(&bearer)).await;
        assert!(gave_up.is_err());
        tokio::task::yield_now().await;
    });
    clock.is_broken.store(true, Ordering::SeqCst);
    drop(runtime);
    clock.is_broken.store(false, Ordering::SeqCst);
    assert!(!bearer.snapshot().refreshing);
}

/// An hour ahead of the vendor's clock.
#[derive(Debug)]
struct Ahead;

impl Clock for Ahead {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn wall(&self) -> SystemTime {
        SystemClock.wall() + Duration::from_secs(3600)
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_ahead_causes_no_token_request_per_request_and_sends_no_token() {
    let token_requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&token_requests);
    let source = source_fn(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        let end = SystemClock.wall() + Duration::from_secs(1800);
        std::future::ready(Ok(Token::new("t-1").with_expiry(end)))
    });
    let bearer = Bearer::builder(source).clock(Arc::new(Ahead)).build();
    for _ in 0..200 {
        let error = obtain(&bearer).await.unwrap_err();
        assert!(error.to_string().contains("check this machine's clock"));
    }
    assert_eq!(token_requests.load(Ordering::SeqCst), 1);
    // In an hour there are few: each pause is longer than the one before, up to five minutes.
    for _ in 0..3600 {
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(obtain(&bearer).await.is_err());
    }
    assert!(token_requests.load(Ordering::SeqCst) < 40);
}
