//! No refresh token is lost if the server or the store fails, or if the caller goes away.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::StatusCode;
use multi_auth::oauth::{Client, Grant, InMemory, RefreshTokenStore};
use multi_auth::{AuthError, Bearer, Keyring, TokenRequestProblem, TokenSource};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Notify;

use super::{TOKEN, endpoint, invalid_grant, json, problem};
use crate::adapter::auth_error;

/// A server that answers each refresh token once, with the next one: `r-1`, `r-2`, and so on.
fn rotating(request: &RecordedRequest, current: &AtomicUsize) -> ScriptedResponse {
    let number = current.load(Ordering::Relaxed);
    if !request
        .text()
        .contains(&format!("refresh_token=r-{number}&"))
    {
        return invalid_grant();
    }
    current.store(number + 1, Ordering::Relaxed);
    json(&format!(
        r#"{{"access_token": "t-{number}", "refresh_token": "r-{}"}}"#,
        number + 1
    ))
}

/// A store that counts, and fails on demand.
#[derive(Debug)]
struct Counting {
    inner: InMemory,
    replaced: Arc<Mutex<Vec<String>>>,
    is_broken: bool,
}

impl Counting {
    fn new(is_broken: bool) -> (Self, Arc<Mutex<Vec<String>>>) {
        let replaced = Arc::default();
        let store = Self {
            inner: InMemory::new("r-1"),
            replaced: Arc::clone(&replaced),
            is_broken,
        };
        (store, replaced)
    }
}

#[async_trait]
impl RefreshTokenStore for Counting {
    async fn load(&self) -> Result<SecretString, AuthError> {
        self.inner.load().await
    }

    async fn replace(&self, used: &SecretString, new: SecretString) -> Result<(), AuthError> {
        if self.is_broken {
            return Err(AuthError::transient("the disk is full"));
        }
        let pair = format!("{} -> {}", used.expose_secret(), new.expose_secret());
        self.replaced.lock().unwrap().push(pair);
        self.inner.replace(used, new).await
    }
}

/// A store that fails until it `works`.
#[derive(Clone, Debug)]
struct Flaky {
    works: Arc<AtomicBool>,
    token: Arc<InMemory>,
}

impl Default for Flaky {
    fn default() -> Self {
        Self {
            works: Arc::default(),
            token: Arc::new(InMemory::new("r-1")),
        }
    }
}

#[async_trait]
impl RefreshTokenStore for Flaky {
    async fn load(&self) -> Result<SecretString, AuthError> {
        self.token.load().await
    }

    async fn replace(&self, used: &SecretString, new: SecretString) -> Result<(), AuthError> {
        if !self.works.load(Ordering::Relaxed) {
            return Err(AuthError::transient("the disk is full"));
        }
        self.token.replace(used, new).await
    }
}

/// A store that says when it begins to write, and writes when it is told to.
#[derive(Clone, Debug)]
struct Slow {
    token: Arc<InMemory>,
    began: Arc<Notify>,
    finish: Arc<Notify>,
    stored: Arc<Notify>,
}

impl Default for Slow {
    fn default() -> Self {
        Self {
            token: Arc::new(InMemory::new("r-1")),
            began: Arc::default(),
            finish: Arc::default(),
            stored: Arc::default(),
        }
    }
}

#[async_trait]
impl RefreshTokenStore for Slow {
    async fn load(&self) -> Result<SecretString, AuthError> {
        self.token.load().await
    }

    async fn replace(&self, used: &SecretString, new: SecretString) -> Result<(), AuthError> {
        self.began.notify_one();
        self.finish.notified().await;
        self.token.replace(used, new).await?;
        self.stored.notify_one();
        Ok(())
    }
}

on_each_adapter! {
    async fn a_rotated_refresh_token_is_stored_before_the_access_token_is_used(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let current = AtomicUsize::new(1);
        let (store, replaced) = Counting::new(false);
        let stored = Arc::clone(&replaced);
        server.respond_with(move |request: &RecordedRequest| {
            if request.path == "/token" {
                return rotating(request, &current);
            }
            // The access token `t-1` came with `r-2`.
            let stored = stored.lock().unwrap().len();
            let is_stored = request.header("authorization") == Some(&format!("Bearer t-{stored}"));
            ScriptedResponse::new(if is_stored && stored > 1 { StatusCode::OK } else { StatusCode::UNAUTHORIZED })
        });
        let grant = Grant::refresh_token(store);
        let endpoint = endpoint(adapter, &server).grant(grant, Client::public("my-app").unwrap()).build();
        let keyring = Keyring::builder().bind(server.url(), Bearer::new(endpoint)).unwrap().build();
        let response = adapter.client(&keyring).get(&format!("{}/v1", server.url())).await.unwrap();
        assert_eq!(response.status, StatusCode::OK);
        assert_eq!(*replaced.lock().unwrap(), ["r-1 -> r-2", "r-2 -> r-3"]);
    }

    async fn a_response_without_a_refresh_token_keeps_the_old_one(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let (store, replaced) = Counting::new(false);
        let endpoint = endpoint(adapter, &server)
            .grant(Grant::refresh_token(store), Client::public("my-app").unwrap())
            .build();
        for body in [TOKEN, r#"{"access_token": "t-2", "refresh_token": ""}"#, r#"{"access_token": "t-3", "refresh_token": null}"#] {
            server.push(json(body));
            endpoint.token().await.unwrap();
        }
        assert_eq!(replaced.lock().unwrap().len(), 0);
        assert!(server.requests().iter().all(|request| request.text().contains("refresh_token=r-1")));
    }

    async fn an_access_token_is_not_used_if_its_refresh_token_cannot_be_stored(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let current = AtomicUsize::new(1);
        server.respond_with(move |request: &RecordedRequest| rotating(request, &current));
        let (store, _) = Counting::new(true);
        let endpoint = endpoint(adapter, &server)
            .grant(Grant::refresh_token(store), Client::public("my-app").unwrap())
            .build();
        let keyring = Keyring::builder().bind(server.url(), Bearer::new(endpoint)).unwrap().build();
        let sent = adapter.client(&keyring).get(&format!("{}/v1", server.url())).await;
        assert!(matches!(auth_error(sent), AuthError::Other { transient: true, .. }));
        assert_eq!(server.requests_to("/v1").len(), 0);
    }

    async fn a_new_refresh_token_is_stored_although_the_rest_of_the_response_is_invalid(adapter: Adapter) {
        for rest in [
            r#""access_token": "t-1", "expires_in": 0"#,
            r#""access_token": "t-1", "expires_in": "soon""#,
            r#""access_token": "t-1", "token_type": "N_A""#,
            r#""access_token": """#,
            r#""token_type": "Bearer""#,
        ] {
            let server = ScriptedServer::start().await.unwrap();
            let (store, replaced) = Counting::new(false);
            let endpoint = endpoint(adapter, &server)
                .grant(Grant::refresh_token(store), Client::public("my-app").unwrap())
                .build();
            server.push(json(&format!(r#"{{{rest}, "refresh_token": "r-2"}}"#)));
            endpoint.token().await.unwrap_err();
            assert_eq!(*replaced.lock().unwrap(), ["r-1 -> r-2"], "{rest}");
        }
        // An error response has no new refresh token.
        for (status, body) in [
            (StatusCode::BAD_REQUEST, r#"{"error": "invalid_grant", "refresh_token": "r-2"}"#),
            (StatusCode::OK, r#"{"error": "invalid_grant", "refresh_token": "r-2"}"#),
            (StatusCode::BAD_GATEWAY, r#"{"refresh_token": "r-2"}"#),
        ] {
            let server = ScriptedServer::start().await.unwrap();
            let (store, replaced) = Counting::new(false);
            let endpoint = endpoint(adapter, &server)
                .grant(Grant::refresh_token(store), Client::public("my-app").unwrap())
                .build();
            server.push(ScriptedResponse::new(status).with_body(body));
            endpoint.token().await.unwrap_err();
            assert!(replaced.lock().unwrap().is_empty(), "{status} {body}");
        }
    }

    async fn a_refresh_token_that_could_not_be_stored_is_stored_before_the_next_request(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let current = AtomicUsize::new(1);
        server.respond_with(move |request: &RecordedRequest| rotating(request, &current));
        let store = Flaky::default();
        let endpoint = endpoint(adapter, &server)
            .grant(Grant::refresh_token(store.clone()), Client::public("my-app").unwrap())
            .build();
        endpoint.token().await.unwrap_err();
        endpoint.token().await.unwrap_err();
        assert_eq!(server.requests().len(), 1, "the spent refresh token is not sent again");
        store.works.store(true, Ordering::Relaxed);
        endpoint.token().await.unwrap();
        let requests = server.requests();
        assert!(requests[1].text().contains("refresh_token=r-2"), "{}", requests[1].text());
    }

    async fn a_caller_that_goes_away_does_not_stop_the_storing_of_a_refresh_token(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.push(json(r#"{"access_token": "t-1", "refresh_token": "r-2"}"#));
        let store = Slow::default();
        let endpoint = endpoint(adapter, &server)
            .grant(Grant::refresh_token(store.clone()), Client::public("my-app").unwrap())
            .build();
        let began = store.began.notified();
        tokio::select! {
            biased;
            () = began => {}
            outcome = endpoint.token() => panic!("{outcome:?}"),
        }
        // The request is dropped while the store writes.
        store.finish.notify_one();
        store.stored.notified().await;
        assert_eq!(store.token.load().await.unwrap().expose_secret(), "r-2");
    }

    async fn a_refused_refresh_token_asks_for_a_login(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.push(invalid_grant());
        server.push(invalid_grant());
        let refresh = endpoint(adapter, &server)
            .grant(Grant::refresh_token(InMemory::new("r-1")), Client::public("my-app").unwrap())
            .build();
        let error = refresh.token().await.unwrap_err();
        assert!(!error.is_transient());
        assert!(error.remedy().starts_with("log in again"));
        assert!(matches!(problem(error), TokenRequestProblem::LoginRequired));
        // Of another grant it says only that the grant is wrong.
        let code = Grant::authorization_code("c-1", "http://127.0.0.1:1/cb", "v-1");
        let code = endpoint(adapter, &server).grant(code, Client::public("my-app").unwrap()).build();
        let problem = problem(code.token().await.unwrap_err());
        assert!(matches!(problem, TokenRequestProblem::Denied { code: "invalid_grant", .. }));
    }

    async fn a_refresh_token_is_no_part_of_its_access_token(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let both = r#"{"access_token": "t-1", "refresh_token": "r-2"}"#;
        server.push(json(both));
        server.push(json(both));
        let client = || Client::public("my-app").unwrap();
        let refresh = Grant::refresh_token(InMemory::new("r-1"));
        let refresh = endpoint(adapter, &server).grant(refresh, client()).build();
        assert!(refresh.token().await.unwrap().part("refresh_token").is_none());
        // A login keeps it: the program stores it.
        let login = endpoint(adapter, &server).grant(Grant::device_code("d-1"), client()).build();
        let token = login.token().await.unwrap();
        assert_eq!(token.part("refresh_token").unwrap().expose_secret(), "r-2");
    }
}
