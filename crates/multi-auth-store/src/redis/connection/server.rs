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
    Sentinel(Box<Sentinels>),
}

/// Sentinels, in the order in which they are asked.
pub(super) struct Sentinels {
    server: Server,
    service: String,
    client: SentinelClient,
    /// Whether the last connection was not made: the first sentinel may be the reason.
    has_failed: bool,
}

impl Server {
    pub(super) fn client(self) -> RedisResult<Client> {
        let Some(service) = self.address.service.clone() else {
            return self.server().map(Box::new).map(Client::Server);
        };
        Ok(Client::Sentinel(Box::new(Sentinels {
            client: self.sentinel(&service)?,
            server: self,
            service,
            has_failed: false,
        })))
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
        choose_cryptography();
        // The store has one time limit for connecting and the answer.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(limit))
            .set_response_timeout(None);
        match self {
            Self::Server(client) => {
                let connection = client.get_multiplexed_async_connection_with_config(&config);
                connection.await
            }
            Self::Sentinel(sentinels) => sentinels.connect(&config).await,
        }
    }

    pub(super) async fn subscriber(&mut self) -> RedisResult<PubSub> {
        choose_cryptography();
        match self {
            Self::Server(client) => client.get_async_pubsub().await,
            Self::Sentinel(sentinels) => {
                let client = sentinels.client.async_get_client().await?;
                client.get_async_pubsub().await
            }
        }
    }
}

impl Sentinels {
    async fn connect(
        &mut self,
        config: &AsyncConnectionConfig,
    ) -> RedisResult<MultiplexedConnection> {
        if self.has_failed {
            // A sentinel that does not answer takes the whole time limit: the next one is asked
            // first.
            self.server.address.hosts.rotate_left(1);
            self.client = self.server.sentinel(&self.service)?;
        }
        // Also if this future is dropped at the time limit.
        self.has_failed = true;
        let connection = self.client.get_async_connection_with_config(config).await?;
        self.has_failed = false;
        Ok(connection)
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
