mod clocks;
mod runtimes;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use tokio::sync::Semaphore;

use super::*;
use crate::{OnExpired, Token, TokenRequestProblem};

/// Gives out `t-1`, `t-2` and so on, each when the gate lets it.
#[derive(Debug)]
struct Gated {
    gate: Semaphore,
    token_requests: AtomicUsize,
    reuse: bool,
}

impl Gated {
    fn open() -> Arc<Self> {
        Self::with(Semaphore::MAX_PERMITS, false)
    }

    fn shut() -> Arc<Self> {
        Self::with(0, false)
    }

    fn with(permits: usize, reuse: bool) -> Arc<Self> {
        Arc::new(Self {
            gate: Semaphore::new(permits),
            token_requests: AtomicUsize::new(0),
            reuse,
        })
    }

    fn token_requests(&self) -> usize {
        self.token_requests.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl TokenSource for Gated {
    async fn token(&self) -> Result<Token, AuthError> {
        let number = self.token_requests.fetch_add(1, Ordering::SeqCst) + 1;
        self.gate.acquire().await.unwrap().forget();
        let number = if self.reuse { 1 } else { number };
        Ok(Token::new(format!("t-{number}")))
    }
}

fn head() -> Parts {
    Request::get("https://a.example/")
        .body(())
        .unwrap()
        .into_parts()
        .0
}

async fn obtain(bearer: &Bearer) -> Result<Credential, AuthError> {
    bearer.authenticate(&RequestHead::from_parts(&head())).await
}

fn text(credential: Credential) -> String {
    let mut request = head();
    credential.attach(&mut request).unwrap();
    request.headers["authorization"]
        .to_str()
        .unwrap()
        .to_owned()
}

fn judge(
    bearer: &Bearer,
    id: &CredentialId,
    status: u16,
    challenge: Option<&'static str>,
) -> Verdict {
    let mut headers = HeaderMap::new();
    if let Some(challenge) = challenge {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    bearer.judge(
        id,
        &ResponseHead::new(StatusCode::from_u16(status).unwrap(), &headers),
    )
}

#[tokio::test]
async fn a_cached_token_is_used_again() {
    let source = Gated::open();
    let bearer = Bearer::new(Arc::clone(&source));
    assert!(bearer.ready(&RequestHead::from_parts(&head())).is_none());
    for _ in 0..3 {
        assert_eq!(text(obtain(&bearer).await.unwrap()), "Bearer t-1");
    }
    assert!(bearer.ready(&RequestHead::from_parts(&head())).is_some());
    assert_eq!(source.token_requests(), 1);
}

#[tokio::test]
async fn concurrent_callers_share_one_token_request() {
    let source = Gated::shut();
    let bearer = Bearer::new(Arc::clone(&source));
    let callers: Vec<_> = (0..200)
        .map(|_| {
            let bearer = bearer.clone();
            tokio::spawn(async move { obtain(&bearer).await.map(text) })
        })
        .collect();
    tokio::task::yield_now().await;
    source.gate.add_permits(1);
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), "Bearer t-1");
    }
    assert_eq!(source.token_requests(), 1);
}

#[tokio::test]
async fn a_token_request_outlives_the_caller_that_started_it() {
    let source = Gated::shut();
    let bearer = Bearer::new(Arc::clone(&source));
    for _ in 0..3 {
        let gave_up = tokio::time::timeout(Duration::ZERO, obtain(&bearer)).await;
        assert!(gave_up.is_err());
        tokio::task::yield_now().await;
    }
    source.gate.add_permits(1);
    assert_eq!(text(obtain(&bearer).await.unwrap()), "Bearer t-1");
    assert_eq!(source.token_requests(), 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_by_a_newer_one() {
    let bearer = Bearer::new(Gated::open());
    let first = obtain(&bearer).await.unwrap();
    assert_eq!(judge(&bearer, first.id(), 401, None), Verdict::Refresh);
    let second = obtain(&bearer).await.unwrap();
    assert_ne!(first.id(), second.id());
    assert_eq!(text(second), "Bearer t-2");
}

#[tokio::test]
async fn a_refusal_of_an_older_token_causes_no_token_request() {
    let source = Gated::open();
    let bearer = Bearer::new(Arc::clone(&source));
    let first = obtain(&bearer).await.unwrap().id().clone();
    assert_eq!(judge(&bearer, &first, 401, None), Verdict::Refresh);
    obtain(&bearer).await.unwrap();
    for _ in 0..100 {
        assert_eq!(judge(&bearer, &first, 401, None), Verdict::Refresh);
        assert_eq!(text(obtain(&bearer).await.unwrap()), "Bearer t-2");
    }
    assert_eq!(source.token_requests(), 2);
}

#[tokio::test]
async fn the_same_token_again_keeps_its_generation() {
    let bearer = Bearer::new(Gated::with(9, true));
    let first = obtain(&bearer).await.unwrap().id().clone();
    assert_eq!(judge(&bearer, &first, 401, None), Verdict::Refresh);
    assert_eq!(*obtain(&bearer).await.unwrap().id(), first);
}

#[tokio::test(start_paused = true)]
async fn refusals_of_fresh_tokens_cause_a_limited_number_of_token_requests() {
    let limit = Duration::from_secs(10);
    let bearer = Bearer::builder(Gated::open())
        .refusal_limit(2, limit)
        .build();
    for _ in 0..2 {
        let id = obtain(&bearer).await.unwrap().id().clone();
        assert_eq!(judge(&bearer, &id, 401, None), Verdict::Refresh);
    }
    let third = obtain(&bearer).await.unwrap().id().clone();
    let throttled = Verdict::Reject(Rejection::Throttled);
    assert_eq!(judge(&bearer, &third, 401, None), throttled);
    tokio::time::advance(limit).await;
    assert_eq!(judge(&bearer, &third, 401, None), Verdict::Refresh);
}

#[tokio::test]
async fn only_the_configured_statuses_refresh() {
    let statuses = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
    let both = Bearer::builder(Gated::open())
        .refresh_on(statuses)
        .unwrap()
        .build();
    let id = obtain(&both).await.unwrap().id().clone();
    let scope = Some(r#"Bearer error="insufficient_scope", scope="audit""#);
    assert_eq!(
        judge(&both, &id, 403, scope),
        Verdict::Reject(Rejection::InsufficientScope)
    );
    assert_eq!(judge(&both, &id, 403, None), Verdict::Refresh);

    let usual = Bearer::new(Gated::open());
    let id = obtain(&usual).await.unwrap().id().clone();
    assert_eq!(judge(&usual, &id, 403, None), Verdict::Accept);
    assert_eq!(judge(&usual, &id, 500, None), Verdict::Accept);

    assert!(
        Bearer::builder(Gated::open())
            .refresh_on([StatusCode::OK])
            .is_err()
    );
}

#[tokio::test]
async fn refresh_after_a_refusal_can_be_turned_off() {
    let bearer = Bearer::builder(Gated::open())
        .refresh_on([])
        .unwrap()
        .build();
    let id = obtain(&bearer).await.unwrap().id().clone();
    assert_eq!(
        judge(&bearer, &id, 401, None),
        Verdict::Reject(Rejection::RefreshDisabled)
    );
}

#[tokio::test]
async fn invalidate_drops_the_token_and_that_of_the_request_under_way() {
    let source = Gated::shut();
    let bearer = Bearer::new(Arc::clone(&source));
    let waiting = tokio::spawn({
        let bearer = bearer.clone();
        async move { obtain(&bearer).await.map(text) }
    });
    tokio::task::yield_now().await;
    bearer.invalidate();
    source.gate.add_permits(2);
    assert_eq!(waiting.await.unwrap().unwrap(), "Bearer t-1");
    assert_eq!(text(obtain(&bearer).await.unwrap()), "Bearer t-2");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_and_a_later_call_tries_again() {
    let token_requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&token_requests);
    let bearer = Bearer::new(crate::source_fn(move || {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::task::yield_now().await;
            if number == 0 {
                Err(AuthError::transient("down"))
            } else {
                Ok(Token::new("t-1"))
            }
        }
    }));
    let (a, b, c) = tokio::join!(obtain(&bearer), obtain(&bearer), obtain(&bearer));
    for failed in [a, b, c] {
        assert!(failed.unwrap_err().is_transient());
    }
    assert_eq!(token_requests.load(Ordering::SeqCst), 1);
    // Too early: nobody asks the vendor, and the reason is the same.
    assert!(obtain(&bearer).await.unwrap_err().is_transient());
    assert_eq!(token_requests.load(Ordering::SeqCst), 1);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(obtain(&bearer).await.is_ok());
}

#[tokio::test]
async fn a_source_that_panics_is_an_error_and_the_next_call_works() {
    let first = Arc::new(AtomicUsize::new(0));
    let bearer = Bearer::new(crate::source_fn(move || {
        let number = first.fetch_add(1, Ordering::SeqCst);
        async move {
            assert!(number > 0, "the source panics once");
            Ok(Token::new("t-1"))
        }
    }));
    let problem = obtain(&bearer).await.unwrap_err();
    assert!(matches!(
        problem,
        AuthError::TokenRequest {
            problem: TokenRequestProblem::Panicked,
            ..
        }
    ));
    assert_eq!(text(obtain(&bearer).await.unwrap()), "Bearer t-1");
}

#[tokio::test(start_paused = true)]
async fn a_token_request_has_its_own_time_limit() {
    let bearer = Bearer::builder(Gated::shut())
        .refresh_timeout(Duration::from_secs(3))
        .build();
    let problem = obtain(&bearer).await.unwrap_err();
    assert!(matches!(
        problem,
        AuthError::TokenRequest {
            problem: TokenRequestProblem::Timeout,
            ..
        }
    ));
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_an_error() {
    let bearer = Bearer::new(crate::source_fn(|| async { Ok(Token::new("a\r\nb: c")) }));
    let problem = obtain(&bearer).await.unwrap_err();
    assert!(matches!(
        problem,
        AuthError::TokenRequest {
            problem: TokenRequestProblem::Token(_),
            ..
        }
    ));
}

/// What was put aside may serve where all else fails, but not once the vendor has refused it.
#[tokio::test]
async fn an_invalidated_token_is_not_served_stale_once_it_is_refused() {
    let is_down = Arc::new(AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let source = crate::source_fn(move || {
        std::future::ready(if down.load(Ordering::SeqCst) {
            Err(AuthError::transient("down"))
        } else {
            Ok(Token::new("t-1"))
        })
    });
    let stale = Bearer::builder(source).on_expired(OnExpired::ServeStale);
    let bearer = stale.build();
    let id = obtain(&bearer).await.unwrap().id().clone();
    is_down.store(true, Ordering::SeqCst);
    bearer.invalidate();
    assert_eq!(text(obtain(&bearer).await.unwrap()), "Bearer t-1");
    let headers = HeaderMap::new();
    bearer.judge(&id, &ResponseHead::new(StatusCode::UNAUTHORIZED, &headers));
    assert!(obtain(&bearer).await.is_err());
}
