//! The longest times that can be set mean never, and not at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use http::{HeaderMap, Request, StatusCode};
use multi_auth::{
    AuthError, Authenticator, Bearer, BearerBuilder, RequestHead, ResponseHead, Token, Verdict,
    source_fn,
};

/// Tokens of a source that fails if it `fails`, and how often it was asked.
fn counted(fails: bool) -> (BearerBuilder, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let source = source_fn(move || {
        let number = count.fetch_add(1, SeqCst);
        let token = Token::new(format!("t-{number}")).with_lifetime(Duration::MAX);
        std::future::ready(if fails {
            Err(AuthError::transient("down"))
        } else {
            Ok(token)
        })
    });
    (Bearer::builder(source), asked)
}

#[tokio::test]
async fn the_limit_on_refusals_bounds_token_requests() {
    let (builder, asked) = counted(false);
    let bearer = builder.refusal_limit(1, Duration::MAX).build();
    let (request, ()) = Request::new(()).into_parts();
    let (head, headers) = (RequestHead::from_parts(&request), HeaderMap::new());
    let refusal = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
    let mut verdicts = Vec::new();
    for _ in 0..5 {
        let credential = bearer.authenticate(&head).await.unwrap();
        verdicts.push(bearer.judge(credential.id(), &refusal) == Verdict::Refresh);
    }
    assert_eq!(verdicts, [true, false, false, false, false]);
    assert_eq!(asked.load(SeqCst), 2);
}

#[tokio::test]
async fn after_a_failure_no_token_request_is_sent_before_the_longest_pause_ends() {
    let (builder, asked) = counted(true);
    let bearer = builder.backoff(Duration::MAX, Duration::MAX).build();
    let (request, ()) = Request::new(()).into_parts();
    let head = RequestHead::from_parts(&request);
    for _ in 0..5 {
        assert!(bearer.authenticate(&head).await.is_err());
    }
    assert_eq!(asked.load(SeqCst), 1);
}

#[tokio::test]
async fn every_other_time_may_be_the_longest() {
    let (builder, asked) = counted(false);
    let bearer = builder
        .refresh_timeout(Duration::MAX)
        .window(Duration::MAX)
        .margin(Duration::MAX)
        .max_age(Duration::MAX)
        .refused_key_backoff(Duration::MAX, Duration::MAX)
        .build();
    let (request, ()) = Request::new(()).into_parts();
    let head = RequestHead::from_parts(&request);
    for _ in 0..5 {
        assert!(bearer.authenticate(&head).await.is_ok());
        tokio::task::yield_now().await;
    }
    assert_eq!(asked.load(SeqCst), 1);
}
