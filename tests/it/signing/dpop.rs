//! DPoP through the adapters.

pub(crate) mod server;
mod servers;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, StatusCode};
use multi_auth::oauth::{Client as OAuthClient, Grant};
use multi_auth::{
    AuthError, Bearer, Keyring, Token, TokenEndpoint, TokenEndpointBuilder, TokenRequestProblem,
    source_fn,
};
use multi_auth_sign::{Algorithm, Dpop, DpopBearer, SigningKey};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::json;

use self::server::Server;
use super::clock::At;
use crate::adapter::{Adapter, Client, auth_error};
use crate::body::TestBody;
use crate::wire::{assert_wire, transcript};

/// The key of RFC 7515, A.3.1.
const JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

fn key() -> SigningKey {
    SigningKey::from_jwk(Algorithm::ES256, JWK).unwrap()
}

fn dpop() -> Dpop {
    Dpop::new(key()).unwrap()
}

fn endpoint(adapter: Adapter, server: &ScriptedServer) -> TokenEndpointBuilder {
    let url = format!("{}/token", server.url());
    let client = OAuthClient::secret_basic("my-app", "s3cret").unwrap();
    let endpoint = TokenEndpoint::builder(&url, adapter.transport()).unwrap();
    endpoint.grant(Grant::client_credentials(), client)
}

fn client_of(adapter: Adapter, server: &ScriptedServer, bearer: DpopBearer) -> Client {
    let keyring = Keyring::builder().bind(server.url(), bearer).unwrap();
    adapter.client(&keyring.build())
}

/// A server, and a client with tokens of it.
async fn rig(adapter: Adapter) -> (Server, ScriptedServer, Client) {
    let (own, server) = Server::start().await;
    let bearer = dpop().bearer(endpoint(adapter, &server));
    let client = client_of(adapter, &server, bearer);
    (own, server, client)
}

/// A token that no server has to issue.
fn given() -> DpopBearer {
    let source = source_fn(|| std::future::ready(Ok(Token::new("t-1"))));
    dpop().bearer_from(Bearer::builder(source))
}

/// How many requests came to the token endpoint and to the API.
fn counts(server: &ScriptedServer) -> (usize, usize) {
    let tokens = server.requests_to("/token").len();
    (tokens, server.request_count() - tokens)
}

/// The text of the part `at` of a proof: 0 for the header, 1 for the claims.
fn part(request: &RecordedRequest, at: usize) -> String {
    let part = request.header("dpop").unwrap().split('.').nth(at);
    String::from_utf8(URL_SAFE_NO_PAD.decode(part.unwrap()).unwrap()).unwrap()
}

on_each_adapter! {
    async fn a_server_that_verifies_each_proof_accepts_token_and_requests(adapter: Adapter) {
        let (own, server, client) = rig(adapter).await;
        let url = format!("{}/a%20b/%C3%A9?b=2&a=x+y", server.url());
        assert_eq!(client.get(&url).await.unwrap().status, StatusCode::OK);
        let body = TestBody::whole("{}");
        assert_eq!(client.post(&url, body).await.unwrap().status, StatusCode::OK);
        assert_eq!((counts(&server), own.proofs()), ((1, 2), 3));
        let sent = server.requests();
        assert_eq!(sent[0].header("authorization"), Some("Basic bXktYXBwOnMzY3JldA=="));
        assert_eq!(sent[1].header("authorization"), Some("DPoP t-1"));
    }

    async fn another_key_than_that_of_the_token_is_refused(adapter: Adapter) {
        let (_, server, client) = rig(adapter).await;
        client.get(server.url()).await.unwrap();
        let other = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let other = Dpop::new(SigningKey::from_jwk(Algorithm::EdDSA, other).unwrap()).unwrap();
        let stolen = Bearer::builder(source_fn(|| std::future::ready(Ok(Token::new("t-1")))));
        let thief = client_of(adapter, &server, other.bearer_from(stolen));
        let answer = thief.get(server.url()).await.unwrap();
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_demanded_nonce_costs_one_request_at_each_server_and_later_none(adapter: Adapter) {
        let (own, server, client) = rig(adapter).await;
        own.demand(Some("n-endpoint"), Some("n-api"));
        for expected in [(2, 2), (2, 3), (2, 4)] {
            assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::OK);
            assert_eq!(counts(&server), expected);
        }
        own.demand(Some("n-endpoint"), Some("n-api-2"));
        for expected in [(2, 6), (2, 7)] {
            assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::OK);
            assert_eq!(counts(&server), expected);
        }
    }

    async fn a_body_is_sent_again_with_the_nonce(adapter: Adapter) {
        let (own, server, client) = rig(adapter).await;
        own.demand(None, Some("n-api"));
        let answer = client.post(server.url(), TestBody::whole("a=1")).await.unwrap();
        assert_eq!((answer.status, counts(&server)), (StatusCode::OK, (1, 2)));
        assert_eq!(server.requests().pop().unwrap().text(), "a=1");
    }

    async fn a_token_that_expired_and_a_nonce_that_changed_are_both_renewed(adapter: Adapter) {
        let (own, server, client) = rig(adapter).await;
        own.demand(Some("n-endpoint"), Some("n-api"));
        client.get(server.url()).await.unwrap();
        server.clear_requests();
        own.demand(Some("n-endpoint-2"), Some("n-api-2"));
        own.expire_token();
        // The API asks for its nonce, then refuses the token.
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::OK);
        assert_eq!(counts(&server), (2, 3));
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::OK);
        assert_eq!(counts(&server), (2, 4));
    }

    async fn a_token_that_is_not_bound_is_an_error_and_is_never_sent(adapter: Adapter) {
        let (own, server, client) = rig(adapter).await;
        own.issue("Bearer");
        let error = auth_error(client.get(server.url()).await);
        let AuthError::TokenRequest { problem, .. } = error else {
            panic!("{error:?}");
        };
        assert!(matches!(problem, TokenRequestProblem::NotBound), "{problem:?}");
        assert_eq!(counts(&server), (1, 0));
    }

    async fn token_and_proof_go_to_no_other_origin(adapter: Adapter) {
        let (home, away) = crate::redirect::servers().await;
        let client = client_of(adapter, &home, given());
        home.push(crate::redirect::redirect_to(&away, "/next"));
        assert_eq!(client.get(home.url()).await.unwrap().status, StatusCode::OK);
        assert!(home.requests()[0].header("dpop").is_some());
        let sent = away.requests().pop().unwrap();
        assert_eq!((sent.header("authorization"), sent.header("dpop")), (None, None));
    }

    async fn a_redirect_at_the_origin_has_a_proof_of_its_own(adapter: Adapter) {
        let (home, _) = crate::redirect::servers().await;
        let client = client_of(adapter, &home, given());
        home.push(crate::redirect::redirect_to(&home, "/next"));
        assert_eq!(client.get(home.url()).await.unwrap().status, StatusCode::OK);
        let last = home.requests().pop().unwrap();
        let url = format!(r#""htu":"{}/next""#, home.url());
        assert!(part(&last, 1).contains(&url), "{}", part(&last, 1));
    }

    async fn a_credential_of_the_caller_is_sent_as_it_is(adapter: Adapter) {
        let (_, server, client) = rig(adapter).await;
        for (own, other) in [("authorization", "dpop"), ("dpop", "authorization")] {
            let request = Request::get(server.url()).header(own, "own").body(TestBody::default());
            client.send(request.unwrap()).await.unwrap();
            let sent = server.requests().pop().unwrap();
            assert_eq!(sent.header_values(own), ["own"]);
            assert_eq!(sent.header(other), None);
        }
        assert_eq!(counts(&server), (0, 2));
    }

    async fn concurrent_requests_share_a_token_and_no_proof(adapter: Adapter) {
        let (own, server, client) = rig(adapter).await;
        own.demand(Some("n-endpoint"), Some("n-api"));
        client.get(server.url()).await.unwrap();
        let calls: Vec<_> = (0..30).map(|_| {
            let (client, url) = (client.clone(), server.url().to_owned());
            tokio::spawn(async move { client.get(&url).await })
        }).collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap().status, StatusCode::OK);
        }
        assert_eq!((counts(&server), own.proofs()), ((2, 32), 34));
    }

    async fn dpop_on_the_wire(adapter: Adapter) {
        let builder = Dpop::builder(key()).clock(Arc::new(At(1_562_262_616)));
        let dpop = builder.id_from(|| "-BwC3ESc6acc2lTc".to_owned()).build().unwrap();
        let tokens = ScriptedServer::start().await.unwrap();
        let token = json!({ "access_token": "t-1", "token_type": "DPoP", "expires_in": 3600 });
        tokens.push(ScriptedResponse::default().with_json(&token));
        let api = ScriptedServer::start().await.unwrap();
        let client = client_of(adapter, &api, dpop.bearer(endpoint(adapter, &tokens)));
        let url = format!("{}/v1/items?b=2", api.url());
        client.post(&url, TestBody::whole("{}")).await.unwrap();
        let texts = [&tokens, &api].map(|server| {
            let sent = &server.requests()[0];
            let shown = format!("{}.{}.<signature>", part(sent, 0), part(sent, 1));
            let shown = shown.replace(server.url(), "http://127.0.0.1");
            transcript(server).replace(sent.header("dpop").unwrap(), &shown)
        });
        assert_wire(adapter, "dpop", &texts.join("\n"));
    }
}
