//! A request that runs out of time before it has its credential is an error, and is never sent
//! without it.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Extensions, Request, StatusCode};
use multi_auth::{Anonymous, AuthError, Bearer, Keyring, Placement, Token, source_fn};
use multi_auth_reqwest::{AuthMiddleware, guarded_client};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use multi_auth_tower::{AuthLayer, RedirectGuard};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use tower::{BoxError, ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;

use crate::adapter::{collect, hyper};
use crate::body::TestBody;

const LIMIT: Duration = Duration::from_millis(20);

/// The path of requests that opt out of a credential.
const WARM_UP: &str = "/warm-up";

/// How the token source behaves after the tokens that it gives at once.
#[derive(Clone, Copy, Debug)]
enum Source {
    Hangs,
    Answers(Duration),
}

/// What the server does with the first request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Server {
    Accepts,
    Refuses,
    Redirects,
    RedirectsAndRefuses,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stack {
    Guarded,
    Retrying,
    OwnClient,
    Tower,
    TowerRetrying,
}

const SERVERS: [Server; 4] = [
    Server::Accepts,
    Server::Refuses,
    Server::Redirects,
    Server::RedirectsAndRefuses,
];

const STACKS: [Stack; 5] = [
    Stack::Guarded,
    Stack::Retrying,
    Stack::OwnClient,
    Stack::Tower,
    Stack::TowerRetrying,
];

/// Sends a failed request once more.
struct Retry;

#[async_trait::async_trait]
impl Middleware for Retry {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let again = request.try_clone().unwrap();
        match next.clone().run(request, extensions).await {
            Ok(answer) => Ok(answer),
            Err(_) => next.run(again, extensions).await,
        }
    }
}

fn placements() -> [Placement; 4] {
    [
        Placement::bearer(),
        Placement::header("x-token").unwrap(),
        Placement::query("t").unwrap(),
        Placement::cookie("t").unwrap(),
    ]
}

fn keyring(url: &str, placement: Placement, at_once: usize, then: Source) -> Keyring {
    let asked = Arc::new(AtomicUsize::new(0));
    let source = source_fn(move || {
        let number = asked.fetch_add(1, Ordering::SeqCst);
        async move {
            if number >= at_once {
                match then {
                    Source::Hangs => pending().await,
                    Source::Answers(after) => tokio::time::sleep(after).await,
                }
            }
            Ok(Token::new(format!("token-{number}")))
        }
    });
    let bearer = Bearer::builder(source).placement(placement).build();
    Keyring::builder().bind(url, bearer).unwrap().build()
}

fn reqwest_client(stack: Stack, keyring: Keyring) -> ClientWithMiddleware {
    let guarded = guarded_client(keyring.clone());
    match stack {
        Stack::Retrying => guarded.with_outer(Retry).build().unwrap(),
        Stack::OwnClient => {
            let own = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
            ClientBuilder::new(own.build().unwrap())
                .with(AuthMiddleware::new(keyring))
                .build()
        }
        _ => guarded.build().unwrap(),
    }
}

/// Sends one POST with the limit through `stack`, on a connection that is warm: there a request
/// leaves at once.
async fn send(stack: Stack, keyring: &Keyring, url: &str) -> Result<StatusCode, BoxError> {
    if matches!(stack, Stack::Tower | Stack::TowerRetrying) {
        return send_by_tower(stack, keyring, url).await;
    }
    let client = reqwest_client(stack, keyring.clone());
    let warm_up = || {
        client
            .get(format!("{url}{WARM_UP}"))
            .with_extension(Anonymous)
    };
    warm_up().send().await.unwrap().bytes().await.unwrap();
    let sent = client.post(url).body("pay").timeout(LIMIT).send().await;
    warm_up().send().await.unwrap().bytes().await.unwrap();
    Ok(sent?.status())
}

async fn send_by_tower(stack: Stack, keyring: &Keyring, url: &str) -> Result<StatusCode, BoxError> {
    let service = ServiceBuilder::new()
        .layer(FollowRedirectLayer::with_policy(RedirectGuard::new(
            keyring.clone(),
        )))
        .layer(AuthLayer::new(keyring.clone()).with_replay(TestBody::copy))
        .service(hyper());
    let limited = ServiceBuilder::new()
        .timeout(LIMIT)
        .service(service.clone());
    let warm_up = || {
        let request = Request::get(format!("{url}{WARM_UP}")).extension(Anonymous);
        let request = request.body(TestBody::default()).unwrap();
        service.clone().and_then(collect).oneshot(request)
    };
    warm_up().await.unwrap();
    let mut outcome = Err("never sent".into());
    for _ in 0..if stack == Stack::Tower { 1 } else { 2 } {
        let request = Request::post(url).body(TestBody::whole("pay")).unwrap();
        let answer: Result<_, BoxError> = limited.clone().oneshot(request).await;
        outcome = answer.map(|answer| answer.status());
        if outcome.is_ok() {
            break;
        }
    }
    warm_up().await.unwrap();
    outcome
}

fn answer(server: Server, request: &RecordedRequest) -> ScriptedResponse {
    let is_first = format!("{request:?}").contains("token-0");
    let redirects = matches!(server, Server::Redirects | Server::RedirectsAndRefuses);
    let refuses = matches!(server, Server::Refuses | Server::RedirectsAndRefuses);
    if redirects && request.path == "/" {
        return ScriptedResponse::redirect(StatusCode::TEMPORARY_REDIRECT, "/end").unwrap();
    }
    if refuses && is_first {
        return ScriptedResponse::new(StatusCode::UNAUTHORIZED);
    }
    ScriptedResponse::default()
}

/// Every combination that ends in time or runs out of it.
#[tokio::test(start_paused = true)]
async fn no_request_to_a_bound_origin_arrives_without_its_credential() {
    let millisecond = Duration::from_millis(1);
    let sources = [
        Source::Hangs,
        Source::Answers(LIMIT.saturating_sub(millisecond)),
        Source::Answers(LIMIT),
        Source::Answers(LIMIT + millisecond),
        Source::Answers(Duration::ZERO),
    ];
    let (failed, succeeded) = send_all(&sources).await;
    assert!(failed > 100 && succeeded > 100, "{failed} {succeeded}");
}

/// With several threads a connection takes a request before its timeout is looked at.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_one_arrive_where_connections_have_threads_of_their_own() {
    let (failed, _) = send_all(&[Source::Hangs]).await;
    assert!(failed > 50, "{failed}");
}

/// How many requests failed and how many succeeded, of all combinations with `sources`.
async fn send_all(sources: &[Source]) -> (usize, usize) {
    let mut ended = [0, 0];
    for placement in placements() {
        for stack in STACKS {
            for server in SERVERS {
                for (then, at_once) in sources.iter().flat_map(|then| [(*then, 0), (*then, 1)]) {
                    let home = ScriptedServer::start().await.unwrap();
                    home.respond_with(move |request| answer(server, request));
                    let keyring = keyring(home.url(), placement.clone(), at_once, then);
                    let outcome = send(stack, &keyring, home.url()).await;
                    ended[usize::from(outcome.is_ok())] += 1;
                    let requests = home.requests().into_iter();
                    for request in requests.filter(|request| request.path != WARM_UP) {
                        assert!(
                            carries_token(&request),
                            "{placement:?} {stack:?} {server:?} {then:?} {at_once}: {request:?}"
                        );
                    }
                }
            }
        }
    }
    (ended[0], ended[1])
}

fn carries_token(request: &RecordedRequest) -> bool {
    let query = request.query.as_deref().unwrap_or_default();
    let fields = ["authorization", "x-token", "cookie"];
    query.contains("t=token-")
        || fields.iter().any(|name| {
            let value = request.header(name);
            value.is_some_and(|value| value.contains("token-"))
        })
}

/// On a warm connection a request leaves at once, so that nothing but the error keeps it back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_ends_before_the_credential_comes_is_a_typed_error_and_nothing_is_sent() {
    for stack in [Stack::Guarded, Stack::OwnClient] {
        let home = ScriptedServer::start().await.unwrap();
        let keyring = keyring(home.url(), Placement::bearer(), 0, Source::Hangs);
        let client = reqwest_client(stack, keyring);
        let warm = client.get(home.url()).with_extension(Anonymous);
        warm.send().await.unwrap().bytes().await.unwrap();
        for _ in 0..20 {
            let sent = client.post(home.url()).body("pay").timeout(LIMIT);
            let error = sent.send().await.unwrap_err();
            let error = AuthError::find(&error).expect("an AuthError");
            assert!(error.is_timeout() && error.is_transient(), "{error:?}");
            assert!(
                matches!(error, AuthError::TimedOut { refused: None, .. }),
                "{error:?}"
            );
        }
        let probe = client.get(home.url()).with_extension(Anonymous);
        probe.send().await.unwrap().bytes().await.unwrap();
        assert_eq!(home.request_count(), 2, "{stack:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_ends_during_the_refresh_after_a_401_says_so_and_nothing_is_replayed() {
    for stack in [Stack::Guarded, Stack::OwnClient] {
        let home = ScriptedServer::start().await.unwrap();
        home.respond_with(|_| ScriptedResponse::new(StatusCode::UNAUTHORIZED));
        let keyring = keyring(home.url(), Placement::bearer(), 1, Source::Hangs);
        let client = reqwest_client(stack, keyring);
        let sent = client.post(home.url()).body("pay").timeout(LIMIT);
        let error = sent.send().await.unwrap_err();
        let error = AuthError::find(&error).expect("an AuthError");
        assert!(error.is_timeout(), "{error:?}");
        assert!(
            matches!(error, AuthError::TimedOut { refused: Some(status), .. } if *status == StatusCode::UNAUTHORIZED),
            "{error:?}"
        );
        assert_eq!(home.request_count(), 1, "{stack:?}");
    }
}
