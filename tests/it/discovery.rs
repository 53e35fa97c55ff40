//! Authorization servers that are found by their issuer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Response, StatusCode};
use multi_auth::oauth::{Client, Discovery, Grant};
use multi_auth::{AuthError, Clock, SystemClock, TokenRequestProblem, TokenSource, transport_fn};
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

    async fn a_clone_that_allows_another_origin_does_not_allow_it_for_the_first(adapter: Adapter) {
        let (server, other) = (ScriptedServer::start().await.unwrap(), ScriptedServer::start().await.unwrap());
        server.push(document(server.url(), other.url()));
        server.push(document(server.url(), other.url()));
        let strict = discovery(adapter, server.url());
        let lax = strict.clone().allow_origin(other.url()).unwrap();
        lax.metadata().await.unwrap();
        let refused = problem(source(strict)).await;
        assert!(matches!(refused, TokenRequestProblem::Malformed { member, .. } if member == "/token_endpoint"));
        assert_eq!(other.requests().len(), 0);
    }

    async fn concurrent_callers_share_one_fetch_and_its_error(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let broken = discovery(adapter, server.url());
        server.push(ScriptedResponse::new(StatusCode::BAD_GATEWAY));
        let calls = (0..100).map(|_| {
            let broken = broken.clone();
            tokio::spawn(async move { broken.metadata().await.map(drop) })
        });
        let calls: Vec<_> = calls.collect();
        for call in calls {
            call.await.unwrap().unwrap_err();
        }
        assert_eq!(server.requests().len(), 1);
        server.push(document(server.url(), server.url()));
        broken.metadata().await.unwrap();
    }

    async fn a_document_with_a_long_list_is_refused(adapter: Adapter) {
        for (names, is_accepted) in [(256, true), (257, false)] {
            let server = ScriptedServer::start().await.unwrap();
            let list = vec!["\"\""; names].join(",");
            server.push(json(&format!(
                r#"{{"issuer": "{0}", "token_endpoint": "{0}/token", "grant_types_supported": [{list}]}}"#,
                server.url()
            )));
            let metadata = discovery(adapter, server.url()).metadata().await;
            assert_eq!(metadata.is_ok(), is_accepted, "{names} names");
        }
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
        // It is fetched again a minute later.
        discovery.metadata().await.unwrap();
        assert_eq!(server.requests().len(), 2);
        clock.advance(Duration::from_secs(60));
        server.push(document(server.url(), server.url()));
        discovery.metadata().await.unwrap();
        discovery.metadata().await.unwrap();
        assert_eq!(server.requests().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_metadata_server_that_hangs_delays_one_caller_for_five_seconds() {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let transport = transport_fn(move |_| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move {
            if number > 0 {
                std::future::pending::<()>().await;
            }
            let document =
                r#"{"issuer": "https://a.example", "token_endpoint": "https://a.example/token"}"#;
            Ok(Response::new(document.into()))
        }
    });
    let discovery = Discovery::new("https://a.example", transport).unwrap();
    discovery.metadata().await.unwrap();
    tokio::time::advance(Duration::from_secs(24 * 60 * 60)).await;

    let start = SystemClock.monotonic();
    let waited = || SystemClock.monotonic() - start;
    let (first, others) = tokio::join!(discovery.metadata(), async {
        tokio::task::yield_now().await;
        discovery.metadata().await.unwrap();
        waited()
    });
    first.unwrap();
    assert_eq!(others, Duration::ZERO);
    assert!(
        waited() >= Duration::from_secs(5) && waited() < Duration::from_secs(6),
        "{:?}",
        waited()
    );
    discovery.metadata().await.unwrap();
    assert_eq!(requests.load(Ordering::Relaxed), 2);
}
