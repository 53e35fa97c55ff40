//! Connects to a server, or to the primary that sentinels name.

use std::time::Duration;

use multi_auth::SecretString;
use redis::aio::{MultiplexedConnection, PubSub};
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, ConnectionAddr, IntoConnectionInfo, RedisConnectionInfo, RedisResult,
    TlsCertificates, TlsMode,
};
use secrecy::ExposeSecret;

use crate::redis::address::Address;

/// A server, and how to connect to it.
pub(in crate::redis) struct Server {
    pub(in crate::redis) address: Address,
    pub(in crate::redis) user: Option<String>,
    pub(in crate::redis) password: Option<SecretString>,
    /// PEM; those of the system if there are none.
    pub(in crate::redis) root_certificates: Option<Vec<u8>>,
}

pub(super) enum Client {
    Server(Box<redis::Client>),
    Sentinel(Box<SentinelClient>),
}

impl Server {
    pub(super) fn client(&self) -> RedisResult<Client> {
        if self.address.is_tls {
            choose_cryptography();
        }
        match &self.address.service {
            Some(service) => self.sentinel(service).map(Box::new).map(Client::Sentinel),
            None => self.server().map(Box::new).map(Client::Server),
        }
    }

    fn server(&self) -> RedisResult<redis::Client> {
        let mut settings = RedisConnectionInfo::default().set_db(self.address.database);
        if let Some(user) = &self.user {
            settings = settings.set_username(user);
        }
        if let Some(password) = &self.password {
            settings = settings.set_password(password.expose_secret());
        }
        let [address] = &self.addresses()[..] else {
            let kind = redis::ErrorKind::InvalidClientConfig;
            return Err((kind, "there is not one server").into());
        };
        let info = address.clone().into_connection_info()?;
        let info = info.set_redis_settings(settings);
        if self.address.is_tls {
            return redis::Client::build_with_tls(info, self.certificates());
        }
        redis::Client::open(info)
    }

    fn sentinel(&self, service: &str) -> RedisResult<SentinelClient> {
        let primary = SentinelServerType::Master;
        let builder = SentinelClientBuilder::new(self.addresses(), service, primary)?;
        let mut builder = builder.set_client_to_redis_db(self.address.database);
        if self.address.is_tls {
            builder = builder
                .set_client_to_redis_tls_mode(TlsMode::Secure)
                .set_client_to_redis_certificates(self.certificates())
                .set_client_to_sentinel_tls_mode(TlsMode::Secure)
                .set_client_to_sentinel_certificates(self.certificates());
        }
        if let Some(user) = &self.user {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = &self.password {
            builder = builder.set_client_to_redis_password(password.expose_secret());
        }
        builder.build()
    }

    fn addresses(&self) -> Vec<ConnectionAddr> {
        let hosts = self.address.hosts.iter().cloned();
        hosts
            .map(|(host, port)| {
                if !self.address.is_tls {
                    return ConnectionAddr::Tcp(host, port);
                }
                ConnectionAddr::TcpTls {
                    host,
                    port,
                    insecure: false,
                    tls_params: None,
                }
            })
            .collect()
    }

    fn certificates(&self) -> TlsCertificates {
        TlsCertificates {
            client_tls: None,
            root_cert: self.root_certificates.clone(),
        }
    }
}

impl Client {
    pub(super) async fn connect(&mut self, limit: Duration) -> RedisResult<MultiplexedConnection> {
        // The store has one time limit for connecting and the answer.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(limit))
            .set_response_timeout(None);
        match self {
            Self::Server(client) => {
                let connection = client.get_multiplexed_async_connection_with_config(&config);
                connection.await
            }
            Self::Sentinel(client) => client.get_async_connection_with_config(&config).await,
        }
    }
}

impl Client {
    pub(super) async fn subscriber(&mut self) -> RedisResult<PubSub> {
        match self {
            Self::Server(client) => client.get_async_pubsub().await,
            Self::Sentinel(client) => client.async_get_client().await?.get_async_pubsub().await,
        }
    }
}

/// Chooses the cryptography of rustls for this process, unless the program has done so. `redis`
/// uses what is chosen, and panics if nothing is and several are compiled in.
fn choose_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may choose at the same time.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}
