//! Token requests that prove possession of a key.

use std::collections::VecDeque;

use http::{HeaderName, HeaderValue};

use super::*;
use crate::oauth::{Client, Grant, InMemory};
use crate::{
    Bearer, Credential, CredentialId, Generation, Placement, Rejection, RequestHead, ResponseHead,
    Verdict, source_fn,
};

const PROOF: HeaderName = HeaderName::from_static("proof");

/// Proves with the newest nonce of the server.
#[derive(Debug)]
struct Proof(Mutex<(String, Generation)>);

impl Proof {
    fn new() -> Self {
        Self(Mutex::new(("none".to_owned(), Generation::next())))
    }
}

impl Authenticator for Proof {
    fn ready(&self, _: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let (nonce, generation) = &*self.0.lock().unwrap();
        let value: HeaderValue = nonce.parse().unwrap();
        let id = CredentialId::refreshable(*generation);
        Some(Ok(Credential::header(PROOF, value).with_id(id)))
    }

    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let mut newest = self.0.lock().unwrap();
        assert!(id.holds(newest.1));
        if let Some(nonce) = response.headers().get("nonce") {
            *newest = (nonce.to_str().unwrap().to_owned(), Generation::next());
        }
        match response.json_text("/error").as_deref() {
            Some("use_dpop_nonce") => Verdict::Resign,
            Some("invalid_dpop_proof") => Verdict::Reject(Rejection::Proof),
            _ => Verdict::Accept,
        }
    }

    fn placements(&self) -> Vec<Placement> {
        Vec::new()
    }

    fn reads_responses(&self) -> bool {
        true
    }
}

/// A status, the nonce for the next request, and a body.
type Reply = (u16, &'static str, &'static str);

/// Gives one reply after the other, and records `proof`, `authorization` and the body.
#[derive(Debug)]
struct Script {
    replies: Mutex<VecDeque<Reply>>,
    sent: Mutex<Vec<(String, String, String)>>,
}

impl Script {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Arc<Self> {
        Arc::new(Self {
            replies: Mutex::new(replies.into_iter().collect()),
            sent: Mutex::default(),
        })
    }

    fn proofs(&self) -> Vec<String> {
        let sent = self.sent.lock().unwrap();
        assert!(self.replies.lock().unwrap().is_empty(), "{sent:?}");
        sent.iter().map(|(proof, ..)| proof.clone()).collect()
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let field = |name: &str| {
            let value = request.headers().get(name);
            value.map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        let body = String::from_utf8(request.body().clone()).unwrap();
        let sent = (field("proof"), field("authorization"), body);
        self.sent.lock().unwrap().push(sent);
        let reply = self.replies.lock().unwrap().pop_front();
        let (status, nonce, body) = reply.expect("no more than the scripted attempts");
        let response = Response::builder().status(status).header("nonce", nonce);
        Ok(response.body(body.into()).unwrap())
    }
}

const NONCE: &str = r#"{"error": "use_dpop_nonce"}"#;
const TOKEN: &str = r#"{"access_token": "t-1", "token_type": "DPoP"}"#;

fn proving(script: &Arc<Script>) -> TokenEndpointBuilder {
    let endpoint = TokenEndpoint::builder("https://auth.example/token", Arc::clone(script));
    endpoint.unwrap().proof_of_possession("DPoP", Proof::new())
}

#[tokio::test]
async fn a_request_is_sent_again_with_the_nonce_that_the_server_gives() {
    let script = Script::new([
        (400, "n-1", NONCE),
        (200, "n-2", TOKEN),
        (200, "n-2", TOKEN),
    ]);
    let endpoint = proving(&script).build();
    endpoint.token().await.unwrap();
    endpoint.token().await.unwrap();
    assert_eq!(script.proofs(), ["none", "n-1", "n-2"]);
}

#[tokio::test]
async fn a_second_demand_for_a_nonce_ends_the_request_and_its_nonce_is_kept() {
    for demand in [400, 401] {
        let replies = [
            (demand, "n-1", NONCE),
            (demand, "n-2", NONCE),
            (200, "n-2", TOKEN),
        ];
        let script = Script::new(replies);
        let endpoint = proving(&script).build();
        let error = endpoint.token().await.unwrap_err();
        assert!(error.to_string().contains("`use_dpop_nonce`"), "{error}");
        endpoint.token().await.unwrap();
        assert_eq!(script.proofs(), ["none", "n-1", "n-2"]);
    }
}

#[tokio::test]
async fn a_nonce_is_learned_from_a_response_with_any_status() {
    for (status, body) in [
        (400, r#"{"error": "invalid_grant"}"#),
        (401, r#"{"error": "invalid_client"}"#),
        (400, r#"{"error": "invalid_dpop_proof"}"#),
        (429, ""),
        (503, "<html>"),
        (200, "{}"),
    ] {
        let script = Script::new([(status, "n-1", body), (200, "n-1", TOKEN)]);
        let endpoint = proving(&script).build();
        endpoint.token().await.unwrap_err();
        endpoint.token().await.unwrap();
        assert_eq!(script.proofs(), ["none", "n-1"], "{status}");
    }
}

#[tokio::test]
async fn only_a_token_of_the_bound_type_is_accepted() {
    for (token_type, is_accepted) in [
        (r#""DPoP""#, true),
        (r#""dpop""#, true),
        (r#""Bearer""#, false),
        (r#""""#, false),
        ("null", false),
        ("1", false),
    ] {
        let body = format!(r#"{{"access_token": "t-1", "token_type": {token_type}}}"#);
        let endpoint = token_endpoint(&Canned::json(&body))
            .proof_of_possession("DPoP", Proof::new())
            .token_types(["Bearer"]);
        let problem = obtain(endpoint).await.err();
        let is_refused = matches!(problem, Some(TokenRequestProblem::NotBound));
        assert_eq!(is_refused, !is_accepted, "{token_type}");
        assert_eq!(problem.is_none(), is_accepted, "{token_type}");
    }
    let untyped = token_endpoint(&Canned::json(r#"{"access_token": "t-1"}"#));
    let untyped = obtain(untyped.proof_of_possession("DPoP", Proof::new())).await;
    assert!(matches!(untyped, Err(TokenRequestProblem::NotBound)));
}

#[tokio::test]
async fn the_client_authenticates_beside_the_proof_in_each_attempt() {
    let script = Script::new([(400, "n-1", NONCE), (200, "n-1", TOKEN)]);
    let client = Client::secret_basic("my-app", "s3cret").unwrap();
    let assertions = Mutex::new(0);
    let grant = Grant::jwt_bearer(source_fn(move || {
        let mut made = assertions.lock().unwrap();
        *made += 1;
        std::future::ready(Ok(Token::new(format!("a-{made}"))))
    }));
    let endpoint = proving(&script).grant(grant, client).build();
    endpoint.token().await.unwrap();
    assert_eq!(script.proofs(), ["none", "n-1"]);
    let sent = script.sent.lock().unwrap();
    for ((_, authorization, body), assertion) in sent.iter().zip(["a-1", "a-2"]) {
        assert_eq!(authorization, "Basic bXktYXBwOnMzY3JldA==");
        assert!(body.ends_with(&format!("assertion={assertion}")), "{body}");
    }
}

#[tokio::test]
async fn a_refresh_token_is_replaced_after_a_demand_for_a_nonce() {
    const ROTATED: &str =
        r#"{"access_token": "t-1", "token_type": "DPoP", "refresh_token": "r-2"}"#;
    let replies = [
        (400, "n-1", NONCE),
        (200, "n-1", ROTATED),
        (200, "n-1", TOKEN),
    ];
    let script = Script::new(replies);
    let grant = Grant::refresh_token(InMemory::new("r-1"));
    let endpoint = proving(&script).grant(grant, Client::public("my-app").unwrap());
    let endpoint = endpoint.build();
    endpoint.token().await.unwrap();
    endpoint.token().await.unwrap();
    let sent = script.sent.lock().unwrap();
    let tokens: Vec<_> = sent
        .iter()
        .map(|(_, _, body)| body.contains("r-2"))
        .collect();
    assert_eq!(tokens, [false, false, true]);
}

/// Tokens `b-1`, `b-2` and so on.
fn tokens() -> Bearer {
    let given = Mutex::new(0);
    Bearer::new(source_fn(move || {
        let mut given = given.lock().unwrap();
        *given += 1;
        std::future::ready(Ok(Token::new(format!("b-{given}"))))
    }))
}

#[tokio::test]
async fn a_nonce_and_a_newer_inner_token_cost_one_attempt_each() {
    for demand in [400, 401] {
        let replies = [
            (demand, "n-1", NONCE),
            (401, "n-2", "{}"),
            (200, "n-2", TOKEN),
        ];
        let script = Script::new(replies);
        let endpoint = proving(&script).authorized_by(tokens()).build();
        endpoint.token().await.unwrap();
        assert_eq!(script.proofs(), ["none", "n-1", "n-2"]);
        let sent = script.sent.lock().unwrap();
        let carried: Vec<_> = sent.iter().map(|(_, token, _)| token.as_str()).collect();
        // The demand for a nonce does not refuse the token.
        assert_eq!(carried, ["Bearer b-1", "Bearer b-1", "Bearer b-2"]);
    }
}
