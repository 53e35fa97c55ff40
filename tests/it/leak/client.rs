//! Clients for which every name is a loopback address and every certificate is good.

use std::future::{Ready, ready};
use std::iter::{Once, once};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use multi_auth::Keyring;
use multi_auth_reqwest::{AuthMiddleware, guarded_client};
use multi_auth_tower::{AuthLayer, RedirectGuard};
use reqwest::dns::{Addrs, Resolve, Resolving};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;

use crate::adapter::{Client, collect};
use crate::body::TestBody;

/// The adapter, and where redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Guarded,
    GuardedStopping,
    TowerAbove,
    TowerBelow,
    /// reqwest's own redirects, below the middleware.
    Unguarded,
    /// reqwest's own redirects, before the proxy.
    Proxied,
}

impl Position {
    /// Those that let nothing out.
    pub(super) const GUARDED: [Self; 4] = [
        Self::Guarded,
        Self::GuardedStopping,
        Self::TowerAbove,
        Self::TowerBelow,
    ];

    /// A body that is followed: tower-http sends none again that it would have to clone.
    pub(super) fn body(self) -> TestBody {
        match self {
            Self::Guarded | Self::GuardedStopping | Self::Unguarded | Self::Proxied => {
                TestBody::whole("payload")
            }
            Self::TowerAbove | Self::TowerBelow => TestBody::default(),
        }
    }

    pub(super) fn client(self, keyring: &Keyring) -> Client {
        let guarded = || guarded_client(keyring.clone()).with_client(reqwest());
        let layer = || AuthLayer::new(keyring.clone()).with_replay(TestBody::copy);
        let redirects = || FollowRedirectLayer::with_policy(RedirectGuard::new(keyring.clone()));
        let tower = ServiceBuilder::new();
        match self {
            Self::Guarded => Client::Reqwest(guarded().build().unwrap()),
            Self::GuardedStopping => {
                Client::Reqwest(guarded().stop_at_other_origins().build().unwrap())
            }
            // Without the proxy, its client is an unguarded one.
            Self::Unguarded | Self::Proxied => Client::Reqwest(
                reqwest_middleware::ClientBuilder::new(reqwest().build().unwrap())
                    .with(AuthMiddleware::new(keyring.clone()))
                    .build(),
            ),
            Self::TowerAbove => {
                let service = tower.layer(redirects()).layer(layer()).service(hyper());
                Client::Tower(BoxCloneSyncService::new(service.and_then(collect)))
            }
            Self::TowerBelow => {
                let service = tower.layer(layer()).layer(redirects()).service(hyper());
                Client::Tower(BoxCloneSyncService::new(service.and_then(collect)))
            }
        }
    }
}

pub(super) fn reqwest() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .no_proxy()
        .dns_resolver(Loopback)
        .tls_danger_accept_invalid_certs(true)
}

type Hyper = HyperClient<hyper_rustls::HttpsConnector<HttpConnector<Loopback>>, TestBody>;

fn hyper() -> Hyper {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
        .with_no_client_auth();
    let mut connector = HttpConnector::new_with_resolver(Loopback);
    connector.enforce_http(false);
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector);
    HyperClient::builder(TokioExecutor::new()).build(connector)
}

/// A resolver that knows one address.
#[derive(Clone, Debug)]
struct Loopback;

/// Port 0 means the port of the URL.
const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

impl Resolve for Loopback {
    fn resolve(&self, _: reqwest::dns::Name) -> Resolving {
        let addresses: Addrs = Box::new(once(ADDRESS));
        Box::pin(ready(Ok(addresses)))
    }
}

impl tower::Service<Name> for Loopback {
    type Response = Once<SocketAddr>;
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Ok(once(ADDRESS)))
    }
}

/// Accepts every certificate: the names of the matrix are not registered.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

type Checked = Result<HandshakeSignatureValid, rustls::Error>;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Checked {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Checked {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
