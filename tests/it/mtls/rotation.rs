//! A certificate that changes while the program runs.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::Full;
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::rt::TokioExecutor;
use multi_auth::{Keyring, Transport, transport_fn};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_tower::{RedirectGuard, TowerTransport};
use rustls::SignatureScheme;
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::sign::CertifiedKey;

use super::authority::{Authority, ClientCertificate};
use super::bank::Bank;
use super::clients::{Trust, hyper, stack};
use crate::adapter::{Adapter, Client};

/// Shows the certificate that was stored last.
#[derive(Debug)]
struct CurrentCertificate(ArcSwap<CertifiedKey>);

impl ResolvesClientCert for CurrentCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// What the clients keep after a request.
#[derive(Clone, Copy)]
enum Kept {
    Nothing,
    /// Idle connections.
    Connections,
    /// TLS sessions, for shorter handshakes.
    Sessions,
}

/// A bank, and a client whose certificate changes.
struct Rig {
    bank: Bank,
    client: Client,
    current: Arc<CurrentCertificate>,
    older: ClientCertificate,
    newer: ClientCertificate,
}

impl Rig {
    async fn start(adapter: Adapter, kept: Kept) -> Self {
        let authority = Authority::new("clients");
        let (older, newer) = (authority.client("my-app"), authority.client("my-app"));
        let current = CurrentCertificate(ArcSwap::new(older.certified_key()));
        let current = Arc::new(current);
        let bank = Bank::start(&authority).await;
        let tls = || {
            let resolver: Arc<dyn ResolvesClientCert> = Arc::<CurrentCertificate>::clone(&current);
            let mut tls = Trust::of([&bank.server]).tls(Some(resolver));
            if !matches!(kept, Kept::Sessions) {
                tls.resumption = Resumption::disabled();
            }
            tls
        };
        let idle = usize::from(matches!(kept, Kept::Connections));
        let client = client(adapter, &bank, idle, tls);
        Self {
            bank,
            client,
            current,
            older,
            newer,
        }
    }

    fn rotate(&self) {
        self.current.0.store(self.newer.certified_key());
    }

    /// The thumbprint of the certificate that the API saw.
    async fn seen(&self) -> Bytes {
        let answer = self.client.get(self.bank.url()).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        answer.body
    }
}

fn client(
    adapter: Adapter,
    bank: &Bank,
    idle: usize,
    tls: impl Fn() -> rustls::ClientConfig,
) -> Client {
    let mut builder = HyperClient::builder(TokioExecutor::new());
    let builder = builder.pool_max_idle_per_host(idle);
    let reqwest = || {
        let client = reqwest::Client::builder().tls_backend_preconfigured(tls());
        client.pool_max_idle_per_host(idle)
    };
    let transport: Arc<dyn Transport> = match adapter {
        Adapter::Reqwest => Arc::new(ReqwestTransport::with_client(reqwest()).unwrap()),
        _ => Arc::new(TowerTransport::<_, Full<Bytes>>::new(hyper(tls(), builder))),
    };
    let bearer = bank.bearer(transport);
    let keyring = Keyring::builder().bind(bank.url(), bearer).unwrap().build();
    match adapter {
        Adapter::Reqwest => {
            let client = guarded_client(keyring).with_client_for(bank.url(), reqwest());
            Client::Reqwest(client.unwrap().build().unwrap())
        }
        _ => stack(
            &keyring,
            RedirectGuard::new(keyring.clone()),
            hyper(tls(), builder),
        ),
    }
}

on_each_adapter! {
    /// The token that was bound to the older certificate is refused, and replaced.
    async fn new_connections_show_the_newer_certificate_and_get_a_token_for_it(adapter: Adapter) {
        let rig = Rig::start(adapter, Kept::Nothing).await;
        assert_eq!(rig.seen().await, rig.older.thumbprint());
        rig.rotate();
        assert_eq!(rig.seen().await, rig.newer.thumbprint());
        assert_eq!(rig.bank.token_requests(), 2);
    }

    async fn an_idle_connection_keeps_the_older_certificate(adapter: Adapter) {
        let rig = Rig::start(adapter, Kept::Connections).await;
        assert_eq!(rig.seen().await, rig.older.thumbprint());
        rig.rotate();
        assert_eq!(rig.seen().await, rig.older.thumbprint());
        assert_eq!(rig.bank.token_requests(), 1);
    }

    async fn a_resumed_session_keeps_the_older_certificate(adapter: Adapter) {
        let rig = Rig::start(adapter, Kept::Sessions).await;
        assert_eq!(rig.seen().await, rig.older.thumbprint());
        rig.rotate();
        assert_eq!(rig.seen().await, rig.older.thumbprint());
    }

    async fn new_clients_leave_the_connections_of_the_older_certificate(adapter: Adapter) {
        let authority = Authority::new("clients");
        let (older, newer) = (authority.client("my-app"), authority.client("my-app"));
        let bank = Bank::start(&authority).await;
        let trust = Trust::of([&bank.server]);
        let current = Arc::new(ArcSwap::from_pointee(trust.transport(adapter, Some(&older))));
        let transport = Arc::clone(&current);
        let bearer = bank.bearer(transport_fn(move |request| {
            let current = transport.load_full();
            async move { current.send(request).await }
        }));
        let keyring = Keyring::builder().bind(bank.url(), bearer).unwrap().build();
        for (requests, own) in [(1, &older), (2, &newer)] {
            current.store(Arc::new(trust.transport(adapter, Some(own))));
            let client = trust.client(adapter, &keyring, &[own]);
            for _ in 0..2 {
                let answer = client.get(bank.url()).await.unwrap();
                assert_eq!((answer.status, answer.body), (StatusCode::OK, own.thumbprint().into()));
            }
            assert_eq!(bank.token_requests(), requests);
        }
    }
}
