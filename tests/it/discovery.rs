//! Authorization servers that are found by their issuer.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use multi_auth::oauth::{Client, Discovery, Grant};
use multi_auth::{AuthError, TokenRequestProblem, TokenSource};
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use crate::adapter::Adapter;
use crate::clock::ManualClock;

fn json(text: &str) -> ScriptedResponse {
    let response = ScriptedResponse::default().with_header("content-type", "application/json");
    response.unwrap().with_body(text.to_owned())
}

/// A document of `issuer` whose token endpoint is `/token` at `origin`.
fn document(issuer: &str, origin: &str) -> ScriptedResponse {
    json(&format!(
        r#"{{"issuer": "{issuer}", "token_endpoint": "{origin}/token", "extra": [1]}}"#
    ))
}

fn discovery(adapter: Adapter, issuer: &str) -> Discovery {
    Discovery::new(issuer, adapter.transport()).unwrap()
}

fn source(discovery: Discovery) -> impl TokenSource {
    let client = Client::secret_post("my-app", "s-1").unwrap();
    discovery.token_source(move |endpoint| {
        endpoint
            .grant(Grant::client_credentials(), client.clone())
            .build()
    })
}

async fn problem(source: impl TokenSource) -> TokenRequestProblem {
    match source.token().await.unwrap_err() {
        AuthError::TokenRequest { problem, .. } => problem,
        other => panic!("{other:?}"),
    }
}

fn paths(server: &ScriptedServer) -> Vec<String> {
    server
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect()
}

const TOKEN: &str = r#"{"access_token": "t-1", "expires_in": 3600}"#;

on_each_adapter! {
    async fn the_metadata_is_read_once_for_all_token_requests(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let issuer = format!("{}/tenant", server.url());
        server.push(document(&issuer, server.url()));
        server.push(json(TOKEN));
        server.push(json(TOKEN));
        let source = source(discovery(adapter, &issuer));
        source.token().await.unwrap();
        source.token().await.unwrap();
        let known = "/.well-known/oauth-authorization-server/tenant";
        assert_eq!(paths(&server), [known, "/token", "/token"]);
        let requests = server.requests();
        assert_eq!(requests[1].text(), "grant_type=client_credentials&client_id=my-app&client_secret=s-1");
    }

    async fn the_openid_document_serves_if_the_other_is_not_found(adapter: Adapter) {
        for issuer_path in ["", "/", "/tenant", "/tenant/"] {
            let server = ScriptedServer::start().await.unwrap();
            let issuer = format!("{}{issuer_path}", server.url());
            server.push(ScriptedResponse::new(StatusCode::NOT_FOUND));
            server.push(document(&issuer, server.url()));
            discovery(adapter, &issuer).metadata().await.unwrap();
            let tenant = issuer_path.trim_end_matches('/');
            let oauth = format!("/.well-known/oauth-authorization-server{tenant}");
            assert_eq!(paths(&server), [oauth, format!("{tenant}/.well-known/openid-configuration")]);
        }
    }

    async fn a_document_of_another_issuer_is_refused(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        for named in [format!("{}/", server.url()), "https://login.example.com".to_owned()] {
            server.push(document(&named, server.url()));
            let problem = problem(source(discovery(adapter, server.url()))).await;
            assert!(matches!(problem, TokenRequestProblem::Malformed { member, .. } if member == "/issuer"));
        }
        server.push(json(&format!(r#"{{"token_endpoint": "{}/token"}}"#, server.url())));
        let problem = problem(source(discovery(adapter, server.url()))).await;
        assert!(matches!(problem, TokenRequestProblem::Missing { member, .. } if member == "/issuer"));
        assert_eq!(server.requests_to("/token").len(), 0);
    }

    async fn an_endpoint_at_another_origin_gets_no_secret_unless_it_is_allowed(adapter: Adapter) {
        let (server, other) = (ScriptedServer::start().await.unwrap(), ScriptedServer::start().await.unwrap());
        let foreign = || document(server.url(), other.url());
        server.push(foreign());
        let refused = problem(source(discovery(adapter, server.url()))).await;
        assert!(matches!(refused, TokenRequestProblem::Malformed { member, .. } if member == "/token_endpoint"));
        assert_eq!(other.requests().len(), 0);
        server.push(foreign());
        other.push(json(TOKEN));
        let allowed = discovery(adapter, server.url()).allow_origin(other.url()).unwrap();
        source(allowed).token().await.unwrap();
        assert_eq!(other.requests().len(), 1);
    }

    async fn an_endpoint_that_is_not_https_is_refused(adapter: Adapter) {
        for endpoint in ["http://login.example.com/token", "https://u:p@login.example.com/", "token", ""] {
            let server = ScriptedServer::start().await.unwrap();
            server.push(json(&format!(r#"{{"issuer": "{}", "token_endpoint": "{endpoint}"}}"#, server.url())));
            let allowed = discovery(adapter, server.url()).allow_origin("https://login.example.com").unwrap();
            let problem = problem(source(allowed)).await;
            assert!(matches!(problem, TokenRequestProblem::Malformed { .. }), "{endpoint}: {problem:?}");
        }
    }

    async fn what_is_not_a_document_is_a_typed_error(adapter: Adapter) {
        for (response, expected) in [
            (ScriptedResponse::new(StatusCode::INTERNAL_SERVER_ERROR), "the endpoint answered with status 500"),
            (json("[]"), "not JSON"),
            (json("{"), "not JSON"),
            (json(r#"{"issuer": 1}"#), "not JSON"),
        ] {
            let server = ScriptedServer::start().await.unwrap();
            server.push(response);
            let error = discovery(adapter, server.url()).metadata().await.unwrap_err();
            let text = error.to_string();
            assert!(text.contains(expected) && text.contains("/.well-known/"), "{text}");
        }
    }

    async fn an_old_document_serves_while_no_newer_one_can_be_read(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.push(document(server.url(), server.url()));
        let clock = Arc::new(ManualClock::default());
        let discovery = discovery(adapter, server.url()).clock(Arc::<ManualClock>::clone(&clock));
        discovery.metadata().await.unwrap();
        clock.advance(Duration::from_secs(24 * 60 * 60));
        server.push(ScriptedResponse::new(StatusCode::SERVICE_UNAVAILABLE));
        discovery.metadata().await.unwrap();
        server.push(document(server.url(), server.url()));
        discovery.metadata().await.unwrap();
        discovery.metadata().await.unwrap();
        assert_eq!(server.requests().len(), 3);
    }
}
