//! A vendor whose token responses name the base URL.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use multi_auth::{BaseUrls, Bearer, BearerBuilder, BearerWithBaseUrl, Keyring, Token, source_fn};
use multi_auth_reqwest::AuthMiddleware;
use multi_auth_testing::{RecordedRequest, ScriptedServer};
use reqwest_middleware::ClientBuilder;

use crate::adapter::{Adapter, Client};
use crate::network::Network;

const HOSTS: [&str; 7] = [
    "acme.my.vendor.example",
    "beta.my.vendor.example",
    "my.vendor.example",
    "a.b.my.vendor.example",
    "vendor.example",
    "www.vendor.example",
    "evil.example",
];

/// A vendor behind every host, and the base URL that its next token responses name.
pub(super) struct Vendor {
    pub(super) server: ScriptedServer,
    pub(super) network: Network,
    pub(super) instance: Arc<Mutex<String>>,
    pub(super) issued: Arc<AtomicUsize>,
}

impl Vendor {
    pub(super) async fn start(instance: &str) -> Self {
        let server = ScriptedServer::builder()
            .https_for(HOSTS)
            .start()
            .await
            .unwrap();
        Self {
            network: Network::of(&server),
            server,
            instance: Arc::new(Mutex::new(instance.to_owned())),
            issued: Arc::default(),
        }
    }

    pub(super) fn bearer(&self) -> BearerWithBaseUrl {
        self.bearer_with(|bearer| bearer)
    }

    pub(super) fn bearer_with(
        &self,
        settings: impl FnOnce(BearerBuilder) -> BearerBuilder,
    ) -> BearerWithBaseUrl {
        let (instance, issued) = (Arc::clone(&self.instance), Arc::clone(&self.issued));
        let source = source_fn(move || {
            let number = issued.fetch_add(1, Ordering::Relaxed);
            let instance = instance.lock().unwrap().clone();
            async move { Ok(Token::new(format!("t-{number}")).with_part("instance_url", instance)) }
        });
        let allowed = BaseUrls::at_domains(["https://my.vendor.example"]).unwrap();
        settings(Bearer::builder(source)).build_with_base_url("instance_url", allowed)
    }

    pub(super) fn keyring(&self) -> Keyring {
        let bearer = self.bearer();
        let builder = Keyring::builder().bind_all(bearer.protection_spaces(), bearer);
        builder.unwrap().build()
    }

    pub(super) fn set_instance(&self, url: &str) {
        url.clone_into(&mut self.instance.lock().unwrap());
    }

    /// Each request: its host, and its credential.
    pub(super) fn seen(&self) -> Vec<(String, Option<String>)> {
        let requests = self.server.requests().into_iter();
        let seen = |request: RecordedRequest| {
            let credential = request.header("authorization").map(str::to_owned);
            (request.authority.unwrap(), credential)
        };
        requests.map(seen).collect()
    }

    /// Every place at which a redirect may be followed.
    pub(super) fn clients(&self, keyring: &Keyring) -> [Client; 4] {
        let client = self.network.reqwest().build().unwrap();
        let middleware = AuthMiddleware::new(keyring.clone());
        [
            // reqwest follows redirects, and removes the credential.
            Client::Reqwest(ClientBuilder::new(client).with(middleware).build()),
            self.network.client(Adapter::Reqwest, keyring),
            self.network.client(Adapter::Tower, keyring),
            self.network.redirects_below(keyring),
        ]
    }
}
