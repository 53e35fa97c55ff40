//! How redirects are followed: methods and bodies, limits, choices, retries around them.

use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{Request, StatusCode};
use multi_auth::{AuthError, Bearer, Clock, Keyring, Outcome, SystemClock, Token, source_fn};
use multi_auth_reqwest::{TooManyRedirects, guarded_client};
use multi_auth_testing::{Fault, ScriptedResponse, ScriptedServer};
use multi_auth_tower::{AuthLayer, RedirectGuard};
use tower::{ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;
use tower_http::follow_redirect::policy::Limited;

use crate::adapter::hyper;
use crate::body::TestBody;
use crate::redirect::{OWN_HEADER, bound_to, clients, key, key_of, redirect_to, servers};

#[tokio::test]
async fn by_choice_a_redirect_to_another_origin_is_delivered() {
    let (home, away) = servers().await;
    let keyring = bound_to(home.url(), key());
    home.push(redirect_to(&away, "/"));
    let client = guarded_client(keyring.clone())
        .stop_at_other_origins()
        .build()
        .unwrap();
    assert_eq!(
        client.get(home.url()).send().await.unwrap().status(),
        StatusCode::FOUND
    );

    home.push(redirect_to(&away, "/"));
    let policy = RedirectGuard::new(keyring.clone()).stop_at_other_origins();
    let service = ServiceBuilder::new()
        .layer(AuthLayer::new(keyring))
        .layer(FollowRedirectLayer::with_policy(policy))
        .service(hyper());
    let request = Request::get(home.url()).body(TestBody::default()).unwrap();
    assert_eq!(
        service.oneshot(request).await.unwrap().status(),
        StatusCode::FOUND
    );
    assert_eq!(away.request_count(), 0);
}

#[tokio::test]
async fn the_status_decides_about_method_and_body() {
    for (status, method, expected, body) in [
        (301, "POST", "GET", ""),
        (302, "POST", "GET", ""),
        (303, "POST", "GET", ""),
        (303, "HEAD", "HEAD", ""),
        (302, "PUT", "PUT", "abc"),
        (307, "POST", "POST", "abc"),
        (308, "POST", "POST", "abc"),
    ] {
        let home = ScriptedServer::start().await.unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        home.push(ScriptedResponse::redirect(status, "/next").unwrap());
        let client = crate::adapter::Adapter::Reqwest.client(&bound_to(home.url(), key()));
        let request = Request::builder()
            .method(method)
            .uri(home.url())
            .body(TestBody::default());
        let mut request = request.unwrap();
        if method != "HEAD" {
            *request.body_mut() = TestBody::whole("abc");
            let text = http::HeaderValue::from_static("text/plain");
            request.headers_mut().insert("content-type", text);
        }
        client.send(request).await.unwrap();
        let last = home.requests().pop().unwrap();
        assert_eq!(
            (last.method.as_str(), &last.body),
            (expected, &Bytes::from(body)),
            "{status} {method}"
        );
        assert_eq!(
            last.header("content-type").is_some(),
            !body.is_empty(),
            "{status} {method}"
        );
        assert_eq!(key_of(&last), Some("k-1"));
    }
}

/// What speaks of a body goes with it (RFC 9110, 15.4), and a request without one expects no 100
/// (10.1.1).
#[tokio::test]
async fn headers_about_the_body_are_removed_with_it() {
    let home = ScriptedServer::start().await.unwrap();
    let gone = [
        ("content-encoding", "identity"),
        ("content-language", "de"),
        ("content-location", "/drafts/1"),
        ("content-type", "text/plain"),
        ("expect", "100-continue"),
        ("last-modified", "Sat, 01 Jan 2000 00:00:00 GMT"),
        ("trailer", "x-sum"),
    ];
    let mut request = Request::post(home.url()).header("accept-language", "de");
    for (name, value) in gone {
        request = request.header(name, value);
    }
    home.push(ScriptedResponse::redirect(StatusCode::SEE_OTHER, "/next").unwrap());
    let client = crate::adapter::Adapter::Reqwest.client(&bound_to(home.url(), key()));

    client
        .send(request.body(TestBody::whole("abc")).unwrap())
        .await
        .unwrap();

    let last = home.requests().pop().unwrap();
    assert_eq!((last.method.as_str(), last.body.len()), ("GET", 0));
    assert_eq!(last.header("accept-language"), Some("de"));
    let left = gone.map(|(name, _)| last.header(name));
    assert_eq!(left, [None; 7]);
}

#[tokio::test]
async fn a_redirect_that_needs_the_stream_again_is_delivered() {
    let home = ScriptedServer::start().await.unwrap();
    home.push(ScriptedResponse::redirect(StatusCode::TEMPORARY_REDIRECT, "/next").unwrap());
    let client = crate::adapter::Adapter::Reqwest.client(&bound_to(home.url(), key()));
    let answer = client
        .post(home.url(), TestBody::stream("abc"))
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
}

#[tokio::test]
async fn an_endless_chain_of_redirects_ends() {
    let home = ScriptedServer::start().await.unwrap();
    home.inject(Fault::redirect(StatusCode::FOUND, "/again").unwrap());
    let keyring = bound_to(home.url(), key());
    let error = guarded_client(keyring)
        .build()
        .unwrap()
        .get(home.url())
        .send()
        .await
        .unwrap_err();
    assert!(error.is_middleware());
    let reqwest_middleware::Error::Middleware(error) = error else {
        panic!("{error}")
    };
    assert!(error.is::<TooManyRedirects>());
    assert_eq!(home.request_count(), 11);
}

#[tokio::test]
async fn a_redirect_to_an_unbound_origin_is_refused_by_choice() {
    let (home, away) = servers().await;
    let keyring = Keyring::builder()
        .bind(home.url(), key())
        .unwrap()
        .refuse_unbound()
        .build();
    for (place, client) in clients(&keyring).into_iter().take(2) {
        home.push(redirect_to(&away, "/"));
        let error = crate::adapter::auth_error(client.get(home.url()).await);
        assert!(
            matches!(error, AuthError::Unbound { .. }),
            "{place}: {error:?}"
        );
    }
    assert_eq!(away.request_count(), 0);
}

#[tokio::test]
async fn a_retry_around_the_client_starts_over_after_a_redirect() {
    let (home, away) = servers().await;
    let keyring = bound_to(home.url(), key());
    let client = guarded_client(keyring).with_outer(Twice).build().unwrap();
    home.push(redirect_to(&away, "/"));
    client.get(home.url()).send().await.unwrap();
    assert_eq!(away.request_count(), 1);
    assert!(
        home.requests()
            .iter()
            .all(|request| key_of(request) == Some("k-1"))
    );
    assert_eq!(home.request_count(), 2);
}

/// reqwest's own limit of a request spans its redirects, and so must the guarded client's.
#[tokio::test(start_paused = true)]
async fn a_requests_time_limit_spans_all_of_its_redirects() {
    let home = ScriptedServer::start().await.unwrap();
    let client = guarded_client(bound_to(home.url(), key())).build().unwrap();
    home.inject(Fault::delay(Duration::from_secs(4)));
    home.respond_with(|_| ScriptedResponse::redirect(StatusCode::FOUND, "/again").unwrap());
    let began = SystemClock.monotonic();

    let limit = Duration::from_secs(10);
    let error = client
        .get(home.url())
        .timeout(limit)
        .send()
        .await
        .unwrap_err();

    assert!(error.is_timeout(), "{error:?}");
    let took = SystemClock.monotonic() - began;
    assert!(took >= limit && took < Duration::from_secs(11), "{took:?}");
}

/// A limit counts from when the caller began, and neither a token request nor a replay begins it
/// anew.
#[tokio::test(start_paused = true)]
async fn a_requests_time_limit_spans_its_token_requests_and_its_replay() {
    for (endpoint, answer, sent) in [(20, 0, 0), (0, 6, 2), (4, 7, 1)] {
        let home = ScriptedServer::start().await.unwrap();
        let source = source_fn(move || async move {
            tokio::time::sleep(Duration::from_secs(endpoint)).await;
            Ok(Token::new(format!("t-{:?}", SystemClock.monotonic())))
        });
        let bearer = Bearer::new(source);
        let keyring = Keyring::builder().bind(home.url(), bearer).unwrap().build();
        let client = guarded_client(keyring).build().unwrap();
        home.inject(Fault::delay(Duration::from_secs(answer)));
        home.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
        let began = SystemClock.monotonic();

        let limit = Duration::from_secs(10);
        let answer = client.get(home.url()).timeout(limit).send().await;

        let took = SystemClock.monotonic() - began;
        assert!(took < Duration::from_secs(11), "{took:?}: {answer:?}");
        let error = answer.unwrap_err();
        let is_timeout = AuthError::find(&error).is_some_and(AuthError::is_timeout);
        assert!(error.is_timeout() || is_timeout, "{error:?}");
        assert_eq!(home.request_count(), sent);
    }
}

/// Sends every request twice.
struct Twice;

#[async_trait::async_trait]
impl reqwest_middleware::Middleware for Twice {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: reqwest_middleware::Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        next.clone()
            .run(request.try_clone().unwrap(), extensions)
            .await?;
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn the_response_to_a_request_without_a_credential_is_unchanged() {
    let (home, away) = servers().await;
    // The second is bound, and the caller's own key wins there.
    for keyring in [
        bound_to("https://api.example.com", key()),
        bound_to(home.url(), key()),
    ] {
        let stack = |redirects: usize| {
            ServiceBuilder::new()
                .layer(AuthLayer::new(keyring.clone()))
                .layer(FollowRedirectLayer::with_policy(Limited::new(redirects)))
                .service(hyper())
        };
        let request = || {
            let request = Request::get(home.url()).header(OWN_HEADER, "own");
            request.body(TestBody::default()).unwrap()
        };

        home.push(redirect_to(&away, "/"));
        let stopped = stack(0).oneshot(request()).await.unwrap();
        assert_eq!(stopped.status(), StatusCode::FOUND);
        assert!(stopped.headers().contains_key(LOCATION));

        home.push(redirect_to(&away, "/"));
        away.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
        let refused = stack(1).oneshot(request()).await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(refused.extensions().get::<Outcome>(), None);
    }
}
