//! Clients that reach every host at one server on loopback, over TLS.

use std::future::{Ready, ready};
use std::iter::{Once, once};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use multi_auth::{Keyring, Transport};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_testing::ScriptedServer;
use multi_auth_tower::{AuthLayer, RedirectGuard, TowerTransport};
use reqwest::dns::{Addrs, Resolve, Resolving};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;

use crate::adapter::{Adapter, Client, collect};
use crate::body::TestBody;

/// The server behind every host.
#[derive(Clone)]
pub(crate) struct Network {
    address: SocketAddr,
    root: String,
}

impl Network {
    pub(crate) fn of(server: &ScriptedServer) -> Self {
        Self {
            address: server.address(),
            root: server.certificate_pem().unwrap().to_owned(),
        }
    }

    pub(crate) fn transport(&self, adapter: Adapter) -> Arc<dyn Transport> {
        if adapter == Adapter::Reqwest {
            return Arc::new(ReqwestTransport::with_client(self.reqwest()).unwrap());
        }
        let client = HyperClient::builder(TokioExecutor::new()).build(self.connector());
        Arc::new(TowerTransport::<_, Full<bytes::Bytes>>::new(client))
    }

    pub(crate) fn client(&self, adapter: Adapter, keyring: &Keyring) -> Client {
        let keyring = keyring.clone();
        if adapter == Adapter::Reqwest {
            let client = guarded_client(keyring).with_client(self.reqwest());
            return Client::Reqwest(client.build().unwrap());
        }
        let client = HyperClient::builder(TokioExecutor::new());
        let client: HyperClient<_, TestBody> = client.build(self.connector());
        let guard = FollowRedirectLayer::with_policy(RedirectGuard::new(keyring.clone()));
        let layer = AuthLayer::new(keyring)
            .with_replay(TestBody::copy)
            .read_responses();
        let service = ServiceBuilder::new()
            .layer(guard)
            .layer(layer)
            .service(client);
        Client::Tower(BoxCloneSyncService::new(service.and_then(collect)))
    }

    /// The tower stack with its redirects below the authentication.
    pub(crate) fn redirects_below(&self, keyring: &Keyring) -> Client {
        let client = HyperClient::builder(TokioExecutor::new());
        let client: HyperClient<_, TestBody> = client.build(self.connector());
        let guard = FollowRedirectLayer::with_policy(RedirectGuard::new(keyring.clone()));
        let layer = AuthLayer::new(keyring.clone()).with_replay(TestBody::copy);
        let service = ServiceBuilder::new()
            .layer(layer)
            .layer(guard)
            .service(client);
        Client::Tower(BoxCloneSyncService::new(service.and_then(collect)))
    }

    pub(crate) fn reqwest(&self) -> reqwest::ClientBuilder {
        let root = reqwest::Certificate::from_pem(self.root.as_bytes()).unwrap();
        reqwest::Client::builder()
            .tls_certs_only([root])
            .dns_resolver(Arc::new(self.clone()))
    }

    fn connector(&self) -> HttpsConnector<HttpConnector<Self>> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.root.as_bytes()).unwrap())
            .unwrap();
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let config = ClientConfig::builder_with_provider(Arc::new(provider));
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let mut connector = HttpConnector::new_with_resolver(self.clone());
        connector.enforce_http(false);
        HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_only()
            .enable_http1()
            .wrap_connector(connector)
    }
}

impl Resolve for Network {
    fn resolve(&self, _: reqwest::dns::Name) -> Resolving {
        let addresses: Addrs = Box::new(once(self.address));
        Box::pin(ready(Ok(addresses)))
    }
}

impl Service<Name> for Network {
    type Response = Once<SocketAddr>;
    type Error = std::io::Error;
    type Future = Ready<std::io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Ok(once(self.address)))
    }
}
