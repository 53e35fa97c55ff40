//! A response to a request with the caller's own credential says nothing of the keyring's, in an
//! `AllOf` as well.

#![allow(
    clippy::unwrap_used,
    reason = "a property panics where it does not hold"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use http::request::Parts;
use http::{Extensions, HeaderMap, Request, Response, StatusCode};
use multi_auth::adapter::{self, HttpClient, Outgoing};
use multi_auth::{
    AllOf, ApiKey, AuthError, Bearer, Keyring, RequestHead, ResponseHead, Rotating, Rotation,
    Token, source_fn,
};
use multi_auth_properties::runtime;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

const URL: &str = "https://a.example/";

#[derive(Clone, Debug)]
enum Step {
    /// Puts a newer key on trial, which the vendor accepts or not.
    Rotate(bool),
    /// The vendor accepts no token that was issued so far.
    Revoke,
    /// Sends a request with the caller's own key and token, each accepted or not, where there is
    /// one.
    Send(Option<bool>, Option<bool>),
}

fn step() -> impl Strategy<Value = Step> {
    let own = || prop_oneof![2 => Just(None), 1 => any::<bool>().prop_map(Some)];
    prop_oneof![
        1 => any::<bool>().prop_map(Step::Rotate),
        1 => Just(Step::Revoke),
        4 => (own(), own()).prop_map(|(key, token)| Step::Send(key, token)),
    ]
}

/// The keyring, and the vendor that it is for.
struct World {
    keyring: Keyring,
    rotating: Rotating,
    issued: Arc<AtomicU32>,
    /// The first token that the vendor accepts.
    accepted: u32,
}

fn key(is_good: bool) -> ApiKey {
    ApiKey::header("x-api-key", if is_good { "good" } else { "bad" }).unwrap()
}

impl World {
    fn new(is_swapped: bool) -> Self {
        let issued = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&issued);
        let bearer = Bearer::new(source_fn(move || {
            let number = count.fetch_add(1, Ordering::Relaxed) + 1;
            async move { Ok(Token::new(number.to_string())) }
        }));
        let rotating = Rotating::new(key(true));
        let app = ApiKey::header("x-app", "a").unwrap();
        let builder = Keyring::builder();
        let builder = if is_swapped {
            builder.bind(URL, AllOf::new(AllOf::new(bearer, app), rotating.clone()))
        } else {
            builder.bind(URL, AllOf::new(rotating.clone(), AllOf::new(app, bearer)))
        };
        Self {
            keyring: builder.unwrap().build(),
            rotating,
            issued,
            accepted: 0,
        }
    }

    fn status(&self, headers: &HeaderMap) -> StatusCode {
        let token = headers["authorization"].to_str().unwrap();
        let token = token.strip_prefix("Bearer ").unwrap();
        let is_accepted = match token.parse::<u32>() {
            Ok(number) => number >= self.accepted,
            Err(_) => token == "good",
        };
        if is_accepted && headers["x-api-key"] == "good" {
            StatusCode::OK
        } else {
            StatusCode::UNAUTHORIZED
        }
    }

    async fn take(&mut self, step: Step) -> TestCaseResult {
        let issued = self.issued.load(Ordering::Relaxed);
        match step {
            Step::Rotate(is_good) => self.rotating.rotate(key(is_good)).unwrap(),
            Step::Revoke => self.accepted = issued + 1,
            Step::Send(own_key, own_token) => {
                let rotation = self.rotating.rotation();
                let sent = self.send(own_key, own_token).await;
                if own_key.is_some() {
                    prop_assert_eq!(self.rotating.rotation(), rotation);
                }
                if own_token.is_some() {
                    prop_assert_eq!(self.issued.load(Ordering::Relaxed), issued);
                    // Only a key on trial is a reason to send the request again.
                    let is_on_trial = own_key.is_none() && rotation != Rotation::Settled;
                    prop_assert!(sent == 1 || is_on_trial, "{} requests", sent);
                }
            }
        }
        Ok(())
    }

    /// Sends a request as an adapter does. Returns how often it was sent.
    async fn send(&self, own_key: Option<bool>, own_token: Option<bool>) -> usize {
        let value = |is_good| if is_good { "good" } else { "bad" };
        let mut request = Request::get(URL);
        if let Some(is_good) = own_key {
            request = request.header("x-api-key", value(is_good));
        }
        if let Some(is_good) = own_token {
            request = request.header("authorization", format!("Bearer {}", value(is_good)));
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let mut client = Counting {
            world: self,
            sent: 0,
        };
        adapter::send(&self.keyring, &mut client, parts)
            .await
            .unwrap();
        client.sent
    }
}

/// Counts the attempts at one request.
struct Counting<'w> {
    world: &'w World,
    sent: usize,
}

impl HttpClient for Counting<'_> {
    type Request = Parts;
    type Copy = Parts;
    type Response = Response<()>;
    type Error = AuthError;

    fn head<'a>(&'a self, request: &'a Parts) -> RequestHead<'a> {
        RequestHead::from_parts(request)
    }

    fn outgoing<'a>(&self, request: &'a mut Parts) -> impl Outgoing + 'a {
        request
    }

    fn copy(&self, request: &Parts) -> Option<Parts> {
        Some(request.clone())
    }

    fn restore(&self, copy: Parts) -> Result<Parts, AuthError> {
        Ok(copy)
    }

    async fn send(&mut self, request: Parts) -> Result<Response<()>, AuthError> {
        self.sent += 1;
        let mut response = Response::new(());
        *response.status_mut() = self.world.status(&request.headers);
        Ok(response)
    }

    fn response<'a>(&self, response: &'a Response<()>) -> ResponseHead<'a> {
        ResponseHead::new(response.status(), response.headers())
    }

    fn failed(error: AuthError) -> AuthError {
        error
    }

    fn headers_mut<'a>(&self, response: &'a mut Response<()>) -> &'a mut HeaderMap {
        response.headers_mut()
    }

    fn extensions<'a>(&self, response: &'a mut Response<()>) -> &'a mut Extensions {
        response.extensions_mut()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_callers_own_settles_no_trial_and_costs_no_token(is_swapped: bool, steps in vec(step(), 1..30)) {
        let outcome: TestCaseResult = runtime().block_on(async {
            let mut world = World::new(is_swapped);
            for step in steps {
                world.take(step).await?;
            }
            Ok(())
        });
        outcome?;
    }
}
