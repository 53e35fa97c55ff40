//! Token requests with a proof, and the tokens that they obtain.

use std::collections::VecDeque;

use async_trait::async_trait;
use http::Response;
use multi_auth::oauth::{Client, Grant, InMemory};
use multi_auth::{
    AuthError, TokenEndpoint, TokenEndpointBuilder, TokenRequestProblem, TokenSource, Transport,
    TransportError,
};

use super::script::{Reply, exchange, status};
use super::*;

const BOUND: &str = r#"{"access_token": "t-1", "token_type": "DPoP", "expires_in": 60}"#;
const UNBOUND: &str = r#"{"access_token": "t-1", "token_type": "Bearer", "expires_in": 60}"#;
const DEMAND: &str = r#"{"error": "use_dpop_nonce"}"#;
const PROOF: &str = r#"{"error": "invalid_dpop_proof"}"#;

/// A token endpoint that gives one reply after the other.
#[derive(Debug)]
struct Server {
    replies: Mutex<VecDeque<(Reply, &'static str)>>,
    received: Mutex<Vec<Request<Vec<u8>>>>,
}

#[async_trait]
impl Transport for Server {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        self.received.lock().unwrap().push(request);
        let (reply, body) = self.replies.lock().unwrap().pop_front().unwrap();
        Ok(reply.response(body.into()))
    }
}

impl Server {
    fn new(replies: impl IntoIterator<Item = (Reply, &'static str)>) -> Arc<Self> {
        Arc::new(Self {
            replies: Mutex::new(replies.into_iter().collect()),
            received: Mutex::default(),
        })
    }

    fn endpoint(self: &Arc<Self>, grant: Grant, client: Client) -> TokenEndpointBuilder {
        let url = "https://A.example:443/token?tenant=1";
        let endpoint = TokenEndpoint::builder(url, Arc::clone(self));
        endpoint.unwrap().grant(grant, client)
    }

    fn nonces(&self) -> Vec<String> {
        assert!(self.replies.lock().unwrap().is_empty());
        let received = self.received.lock().unwrap();
        received
            .iter()
            .map(|request| nonce(request.headers()))
            .collect()
    }
}

fn basic() -> Client {
    Client::secret_basic("my-app", "s3cret").unwrap()
}

fn problem<T: std::fmt::Debug>(outcome: Result<T, AuthError>) -> TokenRequestProblem {
    match outcome {
        Err(AuthError::TokenRequest { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_token_request_proves_its_key_and_authenticates_its_client() {
    let server = Server::new([(status(200), BOUND)]);
    let endpoint = server.endpoint(Grant::client_credentials(), basic());
    let token = dpop().token_endpoint(endpoint).build().token().await;
    token.unwrap();
    let received = server.received.lock().unwrap();
    let headers = received[0].headers();
    assert_eq!(headers["authorization"], "Basic bXktYXBwOnMzY3JldA==");
    let claims = part(proof(headers), 1);
    assert_eq!(claims["htm"], "POST");
    assert_eq!(claims["htu"], "https://a.example/token");
    assert!(claims.get("ath").is_none() && claims.get("nonce").is_none());
}

#[tokio::test]
async fn each_grant_is_repeated_with_the_nonce_that_the_server_demands() {
    let assertions = || source_fn(|| std::future::ready(Ok(Token::new("a-1"))));
    for grant in [
        Grant::client_credentials(),
        Grant::refresh_token(InMemory::new("r-1")),
        Grant::jwt_bearer(assertions()),
        Grant::authorization_code("c-1", "http://127.0.0.1/", "v-1"),
    ] {
        for code in [400, 401] {
            let demand = (status(code).nonce("n-1"), DEMAND);
            let server = Server::new([demand, (status(200), BOUND)]);
            let endpoint = server.endpoint(grant.clone(), basic());
            let token = dpop().token_endpoint(endpoint).build().token().await;
            assert!(token.is_ok(), "{grant:?} {code} {token:?}");
            assert_eq!(server.nonces(), ["none", "n-1"]);
            let received = server.received.lock().unwrap();
            let id = |at: usize| part(proof(received[at].headers()), 1)["jti"].clone();
            assert_ne!(id(0), id(1));
        }
    }
}

#[tokio::test]
async fn nonces_of_the_token_endpoint_follow_the_rules_of_requests() {
    for (replies, sent) in [
        // The same nonce refused twice, and a demand without one.
        (
            vec![(status(400).nonce("n-1"), DEMAND); 2],
            &["none", "n-1"][..],
        ),
        (vec![(status(400), DEMAND)], &["none"]),
        // Only one attempt more.
        (
            vec![
                (status(400).nonce("n-1"), DEMAND),
                (status(400).nonce("n-2"), DEMAND),
            ],
            &["none", "n-1"],
        ),
        (vec![(status(400), PROOF)], &["none"]),
        (
            vec![(status(400).nonce("n-1"), r#"{"error": "invalid_grant"}"#)],
            &["none"],
        ),
    ] {
        let server = Server::new(replies.clone());
        let endpoint = server.endpoint(Grant::client_credentials(), basic());
        let token = dpop().token_endpoint(endpoint).build().token().await;
        assert!(matches!(problem(token), TokenRequestProblem::Denied { .. }));
        assert_eq!(server.nonces(), sent, "{replies:?}");
    }
}

#[tokio::test]
async fn a_nonce_is_learned_from_each_response_of_the_token_endpoint() {
    let server = Server::new([
        (status(400).nonce("n-1"), DEMAND),
        (status(400).nonce("n-2"), r#"{"error": "invalid_grant"}"#),
        (status(503).nonce("n-3"), ""),
        (status(200).nonce("n-4"), BOUND),
        (status(200), BOUND),
    ]);
    let endpoint = server.endpoint(Grant::client_credentials(), basic());
    let endpoint = dpop().token_endpoint(endpoint).build();
    for is_token in [false, false, true, true] {
        assert_eq!(endpoint.token().await.is_ok(), is_token);
    }
    assert_eq!(server.nonces(), ["none", "n-1", "n-2", "n-3", "n-4"]);
}

#[tokio::test]
async fn a_token_that_is_not_bound_is_never_sent() {
    let server = Server::new([(status(200), UNBOUND)]);
    let endpoint = server.endpoint(Grant::client_credentials(), basic());
    let endpoint = endpoint.token_types(["Bearer"]);
    let exchange = exchange(dpop().bearer(endpoint.token_types(["Bearer"])), []).await;
    let error = exchange.result.unwrap_err();
    assert!(
        error.to_string().contains("not bound to the key"),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("t-1"));
}

#[tokio::test]
async fn the_token_and_its_requests_have_one_key_and_separate_nonces() {
    let server = Server::new([(status(200).nonce("n-1"), BOUND)]);
    let endpoint = server.endpoint(Grant::client_credentials(), basic());
    let bearer = dpop().bearer(endpoint);
    // The token endpoint has the same origin.
    let found = attached(credential(&bearer, &get("https://a.example/")).await);
    assert_eq!(nonce(&found), "none");
    let received = server.received.lock().unwrap();
    let of_token = part(proof(received[0].headers()), 0);
    assert_eq!(of_token["jwk"], part(proof(&found), 0)["jwk"]);
}
