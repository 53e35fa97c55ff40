//! Whole stacks over a service that answers at once.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderValue, Request, Response};
use http_body_util::Empty;
use multi_auth::Keyring;
use multi_auth_reqwest::{AuthMiddleware, guarded_client};
use multi_auth_tower::AuthLayer;
use reqwest::ResponseBuilderExt;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use tower_http::auth::AddAuthorizationLayer;
use tower_layer::Layer;
use tower_service::Service;

use crate::callgrind::measured;
use crate::requests;

/// The body of the requests.
pub type NoBody = Empty<Bytes>;

#[derive(Clone)]
struct Answers;

impl Service<Request<NoBody>> for Answers {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<NoBody>) -> Self::Future {
        black_box(request);
        ready(Ok(Response::new(())))
    }
}

/// What a future gives that never waits.
pub fn at_once<F: Future>(future: F) -> F::Output {
    let mut cx = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut cx) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// Sends requests through `service`, and counts.
pub fn drive<S: Service<Request<NoBody>>>(mut service: S) {
    let mut send = |request| {
        let mut cx = Context::from_waker(Waker::noop());
        assert!(service.poll_ready(&mut cx).is_ready());
        at_once(service.call(request))
    };
    let make = || {
        (0..requests::REPEATS)
            .map(|_| requests::request().map(|()| NoBody::new()))
            .collect::<Vec<_>>()
    };
    for request in make() {
        drop(send(request));
    }
    let all = make();
    measured(|| {
        for request in all {
            drop(black_box(send(request)));
        }
    });
}

/// The service alone.
pub fn tower_alone() {
    drive(Answers);
}

/// Under tower-http's layer.
pub fn tower_add_authorization() {
    let token = "t".repeat(256);
    drive(AddAuthorizationLayer::bearer(&token).layer(Answers));
}

/// Under this crate's layer.
pub fn tower_auth(keyring: &Keyring) {
    drive(AuthLayer::new(keyring.clone()).layer(Answers));
}

/// The innermost middleware: answers at once, so that no client is reached.
struct AnswersAtOnce;

#[async_trait]
impl Middleware for AnswersAtOnce {
    async fn handle(
        &self,
        request: reqwest::Request,
        _: &mut Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let response = Response::builder().url(black_box(request).url().clone());
        let response = response
            .body("")
            .map_err(reqwest_middleware::Error::middleware)?;
        Ok(response.into())
    }
}

/// What people write by hand.
struct ReadyHeader(HeaderValue);

#[async_trait]
impl Middleware for ReadyHeader {
    async fn handle(
        &self,
        mut request: reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        request.headers_mut().insert(AUTHORIZATION, self.0.clone());
        next.run(request, extensions).await
    }
}

fn drive_client(client: &ClientWithMiddleware) {
    for request in requests::reqwest() {
        drop(at_once(client.execute(request)));
    }
    let all = requests::reqwest();
    measured(|| {
        for request in all {
            drop(black_box(at_once(client.execute(request))));
        }
    });
}

fn over(middleware: impl Middleware) -> ClientWithMiddleware {
    ClientBuilder::new(reqwest::Client::new())
        .with(middleware)
        .with(AnswersAtOnce)
        .build()
}

/// A client with no middleware but the one that answers.
pub fn middleware_none() {
    let client = ClientBuilder::new(reqwest::Client::new());
    drive_client(&client.with(AnswersAtOnce).build());
}

/// With a middleware that adds a ready header.
pub fn middleware_alone() {
    drive_client(&over(ReadyHeader(requests::ready_value())));
}

/// The guarded client, which follows redirects too.
pub fn guarded(keyring: &Keyring) {
    let client = guarded_client(keyring.clone()).with_inner(AnswersAtOnce);
    drive_client(&client.build().unwrap());
}

/// With this crate's middleware.
pub fn middleware_auth(keyring: &Keyring) {
    drive_client(&over(AuthMiddleware::new(keyring.clone())));
}
