//! Runtimes that end, stand still, or are not there.

use super::*;

#[test]
fn a_runtime_shutdown_blocks_no_caller() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let source = Gated::shut();
    let bearer = Bearer::new(Arc::clone(&source));

    let first = runtime();
    first.block_on(async {
        assert!(
            tokio::time::timeout(Duration::ZERO, obtain(&bearer))
                .await
                .is_err()
        );
        tokio::task::yield_now().await;
    });
    drop(first);

    source.gate.add_permits(1);
    let credential = runtime().block_on(obtain(&bearer)).unwrap();
    assert_eq!(text(credential), "Bearer t-2");
}

#[test]
fn a_stopped_runtime_delays_no_other() {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let (still, other) = (
        builder.enable_all().build().unwrap(),
        builder.start_paused(true).build().unwrap(),
    );
    let source = Gated::shut();
    let bearer = Bearer::new(Arc::clone(&source));
    still.block_on(async {
        assert!(
            tokio::time::timeout(Duration::ZERO, obtain(&bearer))
                .await
                .is_err()
        );
        tokio::task::yield_now().await;
    });
    assert_eq!(source.token_requests(), 1);

    // It is neither gone nor does it run: whoever waits gives its token request up and starts
    // another. (The gate lets the older one go first, and that one stands still in it.)
    source.gate.add_permits(2);
    let newer = other.block_on(obtain(&bearer)).unwrap();
    assert_eq!(source.token_requests(), 2);

    // Woken up at last, the older token request changes nothing.
    still.block_on(async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    });
    let head = head();
    let at_hand = bearer
        .ready(&RequestHead::from_parts(&head))
        .unwrap()
        .unwrap();
    assert_eq!(at_hand.id(), newer.id());
}

#[test]
fn a_stopped_runtime_does_not_keep_a_stale_token_in_use() {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let (still, other) = (
        builder.enable_all().build().unwrap(),
        builder.start_paused(true).build().unwrap(),
    );
    let source = Gated::shut();
    let bearer = Bearer::builder(Arc::clone(&source));
    let bearer = bearer.on_expired(OnExpired::ServeStale).build();
    source.gate.add_permits(1);
    other.block_on(obtain(&bearer)).unwrap();
    bearer.invalidate();
    still.block_on(async {
        let waiting = tokio::time::timeout(Duration::ZERO, obtain(&bearer));
        assert!(waiting.await.is_err());
        tokio::task::yield_now().await;
    });
    assert_eq!(source.token_requests(), 2);

    other.block_on(async {
        for seconds in [0, 32, 0] {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            assert_eq!(text(obtain(&bearer).await.unwrap()), "Bearer t-1");
        }
    });
    assert_eq!(source.token_requests(), 3);
}

#[test]
fn a_caller_outside_a_runtime_gets_an_error() {
    let bearer = Bearer::new(Gated::open());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let head = head();
    let view = RequestHead::from_parts(&head);
    let outcome = bearer.authenticate(&view).as_mut().poll(&mut context);
    assert!(matches!(
        outcome,
        std::task::Poll::Ready(Err(AuthError::NoRuntime))
    ));
}

#[test]
fn a_runtime_without_a_timer_is_an_error() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let bearer = Bearer::new(Gated::open());
    let outcome = runtime.block_on(obtain(&bearer));
    assert!(matches!(outcome, Err(AuthError::NoRuntime)));
    assert!(matches!(
        runtime.block_on(bearer.refresh()),
        Err(AuthError::NoRuntime)
    ));
    // With one it works, and nothing is left of the failure.
    let mut with_timer = tokio::runtime::Builder::new_current_thread();
    let with_timer = with_timer.enable_time().build().unwrap();
    assert!(with_timer.block_on(obtain(&bearer)).is_ok());
}

#[test]
fn a_stale_token_is_served_on_a_runtime_without_a_time_driver() {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let without = builder.build().unwrap();
    let with = builder.enable_time().build().unwrap();
    let bearer = Bearer::builder(Gated::open()).on_expired(OnExpired::ServeStale);
    let bearer = bearer.build();
    with.block_on(obtain(&bearer)).unwrap();
    bearer.invalidate();
    assert_eq!(
        text(without.block_on(obtain(&bearer)).unwrap()),
        "Bearer t-1"
    );
}
