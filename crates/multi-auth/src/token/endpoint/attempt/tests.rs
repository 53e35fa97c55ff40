use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use http::{Request, Response};

use crate::{
    AllOf, ApiKey, AuthError, Bearer, Rotating, Rotation, Token, TokenEndpoint,
    TokenEndpointBuilder, TokenRequestProblem, TokenSource, Transport, TransportError, source_fn,
};

type Says = fn(&str) -> (u16, &'static str);

/// Answers by the credential that the request carries.
#[derive(Debug)]
struct Endpoint {
    says: Says,
    carried: Mutex<VecDeque<String>>,
}

impl Endpoint {
    fn new(says: Says) -> Arc<Self> {
        let carried = Mutex::default();
        Arc::new(Self { says, carried })
    }

    fn carried(&self) -> Vec<String> {
        self.carried.lock().unwrap().drain(..).collect()
    }
}

#[async_trait]
impl Transport for Endpoint {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let field = request.headers().get(AUTHORIZATION);
        let carried = field.map_or("", |value| value.to_str().unwrap()).to_owned();
        let (status, body) = (self.says)(&carried);
        self.carried.lock().unwrap().push_back(carried);
        let response = Response::builder().status(status);
        Ok(response.body(body.as_bytes().to_vec()).unwrap())
    }
}

const TOKEN: &str = r#"{"access_token": "t-1"}"#;

fn token_endpoint(endpoint: &Arc<Endpoint>) -> TokenEndpointBuilder {
    TokenEndpoint::builder("https://auth.example/token?tenant=1", Arc::clone(endpoint)).unwrap()
}

fn key(key: &str) -> ApiKey {
    ApiKey::authorization(key).unwrap()
}

/// A newer key on trial.
fn on_trial() -> Rotating {
    let rotating = Rotating::new(key("old"));
    rotating.rotate(key("new")).unwrap();
    rotating
}

fn problem(outcome: Result<Token, AuthError>) -> TokenRequestProblem {
    match outcome {
        Err(AuthError::TokenRequest { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_newer_key_is_settled_when_the_endpoint_accepts_it() {
    let (endpoint, key) = (Endpoint::new(|_| (200, TOKEN)), on_trial());
    let token_endpoint = token_endpoint(&endpoint).authorized_by(key.clone()).build();
    token_endpoint.token().await.unwrap();
    assert_eq!(key.rotation(), Rotation::Settled);
    assert_eq!(endpoint.carried(), ["new"]);
}

#[tokio::test]
async fn the_older_key_is_used_within_one_token_request_if_the_endpoint_refuses_the_newer_one() {
    let refusals: [Says; 3] = [
        |key| {
            if key == "old" {
                (200, TOKEN)
            } else {
                (401, "{}")
            }
        },
        |key| match key {
            "old" => (200, TOKEN),
            _ => (400, r#"{"error": "invalid_client"}"#),
        },
        |key| match key {
            "old" => (200, TOKEN),
            _ => (200, r#"{"accepted": false}"#),
        },
    ];
    for says in refusals {
        let (endpoint, key) = (Endpoint::new(says), on_trial());
        let token_endpoint = token_endpoint(&endpoint).refused_unless("/accepted");
        let token_endpoint = token_endpoint.authorized_by(key.clone()).build();
        token_endpoint.token().await.unwrap();
        assert_eq!(key.rotation(), Rotation::Refused);
        token_endpoint.token().await.unwrap();
        assert_eq!(endpoint.carried(), ["new", "old", "old"]);
    }
}

#[tokio::test]
async fn a_response_that_is_not_about_the_key_ends_no_trial() {
    let answers: [Says; 7] = [
        |_| (401, r#"{"error": "temporarily_unavailable"}"#),
        |_| (503, ""),
        |_| (403, "{}"),
        |_| (200, "<html>"),
        |_| (200, "{}"),
        |_| (302, ""),
        |_| (400, r#"{"error": "invalid_scope"}"#),
    ];
    for says in answers {
        let (endpoint, key) = (Endpoint::new(says), on_trial());
        let token_endpoint = token_endpoint(&endpoint).authorized_by(key.clone()).build();
        token_endpoint.token().await.unwrap_err();
        assert_eq!(key.rotation(), Rotation::OnTrial);
        assert_eq!(endpoint.carried(), ["new"]);
    }
}

#[tokio::test]
async fn only_the_keys_that_the_request_carried_are_judged() {
    let query = |value| ApiKey::query("tenant", value).unwrap();
    let absent = Rotating::new(query("old"));
    absent.rotate(query("new")).unwrap();
    let (endpoint, carried) = (Endpoint::new(|_| (200, TOKEN)), on_trial());
    let both = AllOf::new(absent.clone(), carried.clone());
    for token_endpoint in [
        token_endpoint(&endpoint).authorized_by(absent.clone()),
        token_endpoint(&endpoint).authorized_by(both),
    ] {
        token_endpoint.build().token().await.unwrap();
    }
    assert_eq!(absent.rotation(), Rotation::OnTrial);
    assert_eq!(carried.rotation(), Rotation::Settled);
}

/// A token that is obtained by token requests: `b-1`, `b-2` and so on.
fn tokens() -> Bearer {
    let given = Mutex::new(0);
    Bearer::new(source_fn(move || {
        let mut given = given.lock().unwrap();
        *given += 1;
        std::future::ready(Ok(Token::new(format!("b-{given}"))))
    }))
}

#[tokio::test]
async fn a_token_request_waits_for_the_token_that_authenticates_it() {
    let endpoint = Endpoint::new(|_| (200, TOKEN));
    let token_endpoint = token_endpoint(&endpoint).authorized_by(tokens()).build();
    for _ in 0..2 {
        token_endpoint.token().await.unwrap();
    }
    assert_eq!(endpoint.carried(), ["Bearer b-1", "Bearer b-1"]);
}

#[tokio::test]
async fn a_refused_inner_token_is_refreshed_once() {
    let endpoint = Endpoint::new(|token| match token {
        "Bearer b-1" => (401, ""),
        _ => (200, TOKEN),
    });
    let refreshing = token_endpoint(&endpoint).authorized_by(tokens()).build();
    for _ in 0..2 {
        refreshing.token().await.unwrap();
    }
    let carried = endpoint.carried();
    assert_eq!(carried, ["Bearer b-1", "Bearer b-2", "Bearer b-2"]);

    let endpoint = Endpoint::new(|_| (401, ""));
    let refused = token_endpoint(&endpoint).authorized_by(tokens()).build();
    for carried in [["Bearer b-1", "Bearer b-2"], ["Bearer b-2", "Bearer b-3"]] {
        let problem = problem(refused.token().await);
        assert!(matches!(problem, TokenRequestProblem::Refused));
        // The refusal of a fresh token does not discard it.
        assert_eq!(endpoint.carried(), carried);
    }
}

#[tokio::test]
async fn a_failed_refresh_of_the_inner_token_is_an_error_with_both_causes() {
    let endpoint = Endpoint::new(|_| (401, ""));
    let given = Mutex::new(false);
    let once = Bearer::new(source_fn(move || {
        let first = !std::mem::replace(&mut *given.lock().unwrap(), true);
        std::future::ready(if first {
            Ok(Token::new("b-1"))
        } else {
            Err(AuthError::transient("down"))
        })
    }));
    let token_endpoint = token_endpoint(&endpoint).authorized_by(once).build();
    let error = token_endpoint.token().await.unwrap_err();
    assert!(matches!(error, AuthError::Refresh { .. }) && error.is_transient());
}

#[tokio::test]
async fn a_fixed_inner_key_is_sent_once() {
    let endpoint = Endpoint::new(|_| (401, ""));
    let token_endpoint = token_endpoint(&endpoint).authorized_by(key("k")).build();
    let problem = problem(token_endpoint.token().await);
    assert!(matches!(problem, TokenRequestProblem::Refused));
    assert_eq!(endpoint.carried(), ["k"]);
}
