//! A replayed request equals the first one, in all but the credential.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, LOCATION, SET_COOKIE};
use http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version,
};
use http_body_util::{BodyExt, Full};
use multi_auth::{Account, Bearer, Keyring, Outcome, ProtectionSpace, Token, source_fn};
use multi_auth_reqwest::{AuthMiddleware, guarded_client};
use multi_auth_tower::{AuthLayer, ReplayClone};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use tower::{ServiceBuilder, ServiceExt};

const TARGETS: [&str; 8] = [
    "https://a.example",
    "https://a.example/?",
    "https://a.example//two//slashes/./x",
    "https://user:p%40ss@a.example:8443/p%2Fq/%7e?x=%20&y=+&%C3%A4=%e4",
    "https://[2001:db8::1]:8443/a;b=c?d=/?e",
    "https://127.0.0.1/%zz?100%",
    "https://xn--bcher-kva.example/b?q='|",
    "https://a.example/%2e%2e/%00?=&&=",
];

/// An attempt as the client below sees it.
#[derive(Clone, Debug, PartialEq)]
struct Attempt {
    method: Method,
    target: String,
    version: Version,
    /// Name, value and whether the value is sensitive, without the credential.
    fields: Vec<(HeaderName, Vec<u8>, bool)>,
    body: Option<Bytes>,
    mark: Option<Mark>,
}

/// An extension of the request.
#[derive(Clone, Debug, PartialEq)]
struct Mark(u32);

type Attempts = Arc<Mutex<Vec<Attempt>>>;

fn fields(headers: &HeaderMap) -> Vec<(HeaderName, Vec<u8>, bool)> {
    let own = headers.iter().filter(|(name, _)| *name != AUTHORIZATION);
    own.map(|(name, value)| {
        (
            name.clone(),
            value.as_bytes().to_vec(),
            value.is_sensitive(),
        )
    })
    .collect()
}

/// Fields in an order that is not that of their insertion, as one was removed.
fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut secret = HeaderValue::from_static("s-1");
    secret.set_sensitive(true);
    let long = HeaderName::from_bytes("x-long-".repeat(40).as_bytes()).unwrap();
    for (name, value) in [
        (SET_COOKIE, "a=1".parse().unwrap()),
        (HeaderName::from_static("x-gone"), "1".parse().unwrap()),
        (HeaderName::from_static("x-own"), secret),
        (ACCEPT, HeaderValue::from_static("")),
        (
            SET_COOKIE,
            HeaderValue::from_bytes(b"b=\xe4\xff\t").unwrap(),
        ),
        (long, "v".repeat(10_000).parse().unwrap()),
        (SET_COOKIE, "a=1".parse().unwrap()),
        (HeaderName::from_static("x-last"), "1".parse().unwrap()),
    ] {
        headers.append(name, value);
    }
    headers.remove("x-gone");
    headers
}

/// A keyring with a token that is new each time, for the origin of `target`.
fn tokens(target: &str) -> Keyring {
    let number = std::sync::atomic::AtomicUsize::new(1);
    let bearer = Bearer::new(source_fn(move || {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async move { Ok(Token::new(format!("t-{number}"))) }
    }));
    let origin = url::Url::parse(target).unwrap().origin();
    let space = ProtectionSpace::new(&origin.ascii_serialization()).unwrap();
    let keyring = Keyring::builder().bind(space.with_account(Account::new("north")), bearer);
    keyring.unwrap().build()
}

/// The answer to the attempt of this number: a refusal, then a redirect, refusal again, and 200.
fn status(number: usize, moves: bool) -> StatusCode {
    match (number, moves) {
        (1, _) | (3, true) => StatusCode::UNAUTHORIZED,
        (2, true) => StatusCode::TEMPORARY_REDIRECT,
        _ => StatusCode::OK,
    }
}

/// Answers in the place of the network.
struct Answers {
    attempts: Attempts,
    moves: bool,
}

#[async_trait]
impl Middleware for Answers {
    async fn handle(
        &self,
        request: reqwest::Request,
        _: &mut Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let mut attempts = self.attempts.lock().unwrap();
        let body = request.body().map(|body| body.as_bytes().unwrap());
        attempts.push(Attempt {
            method: request.method().clone(),
            target: request.url().as_str().to_owned(),
            version: request.version(),
            fields: fields(request.headers()),
            body: body.map(Bytes::copy_from_slice),
            mark: None,
        });
        let url = request.url().clone();
        let mut response = Response::builder().status(status(attempts.len(), self.moves));
        if self.moves {
            response = response.header(LOCATION, url.as_str());
        }
        response = reqwest::ResponseBuilderExt::url(response, url);
        Ok(response.body("").unwrap().into())
    }
}

fn reqwest_client(keyring: Keyring, answers: Answers, is_guarded: bool) -> ClientWithMiddleware {
    if is_guarded {
        return guarded_client(keyring).with_inner(answers).build().unwrap();
    }
    ClientBuilder::new(reqwest::Client::new())
        .with(AuthMiddleware::new(keyring))
        .with(answers)
        .build()
}

/// The attempts at a request by reqwest, and the outcome.
async fn by_reqwest(
    target: &str,
    body: Option<&'static str>,
    is_guarded: bool,
    moves: bool,
) -> (Vec<Attempt>, Option<Outcome>) {
    let attempts = Attempts::default();
    let answers = Answers {
        attempts: Arc::clone(&attempts),
        moves,
    };
    let client = reqwest_client(tokens(target), answers, is_guarded);
    let mut request = reqwest::Request::new(Method::PUT, target.parse().unwrap());
    *request.headers_mut() = headers();
    *request.version_mut() = Version::HTTP_2;
    *request.body_mut() = body.map(reqwest::Body::from);
    let mut said = Extensions::new();
    said.insert(Account::new("north"));
    let response = client.execute_with_extensions(request, &mut said).await;
    let outcome = response.unwrap().extensions().get().copied();
    (attempts.lock().unwrap().clone(), outcome)
}

async fn by_tower(target: &str, body: &'static str) -> (Vec<Attempt>, Option<Outcome>) {
    let attempts = Attempts::default();
    let seen = Arc::clone(&attempts);
    let service = ServiceBuilder::new()
        .layer(AuthLayer::new(tokens(target)).with_replay(ReplayClone))
        .service_fn(move |request: Request<Full<Bytes>>| {
            let seen = Arc::clone(&seen);
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let mut seen = seen.lock().unwrap();
                seen.push(Attempt {
                    method: head.method,
                    target: head.uri.to_string(),
                    version: head.version,
                    fields: fields(&head.headers),
                    body: Some(body),
                    mark: head.extensions.get().cloned(),
                });
                let response = Response::builder().status(status(seen.len(), false));
                Ok::<_, std::io::Error>(response.body(()).unwrap())
            }
        });
    let mut request = Request::put(target).version(Version::HTTP_2);
    *request.headers_mut().unwrap() = headers();
    let request = request.extension(Account::new("north")).extension(Mark(7));
    let request = request.body(Full::from(body)).unwrap();
    let outcome = service.oneshot(request).await.unwrap();
    let outcome = outcome.extensions().get().copied();
    (attempts.lock().unwrap().clone(), outcome)
}

fn assert_equal(attempts: &[Attempt], count: usize, what: &str) {
    assert_eq!(attempts.len(), count, "{what}");
    for attempt in attempts {
        assert_eq!(*attempt, attempts[0], "{what}");
    }
    assert_eq!(attempts[0].fields, fields(&headers()), "{what}");
}

#[tokio::test]
async fn reqwest_replays_the_same_request() {
    for target in TARGETS {
        for body in [None, Some(""), Some("abc")] {
            for is_guarded in [false, true] {
                let (attempts, outcome) = by_reqwest(target, body, is_guarded, false).await;
                let what = format!("{target} {body:?} {is_guarded}");
                assert_equal(&attempts, 2, &what);
                assert_eq!(outcome.unwrap().attempts(), 2, "{what}");
                assert_eq!(
                    attempts[0].body.as_deref(),
                    body.map(str::as_bytes),
                    "{what}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_redirect_to_the_same_place_sends_the_same_request() {
    for target in TARGETS {
        for body in [None, Some(""), Some("abc")] {
            let (attempts, _) = by_reqwest(target, body, true, true).await;
            assert_equal(&attempts, 4, &format!("{target} {body:?}"));
        }
    }
}

#[tokio::test]
async fn tower_replays_the_same_request() {
    for target in TARGETS {
        for body in ["", "abc"] {
            let (attempts, outcome) = by_tower(target, body).await;
            let what = format!("{target} {body:?}");
            assert_equal(&attempts, 2, &what);
            assert_eq!(outcome.unwrap().attempts(), 2, "{what}");
            assert_eq!(attempts[0].mark, Some(Mark(7)), "{what}");
            assert_eq!(attempts[0].version, Version::HTTP_2, "{what}");
        }
    }
}
