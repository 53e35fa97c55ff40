//! OAuth grants and client authentication, as they go on the wire, and what responses to them do.

mod refresh_tokens;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Method, StatusCode};
use multi_auth::oauth::{Client, Encoding, Grant, InMemory};
use multi_auth::{
    ApiKey, AuthError, Basic, InputProblem, Token, TokenEndpoint, TokenEndpointBuilder,
    TokenRequestProblem, TokenSource, source_fn,
};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use secrecy::ExposeSecret;

use crate::adapter::Adapter;

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
        (
            "tls_client_auth",
            Client::tls_client_auth("my app").unwrap(),
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
        refused(Client::tls_client_auth(id));
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
