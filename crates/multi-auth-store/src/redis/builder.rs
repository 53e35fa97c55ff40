//! Describes a store on a Redis server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use multi_auth::{Clock, SecretString, SystemClock};

use super::address::Address;
use super::connection::{Connection, Server};
use super::entry::Entries;
use super::refusals::Listeners;
use super::scripts::{Deadline, Scripts};
use super::{Inner, RedisStore};
use crate::{SealingKey, StoreError, StoreProblem};

/// Describes a [`RedisStore`].
///
/// `Debug` prints no password.
#[must_use]
pub struct RedisStoreBuilder {
    address: Address,
    user: Option<String>,
    password: Option<SecretString>,
    root_certificates: Option<Vec<u8>>,
    allows_plain_tcp: bool,
    timeout: Duration,
    key: SealingKey,
    names: Option<SealingKey>,
    clock: Arc<dyn Clock>,
}

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1);

impl RedisStoreBuilder {
    pub(super) fn new(url: &str, key: SealingKey) -> Result<Self, StoreError> {
        let address = Address::parse(url)?;
        Ok(Self {
            user: address.user.clone(),
            address,
            password: None,
            root_certificates: None,
            allows_plain_tcp: false,
            timeout: DEFAULT_TIMEOUT,
            key,
            names: None,
            clock: Arc::new(SystemClock),
        })
    }

    /// Sets the user in the server's access control list (ACL). Default: the user of the URL, or
    /// `default`.
    ///
    /// The user needs the keys and channels `multi-auth:*`, and the commands `evalsha`,
    /// `script|load`, `time`, `hmget`, `hset`, `hincrby`, `hexists`, `get`, `set`, `del`,
    /// `pexpire`, `pttl`, `publish` and `psubscribe`. It also needs `select` if the URL has a
    /// database, and `role` behind Sentinel. The sentinels themselves get no user and no password.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Sets the password of the user. Default: none.
    pub fn password(mut self, password: impl Into<SecretString>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Trusts the certificate authorities of `pem`, instead of those of the system.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    /// Sets how long to wait for the server, including a new connection. Default: 1 second. After
    /// that, the store counts as unavailable.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the key that names the entries. Default: the sealing key. Set it if you store refresh
    /// tokens: without it, a new sealing key changes the names, and the stored refresh tokens are
    /// lost.
    pub fn naming_key(mut self, key: SealingKey) -> Self {
        self.names = Some(key);
        self
    }

    /// Sets the clock by which access tokens expire. Default: [`SystemClock`]. Set the same clock
    /// with
    /// [`StoredAccount::with_clock`](crate::StoredAccount::with_clock).
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Allows a connection without TLS to another machine. The entries are sealed, but the password
    /// is sent in clear text, and everyone on the way can remove or restore entries.
    pub fn dangerous_plain_tcp(mut self) -> Self {
        self.allows_plain_tcp = true;
        self
    }

    /// Builds the store. It connects when it is first used.
    ///
    /// # Errors
    ///
    /// [`StoreProblem::Address`] if the connection would leave this machine without TLS, and
    /// [`StoreProblem::Unavailable`] if the root certificates are invalid.
    pub fn build(self) -> Result<RedisStore, StoreError> {
        let plain_is_safe = self.allows_plain_tcp || self.address.is_loopback();
        if !self.address.is_tls && !plain_is_safe {
            let problem = "is on another machine, and its scheme is not `rediss`";
            let place = format!("the token store at {}", self.address);
            return Err(StoreError::new(place, StoreProblem::Address(problem)));
        }
        let server = Server {
            address: self.address,
            user: self.user,
            password: self.password,
            root_certificates: self.root_certificates,
        };
        Ok(RedisStore(Arc::new(Inner {
            connection: Connection::new(server, self.timeout, Arc::clone(&self.clock))?,
            entries: Entries {
                names: self.names.unwrap_or_else(|| self.key.clone()),
                key: self.key,
                clock: self.clock,
            },
            scripts: Scripts::new(),
            deadline: Deadline::new(),
            listeners: Listeners::default(),
        })))
    }
}

impl fmt::Debug for RedisStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStoreBuilder")
            .field("address", &self.address)
            .field("user", &self.user)
            .field("key", &self.key)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
