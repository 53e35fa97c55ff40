//! The clouds' credential providers, each with a token that it got from a server on loopback.

use std::future::Future;
use std::hint::black_box;

use ::gcp_auth::{CustomServiceAccount, TokenProvider};
use google_cloud_auth::credentials::user_account;
use http::{Extensions, StatusCode};
use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

use multi_auth_benches::callgrind::measured;
use multi_auth_benches::requests::REPEATS;
use multi_auth_benches::stacks::at_once;

pub(crate) fn object_store() {
    let endpoint = Endpoint::start();
    let store = MicrosoftAzureBuilder::new()
        .with_account("account")
        .with_container_name("container")
        .with_client_secret_authorization("id", "secret", "tenant")
        .with_config(AzureConfigKey::AuthorityHost, endpoint.url())
        .with_allow_http(true)
        .build()
        .unwrap();
    endpoint.repeat(|| store.credentials().get_credential());
}

pub(crate) fn google() {
    let endpoint = Endpoint::start();
    let _within = endpoint.here.enter();
    let user = json!({
        "type": "authorized_user",
        "client_id": "id",
        "client_secret": "secret",
        "refresh_token": "refresh",
    });
    let credentials = user_account::Builder::new(user)
        .with_token_uri(endpoint.url())
        .build()
        .unwrap();
    endpoint.repeat(|| credentials.headers(Extensions::new()));
}

pub(crate) fn gcp_auth() {
    let endpoint = Endpoint::start();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let account = json!({
        "type": "service_account",
        "private_key": key.serialize_pem(),
        "client_email": "a@vendor.example",
        "token_uri": endpoint.url(),
    });
    let account = CustomServiceAccount::from_json(&account.to_string()).unwrap();
    endpoint.repeat(|| account.token(&["scope"]));
}

/// A server that answers everything with a token for a day.
struct Endpoint {
    /// The runtime of the server. Callgrind counts its threads too.
    there: Runtime,
    server: ScriptedServer,
    /// Where the providers run, and only while they are asked.
    here: Runtime,
}

impl Endpoint {
    fn start() -> Self {
        let there = Runtime::new().unwrap();
        let server = there.block_on(ScriptedServer::start()).unwrap();
        let token = json!({
            "access_token": "t".repeat(256),
            "token_type": "Bearer",
            "expires_in": 86_400,
        });
        for _ in 0..4 {
            server.push(ScriptedResponse::new(StatusCode::OK).with_json(&token));
        }
        let here = Builder::new_current_thread().enable_all().build().unwrap();
        Self {
            there,
            server,
            here,
        }
    }

    fn url(&self) -> &str {
        self.server.url()
    }

    /// Obtains the token from the server, and then again and again from where it is kept.
    fn repeat<F: Future<Output = Result<T, E>>, T, E: std::fmt::Debug>(
        self,
        obtain: impl Fn() -> F,
    ) {
        for _ in 0..3 {
            self.here.block_on(obtain()).unwrap();
        }
        drop(self.server);
        drop(self.there);
        let _within = self.here.enter();
        measured(|| {
            for _ in 0..REPEATS {
                black_box(at_once(obtain()).unwrap());
            }
        });
    }
}
