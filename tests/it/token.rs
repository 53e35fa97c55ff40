//! What a program sees of its tokens, and says to them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, StatusCode};
use multi_auth::{
    AuthError, Authenticator, Bearer, Credential, Keyring, Provenance, Reason, RequestHead,
    ResponseHead, Token, TokenEvent, TokenRequestProblem, TokenState, Verdict, source_fn,
};

/// A source whose token requests give what `answers` says, one after the other.
fn source(answers: Vec<Result<Token, AuthError>>) -> impl multi_auth::TokenSource {
    let answers = Mutex::new(answers.into_iter());
    source_fn(move || {
        let next = answers
            .lock()
            .unwrap()
            .next()
            .expect("another token request");
        async move { next }
    })
}

async fn obtain(bearer: &Bearer) -> Result<Credential, AuthError> {
    let (head, ()) = Request::get("https://a.example/")
        .body(())
        .unwrap()
        .into_parts();
    bearer.authenticate(&RequestHead::from_parts(&head)).await
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other entries of the list are failures"
)]
fn token(number: u32) -> Result<Token, AuthError> {
    Ok(Token::new(format!("t-{number}")).with_lifetime(Duration::from_secs(3600)))
}

fn down() -> Result<Token, AuthError> {
    Err(AuthError::token_request(
        "https://a.example/token",
        TokenRequestProblem::Empty,
    ))
}

fn judge(bearer: &Bearer, credential: &Credential, headers: &HeaderMap, status: u16) -> Verdict {
    let status = StatusCode::from_u16(status).unwrap();
    bearer.judge(credential.id(), &ResponseHead::new(status, headers))
}

/// An event in a word or two.
fn word(event: &TokenEvent<'_>) -> String {
    match event {
        TokenEvent::Acquired {
            from: Provenance::Cache,
            ..
        } => "from the cache".to_owned(),
        TokenEvent::Acquired { from, .. } => format!("{from:?}"),
        TokenEvent::Denied { .. } => "denied".to_owned(),
        TokenEvent::RefreshStarted { reason, .. } => format!("started {reason:?}"),
        TokenEvent::RefreshSucceeded { reason, .. } => format!("succeeded {reason:?}"),
        TokenEvent::RefreshFailed { retry_in, .. } => {
            format!(
                "failed, retry {}",
                if retry_in.is_some() { "later" } else { "now" }
            )
        }
        TokenEvent::Refused { refreshable, .. } => format!("refused {refreshable}"),
        other => format!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn every_acquisition_says_where_it_came_from_and_why() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&told);
    let bearer = Bearer::builder(source(vec![token(1), token(2), token(3), down(), token(4)]))
        .jitter(0.0)
        .observer(move |event| ears.lock().unwrap().push(word(event)))
        .build();
    let heard = || std::mem::take(&mut *told.lock().unwrap());

    let first = obtain(&bearer).await.unwrap();
    assert_eq!(heard(), ["started Cold", "succeeded Cold", "Refresh(Cold)"]);
    obtain(&bearer).await.unwrap();
    assert_eq!(heard(), ["from the cache"]);
    assert_eq!(
        judge(&bearer, &first, &HeaderMap::new(), 401),
        Verdict::Refresh
    );
    obtain(&bearer).await.unwrap();
    assert_eq!(
        heard(),
        [
            "refused true",
            "started Refused",
            "succeeded Refused",
            "Refresh(Refused)"
        ]
    );
    tokio::time::sleep(Duration::from_secs(2_701)).await;
    obtain(&bearer).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        heard(),
        [
            "from the cache",
            "started AheadOfExpiry",
            "succeeded AheadOfExpiry"
        ]
    );
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    obtain(&bearer).await.unwrap_err();
    assert_eq!(
        heard(),
        ["started Expired", "failed, retry later", "denied"]
    );
    bearer.refresh().await.unwrap();
    assert_eq!(
        heard(),
        ["started Forced", "succeeded Forced", "Refresh(Forced)"]
    );
}

#[tokio::test]
async fn an_observer_that_panics_breaks_nothing() {
    let bearer = Bearer::builder(source(vec![token(1)]))
        .observer(|_| panic!("an observer"))
        .build();
    obtain(&bearer).await.unwrap();
    obtain(&bearer).await.unwrap();
}

#[test]
fn a_runtime_shutdown_is_not_reported_as_a_failure() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&told);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let bearer = Bearer::builder(source_fn(std::future::pending))
        .observer(move |event| ears.lock().unwrap().push(word(event)))
        .build();
    runtime.block_on(async {
        let waiting = tokio::time::timeout(Duration::from_millis(1), obtain(&bearer)).await;
        assert!(waiting.is_err());
    });
    drop(runtime);
    assert_eq!(*told.lock().unwrap(), ["started Cold"]);
    assert!(!bearer.snapshot().refreshing);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_shows_the_state_of_the_token() {
    let bearer = Bearer::builder(source(vec![token(1), down(), token(2)]))
        .jitter(0.0)
        .build();
    let cold = bearer.snapshot();
    assert_eq!((cold.state, cold.generation), (TokenState::Absent, None));
    assert!(cold.last_refresh.is_none() && !cold.refreshing);

    let id = obtain(&bearer).await.unwrap().id().clone();
    let fresh = bearer.snapshot();
    assert_eq!(fresh.state, TokenState::Fresh);
    assert!(id.holds(fresh.generation.unwrap()));
    let remaining = fresh.remaining.unwrap().as_secs();
    assert!((3_589..=3_590).contains(&remaining), "{remaining}");
    assert_eq!(fresh.last_refresh.unwrap().reason, Reason::Cold);

    tokio::time::sleep(Duration::from_secs(2_701)).await;
    obtain(&bearer).await.unwrap();
    assert!(bearer.snapshot().refreshing);
    tokio::time::sleep(Duration::from_millis(1)).await;
    let failed = bearer.snapshot();
    assert_eq!(
        (failed.state, failed.refreshing),
        (TokenState::InWindow, false)
    );
    assert!(failed.retry_in.is_some());
    let last = failed.last_refresh.as_ref().unwrap();
    assert_eq!(last.reason, Reason::AheadOfExpiry);
    assert!(last.error.is_some());
    assert!(!format!("{failed:?}").contains("t-1"));

    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(bearer.snapshot().state, TokenState::Expired);
    bearer.invalidate();
    assert_eq!(bearer.snapshot().state, TokenState::Absent);
}

#[tokio::test]
async fn a_predicate_can_mean_that_a_token_is_no_longer_valid() {
    let bearer = Bearer::builder(source(vec![token(1), token(2)]))
        .refresh_when(|response| response.headers().contains_key("x-session-expired"))
        .build();
    let credential = obtain(&bearer).await.unwrap();
    let mut headers = HeaderMap::new();
    assert_eq!(judge(&bearer, &credential, &headers, 200), Verdict::Accept);
    headers.insert("x-session-expired", HeaderValue::from_static("1"));
    assert_eq!(judge(&bearer, &credential, &headers, 200), Verdict::Refresh);
    assert_ne!(obtain(&bearer).await.unwrap().id(), credential.id());
}

#[tokio::test]
async fn the_pause_of_one_identity_does_not_hold_another_up() {
    let (north, south) = (
        Bearer::new(source(vec![down()])),
        Bearer::new(source(vec![token(1)])),
    );
    obtain(&north).await.unwrap_err();
    obtain(&north).await.unwrap_err();
    obtain(&south).await.unwrap();
}

#[tokio::test]
async fn alternating_accounts_and_differing_headers_cost_one_token_request_each() {
    let scope = |name: &str| {
        let account = multi_auth::Account::new(name);
        multi_auth::ProtectionSpace::new("https://a.example")
            .unwrap()
            .with_account(account)
    };
    // A second token request of either would find its source empty.
    let keyring = Keyring::builder()
        .bind(scope("a"), Bearer::new(source(vec![token(1)])))
        .unwrap()
        .bind(scope("b"), Bearer::new(source(vec![token(2)])))
        .unwrap()
        .build();
    for (trace, name) in ["a", "b", "a", "b"].into_iter().enumerate() {
        let request = Request::get("https://a.example/").header("traceparent", trace);
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        head.extensions.insert(multi_auth::Account::new(name));
        keyring
            .authenticate(&RequestHead::from_parts(&head))
            .await
            .unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn with_no_age_at_all_each_request_asks_the_source() {
    let bearer = Bearer::builder(source(vec![token(1), token(2), token(3)]))
        .max_age(Duration::ZERO)
        .build();
    let mut last = None;
    for _ in 0..3 {
        let generation = Some(obtain(&bearer).await.unwrap().id().clone());
        assert_ne!(generation, last);
        last = generation;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn by_choice_only_a_refusal_in_the_right_realm_refreshes() {
    let bearer = Bearer::builder(source(vec![token(1), token(2)]))
        .refresh_on([])
        .unwrap()
        .refresh_when(|response| {
            let realm = |challenge: &multi_auth::Challenge<'_>| {
                challenge.is("Bearer") && challenge.param("realm").as_deref() == Some("tokens")
            };
            response.status() == StatusCode::UNAUTHORIZED && response.challenges().iter().any(realm)
        })
        .build();
    let credential = obtain(&bearer).await.unwrap();
    let mut headers = HeaderMap::new();
    for (challenge, expected) in [
        (
            r#"Bearer realm="other", Basic realm="tokens""#,
            Verdict::Accept,
        ),
        (
            r#"Basic realm="other", Bearer realm="tokens""#,
            Verdict::Refresh,
        ),
    ] {
        headers.insert("www-authenticate", HeaderValue::from_static(challenge));
        assert_eq!(
            judge(&bearer, &credential, &headers, 401),
            expected,
            "{challenge}"
        );
    }
}
