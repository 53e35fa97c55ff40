//! OAuth grants and client authentication, as they go on the wire, and what responses to them do.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::{Method, StatusCode};
use multi_auth::oauth::{Client, Encoding, Grant, InMemory, RefreshTokenStore};
use multi_auth::{
    ApiKey, AuthError, Basic, Bearer, InputProblem, Keyring, Token, TokenEndpoint,
    TokenEndpointBuilder, TokenRequestProblem, TokenSource, source_fn,
};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Notify;

use crate::adapter::{Adapter, auth_error};

const TOKEN: &str = r#"{"access_token": "t-1", "token_type": "Bearer", "expires_in": 3600}"#;

fn json(text: &str) -> ScriptedResponse {
    let response = ScriptedResponse::default().with_header("content-type", "application/json");
    response.unwrap().with_body(text.to_owned())
}

fn invalid_grant() -> ScriptedResponse {
    let response = ScriptedResponse::new(StatusCode::BAD_REQUEST);
    let response = response.with_header("content-type", "application/json");
    response.unwrap().with_body(r#"{"error": "invalid_grant"}"#)
}

fn endpoint(adapter: Adapter, server: &ScriptedServer) -> TokenEndpointBuilder {
    let url = format!("{}/token", server.url());
    TokenEndpoint::builder(&url, adapter.transport()).unwrap()
}

/// `<prefix>-1`, then `<prefix>-2`, and so on.
fn numbered(prefix: &'static str) -> impl TokenSource {
    let made = AtomicUsize::new(1);
    source_fn(move || {
        let number = made.fetch_add(1, Ordering::Relaxed);
        async move { Ok(Token::new(format!("{prefix}-{number}"))) }
    })
}

/// What an authorization server reads of a token request.
fn seen(request: &RecordedRequest) -> String {
    let mut text = format!("{} {}", request.method, request.path);
    if let Some(query) = &request.query {
        write!(text, "?{query}").unwrap();
    }
    for name in ["authorization", "content-type"] {
        if let Some(value) = request.header(name) {
            write!(text, "\n{name}: {value}").unwrap();
        }
    }
    write!(text, "\n{}", request.text()).unwrap();
    text
}

fn clients() -> Vec<(&'static str, Client)> {
    let secret = "s p/1";
    vec![
        (
            "client_secret_basic",
            Client::secret_basic("my app", secret).unwrap(),
        ),
        (
            "client_secret_basic, not encoded",
            Client::secret_basic_unencoded("my app", secret).unwrap(),
        ),
        (
            "client_secret_post",
            Client::secret_post("my app", secret).unwrap(),
        ),
        (
            "private_key_jwt",
            Client::assertion("my app", numbered("jwt")).unwrap(),
        ),
        ("none", Client::public("my app").unwrap()),
        ("none, without ID", Client::anonymous()),
    ]
}

fn grants() -> Vec<(&'static str, Grant)> {
    let subject_type = "urn:ietf:params:oauth:token-type:jwt";
    let everything = Grant::client_credentials()
        .with_scopes(["a.read", "b.write"])
        .with_audience("https://api.example.com")
        .with_resource("https://one.example.com/")
        .with_resource("https://two.example.com/")
        .with_parameter("tenant", "ü&=1");
    vec![
        ("client_credentials", Grant::client_credentials()),
        ("client_credentials, all parameters", everything),
        ("refresh_token", Grant::refresh_token(InMemory::new("r-1"))),
        (
            "authorization_code",
            Grant::authorization_code("c-1", "http://127.0.0.1:1/cb", "v-1"),
        ),
        ("device_code", Grant::device_code("d-1")),
        ("jwt-bearer", Grant::jwt_bearer(numbered("jwt"))),
        (
            "token-exchange",
            Grant::token_exchange(numbered("subject"), subject_type),
        ),
        (
            "custom",
            Grant::custom("account_credentials")
                .with_parameter("account_id", "a-1")
                .with_scopes_separated_by(",", ["x", "y"]),
        ),
    ]
}

/// Sends the token request of `grant` as `client`, and gives what arrived.
async fn sent(adapter: Adapter, grant: Grant, client: Client) -> String {
    let server = ScriptedServer::start().await.unwrap();
    server.push(json(
        r#"{"access_token": "t-1", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}"#,
    ));
    let token = endpoint(adapter, &server)
        .grant(grant, client)
        .build()
        .token()
        .await
        .unwrap();
    assert_eq!(token.value().expose_secret(), "t-1");
    seen(&server.requests()[0])
}

fn assert_wire(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("oauth_{name}"), text);
    });
}

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

fn problem(error: AuthError) -> TokenRequestProblem {
    match error {
        AuthError::TokenRequest { problem, .. } => problem,
        other => panic!("{other:?}"),
    }
}

on_each_adapter! {
    async fn each_client_authentication_method_goes_on_the_wire_as_its_rfc_says(adapter: Adapter) {
        let mut text = String::new();
        for encoding in [Encoding::Form, Encoding::Json, Encoding::Query] {
            for (method, client) in clients() {
                let grant = Grant::client_credentials().with_encoding(encoding);
                let sent = sent(adapter, grant, client).await;
                writeln!(text, "# {method}, {encoding:?}\n{sent}\n").unwrap();
            }
        }
        assert_wire("clients", &text);
    }

    async fn each_grant_goes_on_the_wire_as_its_rfc_says(adapter: Adapter) {
        let mut text = String::new();
        for (name, grant) in grants() {
            let sent = sent(adapter, grant, Client::public("my-app").unwrap()).await;
            writeln!(text, "# {name}\n{sent}\n").unwrap();
        }
        for (name, grant) in grants() {
            let grant = grant.with_encoding(Encoding::Json);
            let sent = sent(adapter, grant, Client::public("my-app").unwrap()).await;
            writeln!(text, "# {name}, Json\n{sent}\n").unwrap();
        }
        assert_wire("grants", &text);
    }

    async fn each_attempt_carries_a_fresh_client_assertion(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.push(ScriptedResponse::new(StatusCode::SERVICE_UNAVAILABLE));
        server.push(json(TOKEN));
        let client = Client::assertion("my-app", numbered("jwt")).unwrap();
        let grant = Grant::jwt_bearer(numbered("subject"));
        let endpoint = endpoint(adapter, &server).grant(grant, client).build();
        problem(endpoint.token().await.unwrap_err());
        endpoint.token().await.unwrap();
        for (number, request) in server.requests().iter().enumerate() {
            let body = request.text();
            let (client, subject) = (format!("jwt-{}", number + 1), format!("subject-{}", number + 1));
            assert!(body.contains(&client) && body.contains(&subject), "{body}");
        }
    }

    async fn a_failing_assertion_sends_nothing(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let broken = source_fn(|| async { Err(AuthError::permanent("the key is locked")) });
        let client = Client::assertion("my-app", broken).unwrap();
        let endpoint = endpoint(adapter, &server).grant(Grant::client_credentials(), client).build();
        assert!(matches!(endpoint.token().await, Err(AuthError::Other { .. })));
        assert_eq!(server.requests().len(), 0);
    }

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

    async fn the_last_grant_decides_how_the_client_authenticates(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.push(json(TOKEN));
        let endpoint = endpoint(adapter, &server)
            .grant(Grant::client_credentials(), Client::secret_basic("a", "s-1").unwrap())
            .grant(Grant::client_credentials(), Client::public("b").unwrap())
            .build();
        endpoint.token().await.unwrap();
        let request = &server.requests()[0];
        assert_eq!(request.header("authorization"), None);
        assert!(request.text().contains("client_id=b"));
    }

    async fn a_client_and_another_credential_are_both_sent(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let gateway = || ApiKey::header("x-gateway-key", "g-1").unwrap();
        let client = || Client::secret_basic("a", "s-1").unwrap();
        let grant = Grant::client_credentials;
        let builder = || endpoint(adapter, &server);
        for builder in [
            builder().authorized_by(gateway()).grant(grant(), client()),
            builder().grant(grant(), client()).authorized_by(gateway()),
        ] {
            server.push(json(TOKEN));
            builder.build().token().await.unwrap();
            let request = server.requests().pop().unwrap();
            assert_eq!(request.header("x-gateway-key"), Some("g-1"));
            assert_eq!(request.header("authorization"), Some("Basic YTpzLTE="));
        }
        // Two credentials in one place cannot both be sent.
        let both = builder().grant(grant(), client()).authorized_by(Basic::new("u", "p").unwrap());
        let error = both.build().token().await.unwrap_err();
        assert!(matches!(error, AuthError::Invalid(_)), "{error:?}");
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

    async fn a_token_exchange_without_its_issued_type_is_refused(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let grant = || Grant::token_exchange(numbered("subject"), "urn:ietf:params:oauth:token-type:jwt");
        let endpoint = || endpoint(adapter, &server).grant(grant(), Client::anonymous());
        server.push(json(r#"{"access_token": "t-1", "token_type": "Bearer"}"#));
        let missing = problem(endpoint().build().token().await.unwrap_err());
        assert!(matches!(missing, TokenRequestProblem::Missing { member, .. } if member == "/issued_token_type"));
        let id_token = r#"{"access_token": "t-1", "token_type": "N_A", "issued_token_type": "urn:ietf:params:oauth:token-type:id_token"}"#;
        server.push(json(id_token));
        server.push(json(id_token));
        let no_access_token = problem(endpoint().build().token().await.unwrap_err());
        assert!(matches!(no_access_token, TokenRequestProblem::TokenType));
        let token = endpoint().token_types(["N_A"]).build().token().await.unwrap();
        let issued = token.part("issued_token_type").unwrap().expose_secret();
        assert_eq!(issued, "urn:ietf:params:oauth:token-type:id_token");
    }

    async fn a_lifetime_may_count_milliseconds(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        for (value, expected) in [("3600000", 3600.0), ("\"3600000\"", 3600.0), ("1500.5", 1.5005)] {
            server.push(json(&format!(r#"{{"access_token": "t-1", "ttl": {value}}}"#)));
            let endpoint = endpoint(adapter, &server).expires_in_milliseconds("/ttl");
            let token = endpoint.build().token().await.unwrap();
            assert_eq!(token.lifetime(), Some(Duration::from_secs_f64(expected)));
        }
    }

    async fn parameters_go_into_the_query_of_a_get(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.push(json(TOKEN));
        let grant = Grant::client_credentials().with_encoding(Encoding::Query);
        let client = Client::secret_post("my-app", "s-1").unwrap();
        let endpoint = endpoint(adapter, &server).method(Method::GET).query([("v", "2")]);
        endpoint.grant(grant, client).build().token().await.unwrap();
        assert_eq!(
            seen(&server.requests()[0]),
            "GET /token?v=2&grant_type=client_credentials&client_id=my-app&client_secret=s-1\n"
        );
    }
}

#[test]
fn an_empty_or_broken_client_is_refused_at_once() {
    let refused = |client: Result<Client, AuthError>| {
        let error = client.unwrap_err();
        assert!(
            matches!(error, AuthError::Invalid(InputProblem::Secret { .. })),
            "{error:?}"
        );
        assert!(!error.to_string().contains("zq"), "{error}");
    };
    for (id, secret) in [
        ("", "zq"),
        ("zq", ""),
        ("zq\n", "zq"),
        ("zq", "zq\r\n"),
        ("zq\0", "zq"),
    ] {
        refused(Client::secret_basic(id, secret));
        refused(Client::secret_basic_unencoded(id, secret));
        refused(Client::secret_post(id, secret));
    }
    refused(Client::secret_basic_unencoded("zq:", "zq"));
    Client::secret_basic("zq:", "zq").unwrap();
    for id in ["", "zq\t"] {
        refused(Client::public(id));
        refused(Client::assertion(id, numbered("zq")));
    }
}

#[test]
fn debug_prints_no_secret_of_a_client_or_grant() {
    let client = Client::secret_post("my-app", "zq-secret").unwrap();
    let grant = Grant::authorization_code("zq-code", "http://127.0.0.1/", "zq-verifier")
        .with_parameter("assertion", "zq-assertion");
    let refresh = Grant::refresh_token(InMemory::new("zq-refresh"));
    let text = format!("{client:?} {grant:?} {refresh:?}");
    assert!(
        text.contains("my-app") && text.contains("code_verifier"),
        "{text}"
    );
    assert!(!text.contains("zq"), "{text}");
}
