//! A server that binds its tokens to the certificates of its clients (RFC 8705, 3).

use std::sync::{Arc, Mutex};

use http::StatusCode;
use multi_auth::oauth::{Client, Grant};
use multi_auth::{Bearer, TokenEndpoint, Transport};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};

use super::authority::{Authority, thumbprint};

/// The token endpoint is at `/token`, and every other path is the API.
pub(super) struct Bank {
    pub(super) server: ScriptedServer,
}

impl Bank {
    /// A bank that refuses connections without a certificate of `authority`.
    pub(super) async fn start(authority: &Authority) -> Self {
        let builder = ScriptedServer::builder().https();
        let builder = builder.require_client_certificate(&authority.root_pem);
        let server = builder.start().await.unwrap();
        let issued = Issued::default();
        server.respond_with(move |request| match request.path.as_str() {
            "/token" => issued.token(request),
            _ => issued.check(request),
        });
        Self { server }
    }

    pub(super) fn url(&self) -> &str {
        self.server.url()
    }

    /// Requests tokens with the certificate of `transport`.
    pub(super) fn bearer(&self, transport: impl Transport + 'static) -> Bearer {
        let endpoint = TokenEndpoint::builder(&format!("{}/token", self.url()), transport);
        let client = Client::tls_client_auth("my-app").unwrap();
        let endpoint = endpoint.unwrap().grant(Grant::client_credentials(), client);
        Bearer::new(endpoint.build())
    }

    pub(super) fn token_requests(&self) -> usize {
        self.server.requests_to("/token").len()
    }
}

/// The thumbprint of each token, which is its `cnf` at the server.
#[derive(Clone, Default)]
struct Issued(Arc<Mutex<Vec<String>>>);

impl Issued {
    /// A token that is bound to the certificate of the connection.
    fn token(&self, request: &RecordedRequest) -> ScriptedResponse {
        assert_eq!(
            request.text(),
            "grant_type=client_credentials&client_id=my-app"
        );
        assert_eq!(request.header("authorization"), None);
        let mut issued = self.0.lock().unwrap();
        issued.push(shown(request).unwrap());
        json(&format!(
            r#"{{"access_token": "t-{}", "token_type": "Bearer", "expires_in": 3600}}"#,
            issued.len()
        ))
    }

    /// Accepts a token whose certificate is that of the connection, and answers with its
    /// thumbprint.
    fn check(&self, request: &RecordedRequest) -> ScriptedResponse {
        let number = request.header("authorization");
        let number = number.and_then(|value| value.strip_prefix("Bearer t-")?.parse().ok());
        let issued = self.0.lock().unwrap();
        let bound = number.and_then(|number: usize| issued.get(number.checked_sub(1)?));
        match shown(request) {
            Some(shown) if bound == Some(&shown) => ScriptedResponse::default().with_body(shown),
            _ => ScriptedResponse::new(StatusCode::UNAUTHORIZED)
                .with_header("www-authenticate", r#"Bearer error="invalid_token""#)
                .unwrap(),
        }
    }
}

/// The thumbprint of the certificate that the client showed.
pub(super) fn shown(request: &RecordedRequest) -> Option<String> {
    request.client_certificate.as_deref().map(thumbprint)
}

fn json(text: &str) -> ScriptedResponse {
    let response = ScriptedResponse::default().with_header("content-type", "application/json");
    response.unwrap().with_body(text.to_owned())
}
