//! Clients with certificates, as `docs/client-certificates.md` shows them.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use multi_auth::{Keyring, ProtectionSpace, RequestHead, Transport};
use multi_auth_reqwest::{GuardedClientBuilder, ReqwestTransport, guarded_client};
use multi_auth_testing::ScriptedServer;
use multi_auth_tower::{AuthLayer, RedirectGuard, TowerTransport};
use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore};
use tower::steer::Steer;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;

use super::authority::ClientCertificate;
use crate::adapter::{Adapter, Client, collect};
use crate::body::TestBody;

/// The authorities of servers that clients trust, in PEM.
pub(super) struct Trust(Vec<String>);

/// What a client shows: one certificate, or none.
type Shown<'a> = Option<&'a ClientCertificate>;

/// What a client does with a redirect to another origin.
#[derive(Clone, Copy)]
pub(super) enum Others {
    Follow,
    Stop,
}

type Hyper<B> = HyperClient<HttpsConnector<HttpConnector>, B>;

impl Trust {
    pub(super) fn of<'a>(servers: impl IntoIterator<Item = &'a ScriptedServer>) -> Self {
        let pem = |server: &ScriptedServer| server.certificate_pem().unwrap().to_owned();
        let roots = servers.into_iter().map(pem);
        Self(roots.collect())
    }

    pub(super) fn authority(root_pem: &str) -> Self {
        Self(vec![root_pem.to_owned()])
    }

    /// Sends token requests with `shown`.
    pub(super) fn transport(&self, adapter: Adapter, shown: Shown<'_>) -> Arc<dyn Transport> {
        match adapter {
            Adapter::Reqwest => {
                Arc::new(ReqwestTransport::with_client(self.reqwest(shown)).unwrap())
            }
            _ => Arc::new(TowerTransport::<_, Full<Bytes>>::new(self.hyper(shown))),
        }
    }

    /// A client without certificate, except for the bindings of `keyring`: each shows its own.
    pub(super) fn client(
        &self,
        adapter: Adapter,
        keyring: &Keyring,
        own: &[&ClientCertificate],
    ) -> Client {
        if adapter != Adapter::Reqwest {
            return self.steered(keyring, own);
        }
        let spaces = keyring.bindings();
        let spaces = spaces.map(|binding| binding.protection_space().clone());
        let add = |client: GuardedClientBuilder, (space, own): (ProtectionSpace, &_)| {
            client.with_client_for(space, self.reqwest(Some(own)))
        };
        let client = guarded_client(keyring.clone()).with_client(self.reqwest(None));
        let client = spaces.zip(own.iter().copied()).try_fold(client, add);
        Client::Reqwest(client.unwrap().build().unwrap())
    }

    /// A client that shows `shown` to each server that asks.
    pub(super) fn unlimited(
        &self,
        adapter: Adapter,
        keyring: &Keyring,
        shown: &ClientCertificate,
        others: Others,
    ) -> Client {
        let client = guarded_client(keyring.clone()).with_client(self.reqwest(Some(shown)));
        let guard = RedirectGuard::new(keyring.clone());
        let (client, guard) = match others {
            Others::Follow => (client, guard),
            Others::Stop => (
                client.stop_at_other_origins(),
                guard.stop_at_other_origins(),
            ),
        };
        match adapter {
            Adapter::Reqwest => Client::Reqwest(client.build().unwrap()),
            _ => stack(keyring, guard, self.hyper(Some(shown))),
        }
    }

    /// Chooses the client below the authentication by the binding that serves the request.
    fn steered(&self, keyring: &Keyring, own: &[&ClientCertificate]) -> Client {
        let certificates = own.iter().copied().map(Some);
        let clients = certificates.chain([None]).map(|shown| self.hyper(shown));
        let bindings = keyring.clone();
        let picker = move |request: &Request<TestBody>, clients: &[_]| {
            let (uri, headers) = (request.uri(), request.headers());
            let head = RequestHead::from_uri(request.method(), uri, headers, request.extensions());
            bindings
                .binding_index(&head)
                .unwrap_or(usize::MAX)
                .min(clients.len() - 1)
        };
        let guard = RedirectGuard::new(keyring.clone());
        stack(keyring, guard, Steer::new(clients, picker))
    }

    pub(super) fn reqwest(&self, shown: Shown<'_>) -> reqwest::ClientBuilder {
        let root = |pem: &String| reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        let client = reqwest::Client::builder().tls_certs_only(self.0.iter().map(root));
        match shown {
            Some(shown) => {
                client.identity(reqwest::Identity::from_pem(shown.pem().as_bytes()).unwrap())
            }
            None => client,
        }
    }

    fn hyper<B>(&self, shown: Shown<'_>) -> Hyper<B>
    where
        B: http_body::Body<Data: Send> + Send,
    {
        let resolver = |shown: &ClientCertificate| -> Arc<dyn ResolvesClientCert> {
            Arc::new(SingleCertAndKey::from(shown.certified_key()))
        };
        hyper(
            self.tls(shown.map(resolver)),
            &mut HyperClient::builder(TokioExecutor::new()),
        )
    }

    pub(super) fn tls(&self, resolver: Option<Arc<dyn ResolvesClientCert>>) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        for pem in &self.0 {
            let root = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
            roots.add(root).unwrap();
        }
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let config = ClientConfig::builder_with_provider(Arc::new(provider));
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots);
        match resolver {
            Some(resolver) => config.with_client_cert_resolver(resolver),
            None => config.with_no_client_auth(),
        }
    }
}

pub(super) fn hyper<B>(
    tls: ClientConfig,
    builder: &mut hyper_util::client::legacy::Builder,
) -> Hyper<B>
where
    B: http_body::Body<Data: Send> + Send,
{
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_only()
        .enable_http1()
        .build();
    builder.build(connector)
}

/// The tower stack of the README over `client`.
pub(super) fn stack<S, B>(keyring: &Keyring, guard: RedirectGuard, client: S) -> Client
where
    S: Service<Request<TestBody>, Response = http::Response<B>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Error: Into<tower::BoxError>,
    B: http_body::Body<Data = Bytes, Error: Into<tower::BoxError>> + Send + 'static,
{
    let layer = AuthLayer::new(keyring.clone()).with_replay(TestBody::copy);
    let service = ServiceBuilder::new()
        .layer(FollowRedirectLayer::with_policy(guard))
        .layer(layer)
        .service(client);
    Client::Tower(BoxCloneSyncService::new(service.and_then(collect)))
}
