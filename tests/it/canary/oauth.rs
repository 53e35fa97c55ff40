//! OAuth clients, grants and metadata, and a server that repeats what it was sent.

use http::{Response, StatusCode};
use multi_auth::oauth::{
    self, Client, DeviceAuthorization, Discovery, Encoding, Grant, InMemory, RefreshTokenStore,
};
use multi_auth::{Token, TokenEndpoint, TokenSource, source_fn, transport_fn};

use super::{Ledger, key, token};

fn secrets() -> impl TokenSource {
    source_fn(|| async { Ok(Token::new(key())) })
}

fn clients() -> Vec<(&'static str, Client)> {
    vec![
        (
            "Client::secret_basic",
            Client::secret_basic("id", key()).unwrap(),
        ),
        (
            "Client::secret_basic_unencoded",
            Client::secret_basic_unencoded("id", key()).unwrap(),
        ),
        (
            "Client::secret_post",
            Client::secret_post("id", key()).unwrap(),
        ),
        (
            "Client::assertion",
            Client::assertion("id", secrets()).unwrap(),
        ),
        (
            "Client::tls_client_auth",
            Client::tls_client_auth("id").unwrap(),
        ),
        ("Client::public", Client::public("id").unwrap()),
        ("Client::anonymous", Client::anonymous()),
    ]
}

fn grants() -> Vec<(&'static str, Grant)> {
    let subject_type = "urn:ietf:params:oauth:token-type:jwt";
    vec![
        (
            "Grant::client_credentials",
            Grant::client_credentials().with_parameter("key", key()),
        ),
        (
            "Grant::refresh_token",
            Grant::refresh_token(InMemory::new(key())),
        ),
        (
            "Grant::authorization_code",
            Grant::authorization_code(key(), "http://127.0.0.1/", key()),
        ),
        ("Grant::device_code", Grant::device_code(key())),
        ("Grant::jwt_bearer", Grant::jwt_bearer(secrets())),
        (
            "Grant::token_exchange",
            Grant::token_exchange(secrets(), subject_type),
        ),
        (
            "Grant::custom",
            Grant::custom("password").with_parameter("password", key()),
        ),
    ]
}

/// Answers with `status`, and repeats what it was sent.
fn endpoint(status: StatusCode, members: &str) -> multi_auth::TokenEndpointBuilder {
    let members = members.to_owned();
    let transport = transport_fn(move |request: http::Request<Vec<u8>>| {
        let body = format!(
            "{{{members}, \"k\": \"{} {} {}\"}}",
            request.uri(),
            key(),
            token()
        );
        let mut response = Response::new(body.into_bytes());
        *response.status_mut() = status;
        std::future::ready(Ok(response))
    });
    TokenEndpoint::builder("https://login.example/token", transport).unwrap()
}

pub(super) async fn look(ledger: &mut Ledger) {
    for (client_name, client) in clients() {
        ledger.see_debug(client_name, &client);
        for (grant_name, grant) in grants() {
            ledger.see_debug(grant_name, &grant);
            for encoding in [Encoding::Form, Encoding::Json, Encoding::Query] {
                let site = format!("{client_name} {grant_name} Encoding {encoding:?}");
                let grant = grant.clone().with_encoding(encoding);
                look_at_request(ledger, &site, &grant, &client).await;
            }
        }
    }
    let store = InMemory::new(key());
    ledger.see_debug("InMemory::new", &store);
    store.replace(&key().into(), token().into()).await.unwrap();
    ledger.see_debug("RefreshTokenStore", &store);
    for refused in [
        Client::secret_basic("id", format!("{}\n", key())),
        Client::secret_basic_unencoded(&format!("{}:", key()), key()),
        Client::secret_post("", key()),
        Client::public(&format!("{}\0", key())),
    ] {
        ledger.see_error("Client", &refused.unwrap_err());
    }
    look_at_discovery(ledger).await;
    look_at_device(ledger).await;
}

/// A device authorization, and servers that repeat what they were sent.
async fn look_at_device(ledger: &mut Ledger) {
    let url = "https://login.example/device";
    let document = |code: String, interval: &str| {
        format!(
            r#"{{"device_code": "{code}", "user_code": "AB-CD", "verification_uri": "https://v.example/", "expires_in": 60, "interval": {interval}}}"#
        )
    };
    for body in [
        document(key(), "5"),
        document(key(), r#""soon""#),
        document(String::new(), "5"),
        format!(r#"{{"device_code": "{}"}}"#, key()),
        key(),
    ] {
        let transport = transport_fn(move |_| {
            let body = body.clone().into_bytes();
            async { Ok(Response::new(body)) }
        });
        let client = Client::secret_post("id", key()).unwrap();
        match DeviceAuthorization::request(url, ["s"], &client, transport).await {
            Ok(device) => ledger.see_debug("DeviceAuthorization", &device),
            Err(error) => ledger.see_error("DeviceAuthorization::request", &error),
        }
    }
    let transport = transport_fn(|request: http::Request<Vec<u8>>| {
        let response = Response::builder().status(StatusCode::BAD_REQUEST);
        async { Ok(response.body(request.into_body()).unwrap()) }
    });
    let client = Client::secret_post("id", key()).unwrap();
    let refused = oauth::revoke(
        "https://login.example/revoke",
        key().into(),
        &client,
        transport,
    );
    ledger.see_error("revoke", &refused.await.unwrap_err());
}

async fn look_at_request(ledger: &mut Ledger, site: &str, grant: &Grant, client: &Client) {
    for (status, members) in [
        (StatusCode::BAD_REQUEST, format!("\"error\": \"{}\"", key())),
        (
            StatusCode::BAD_REQUEST,
            "\"error\": \"invalid_grant\"".to_owned(),
        ),
        (
            StatusCode::OK,
            format!(
                "\"access_token\": \"{0}\", \"refresh_token\": \"{0}\"",
                token()
            ),
        ),
    ] {
        let endpoint = endpoint(status, &members).grant(grant.clone(), client.clone());
        ledger.see_debug(format!("{site} TokenEndpointBuilder"), &endpoint);
        match endpoint.build().token().await {
            Ok(token) => ledger.see_debug(format!("{site} Token"), &token),
            Err(error) => ledger.see_error(format!("{site} AuthError"), &error),
        }
    }
}

async fn look_at_discovery(ledger: &mut Ledger) {
    let issuer = "https://login.example";
    for document in [
        format!(
            r#"{{"issuer": "{issuer}", "token_endpoint": "{issuer}/token", "k": "{}"}}"#,
            key()
        ),
        format!(r#"{{"issuer": "{}"}}"#, key()),
        format!(r#"{{"issuer": "{issuer}", "token_endpoint": "{}"}}"#, key()),
        key(),
    ] {
        let transport = transport_fn(move |_| {
            std::future::ready(Ok(Response::new(document.clone().into_bytes())))
        });
        let discovery = Discovery::new(issuer, transport).unwrap();
        ledger.see_debug("Discovery::new", &discovery);
        match discovery.metadata().await {
            Ok(metadata) => ledger.see_debug("Metadata", &metadata),
            Err(error) => ledger.see_error("Discovery", &error),
        }
        let source = discovery.token_source(multi_auth::TokenEndpointBuilder::build);
        ledger.see_debug("Discovery", &source);
    }
}
