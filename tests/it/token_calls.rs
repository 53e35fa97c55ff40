//! Token endpoints that want a fresh assertion, a GET or another token type, and schemes built on
//! the token that they give.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use multi_auth::{
    AuthError, Authenticator, Bearer, BearerBuilder, Credential, CredentialId, CurrentToken,
    Keyring, Placement, RequestHead, ResponseHead, Token, TokenEndpoint, TokenEndpointBuilder,
    TokenRequestBody, TokenRequestProblem, Verdict, source_fn,
};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use secrecy::ExposeSecret;

use crate::adapter::{Adapter, auth_error};

const BUSY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

fn json(text: &str) -> ScriptedResponse {
    let answer = ScriptedResponse::default().with_header("content-type", "application/json");
    answer.unwrap().with_body(text.to_owned())
}

fn endpoint(adapter: Adapter, server: &ScriptedServer) -> TokenEndpointBuilder {
    let url = format!("{}/token", server.url());
    TokenEndpoint::builder(&url, adapter.transport()).unwrap()
}

fn keyring(server: &ScriptedServer, scheme: impl Authenticator + 'static) -> Keyring {
    let url = format!("{}/v1", server.url());
    Keyring::builder().bind(url, scheme).unwrap().build()
}

/// `{"assertion": "<jti>.<signature>"}`, with a `jti` that was never used before.
fn assertion() -> impl Fn() -> Result<TokenRequestBody, AuthError> {
    let made = AtomicUsize::new(0);
    move || {
        let jti = made.fetch_add(1, Ordering::Relaxed);
        Ok(TokenRequestBody::form([(
            "assertion",
            format!("{jti}.{}", hash(jti)),
        )]))
    }
}

fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// Refuses an assertion that it has seen. The first is seen and answered with 503.
fn issuer() -> impl Fn(&RecordedRequest) -> ScriptedResponse {
    let seen = Mutex::new(HashSet::new());
    move |request| {
        if request.path == "/v1" {
            let is_third = request.header("authorization") == Some("Bearer t-3");
            return ScriptedResponse::new(if is_third {
                StatusCode::OK
            } else {
                StatusCode::UNAUTHORIZED
            });
        }
        let mut seen = seen.lock().unwrap();
        let is_new = seen.insert(request.body.clone());
        match seen.len() {
            _ if !is_new => json(r#"{"error": "invalid_grant"}"#),
            1 => ScriptedResponse::new(BUSY),
            number => json(&format!(r#"{{"access_token": "t-{number}"}}"#)),
        }
    }
}

fn twice(source: TokenEndpoint) -> BearerBuilder {
    let pause = Duration::from_millis(1);
    Bearer::builder(source)
        .attempts(NonZeroU32::MIN.saturating_add(1))
        .backoff(pause, pause)
}

on_each_adapter! {
    async fn each_attempt_carries_a_fresh_assertion(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(issuer());
        let endpoint = endpoint(adapter, &server).body_with(assertion()).build();
        let bearer = twice(endpoint).build();
        // 503, then t-2; the vendor refuses t-2, so a third assertion gives t-3.
        let client = adapter.client(&keyring(&server, bearer));
        let url = format!("{}/v1", server.url());
        assert_eq!(client.get(&url).await.unwrap().status, StatusCode::OK);
        assert_eq!(server.requests_to("/token").len(), 3);
    }

    async fn a_repeated_assertion_is_refused(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(issuer());
        let same = endpoint(adapter, &server).form([("assertion", "0")]).build();
        let client = adapter.client(&keyring(&server, twice(same).build()));
        let error = auth_error(client.get(&format!("{}/v1", server.url())).await);
        let AuthError::TokenRequest { problem, .. } = error else { panic!("{error:?}") };
        assert!(matches!(problem, TokenRequestProblem::Denied { code: "invalid_grant", .. }));
    }

    async fn a_metadata_endpoint_is_asked_with_get(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.push(json(r#"{"access_token": "t-1", "expires_in": 3600}"#));
        let endpoint = endpoint(adapter, &server)
            .method(Method::GET)
            .query([("resource", "https://vault.example/")])
            .header("metadata-flavor", "Google").unwrap();
        let client = adapter.client(&keyring(&server, Bearer::new(endpoint.build())));
        client.get(&format!("{}/v1", server.url())).await.unwrap();
        let sent = server.requests();
        assert_eq!((&sent[0].method, sent[0].body.len()), (&Method::GET, 0));
        assert_eq!(sent[0].query.as_deref(), Some("resource=https%3A%2F%2Fvault.example%2F"));
        assert_eq!(sent[0].header("metadata-flavor"), Some("Google"));
        assert_eq!(sent[0].header("content-type"), None);
        assert_eq!(sent[1].header("authorization"), Some("Bearer t-1"));
    }

    async fn a_proof_covers_the_token_that_it_goes_out_with(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let given = AtomicUsize::new(0);
        server.respond_with(move |request: &RecordedRequest| {
            if request.path == "/token" {
                let number = given.fetch_add(1, Ordering::Relaxed) + 1;
                return json(&format!(
                    r#"{{"access_token": "d-{number}", "token_type": "DPoP", "key": "k-{number}"}}"#
                ));
            }
            let proof = proof(request.method.as_str(), &request.path, "d-2", "k-2");
            let is_valid = request.header("authorization") == Some("DPoP d-2") && request.header("dpop") == Some(&proof);
            ScriptedResponse::new(if is_valid { StatusCode::OK } else { StatusCode::UNAUTHORIZED })
        });
        let endpoint = endpoint(adapter, &server).token_types(["DPoP"]).part_at("key", "/key");
        let bearer = Bearer::builder(endpoint.build())
            .placement(Placement::authorization().with_prefix("DPoP ").unwrap())
            .build();
        let client = adapter.client(&keyring(&server, Proving(bearer)));
        // The vendor refuses the first token. The replay carries the newer one with a proof of its
        // own.
        let answer = client.get(&format!("{}/v1", server.url())).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!((server.requests_to("/token").len(), server.requests_to("/v1").len()), (2, 2));
    }

    async fn a_bearer_token_where_another_type_was_asked_is_an_error(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.push(json(r#"{"access_token": "t-1", "token_type": "Bearer"}"#));
        let endpoint = endpoint(adapter, &server).token_types(["DPoP"]).build();
        let client = adapter.client(&keyring(&server, Bearer::new(endpoint)));
        let error = auth_error(client.get(&format!("{}/v1", server.url())).await);
        let AuthError::TokenRequest { problem, .. } = error else { panic!("{error:?}") };
        assert!(matches!(problem, TokenRequestProblem::TokenType));
        assert_eq!(server.requests_to("/v1").len(), 0);
    }
}

/// A token with a proof of possession that covers it, in the manner of `DPoP` (RFC 9449): the
/// proof's key came with the token.
#[derive(Debug)]
struct Proving(Bearer);

const DPOP: HeaderName = HeaderName::from_static("dpop");

fn proof(method: &str, path: &str, token: &str, key: &str) -> String {
    format!("{:x}", hash((method, path, token, key)))
}

impl Proving {
    fn prove(token: &CurrentToken, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let key = token
            .part("key")
            .ok_or_else(|| AuthError::permanent("the token has no key"))?;
        let (token_value, key) = (token.value().expose_secret(), key.expose_secret());
        let proof = proof(request.method().as_str(), request.path(), token_value, key);
        let proof = HeaderValue::try_from(proof).map_err(AuthError::permanent)?;
        token.credential().and(Credential::header(DPOP, proof))
    }
}

#[async_trait]
impl Authenticator for Proving {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        Some(Self::prove(&self.0.ready_token()?, request))
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        Self::prove(&self.0.token().await?, request)
    }

    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        self.0.judge(id, response)
    }

    fn placements(&self) -> Vec<Placement> {
        let proof = Placement::header(DPOP.as_str()).expect("a valid name");
        [self.0.placements(), vec![proof]].concat()
    }
}

/// The token is read as it was issued, wherever the scheme puts it, and a newer one has another ID.
#[tokio::test]
async fn a_token_is_read_from_the_cache_with_its_parts_and_its_id() {
    let given = Arc::new(AtomicUsize::new(0));
    for placement in [
        Placement::bearer(),
        Placement::query("token").unwrap(),
        Placement::cookie("token").unwrap(),
        Placement::basic(),
    ] {
        given.store(0, Ordering::Relaxed);
        let given = Arc::clone(&given);
        let source = source_fn(move || {
            let number = given.fetch_add(1, Ordering::Relaxed);
            std::future::ready(Ok(
                Token::new(format!("t-{number}")).with_part("n", number.to_string())
            ))
        });
        let bearer = Bearer::builder(source).placement(placement).build();
        assert!(bearer.ready_token().is_none());
        let first = bearer.token().await.unwrap();
        let again = bearer.ready_token().unwrap();
        let read = |token: &CurrentToken| {
            let part = token.part("n").unwrap().expose_secret().to_owned();
            (
                token.value().expose_secret().to_owned(),
                part,
                token.id().clone(),
            )
        };
        assert_eq!(read(&first), read(&again));
        assert_eq!(
            read(&first),
            ("t-0".to_owned(), "0".to_owned(), first.id().clone())
        );
        bearer.invalidate();
        assert!(bearer.ready_token().is_none());
        let second = bearer.token().await.unwrap();
        assert_eq!(second.value().expose_secret(), "t-1");
        assert_ne!(second.id(), first.id());
        assert!(!format!("{second:?} {second:#?}").contains("t-1"));
    }
}

/// Callers that need the token at once share one token request, as requests do.
#[tokio::test]
async fn readers_share_one_token_request() {
    let given = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&given);
    let bearer = Bearer::new(source_fn(move || {
        count.fetch_add(1, Ordering::Relaxed);
        async {
            tokio::task::yield_now().await;
            Ok(Token::new("t"))
        }
    }));
    let (one, other) = tokio::join!(bearer.token(), bearer.token());
    assert_eq!(one.unwrap().id(), other.unwrap().id());
    assert_eq!(given.load(Ordering::Relaxed), 1);
}
