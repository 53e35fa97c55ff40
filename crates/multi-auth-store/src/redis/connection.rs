//! One connection for all commands. A broken connection is replaced.

mod server;
pub(super) use self::server::Server;

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use multi_auth::Clock;
use redis::aio::{MultiplexedConnection, PubSub};
use redis::{
    ErrorKind, FromRedisValue, RedisError, RedisResult, ScriptInvocation, ServerErrorKind,
};
use tokio::sync::Mutex;
use tokio::time::timeout;

use self::server::Client;
use super::breaker::Breaker;
use crate::{StoreError, StoreProblem};

pub(super) struct Connection {
    place: String,
    client: Mutex<Client>,
    current: Mutex<Option<Numbered>>,
    /// How many connections there were.
    connections: AtomicU64,
    timeout: Duration,
    breaker: Breaker,
}

/// A connection, and how many there were before it.
#[derive(Clone)]
struct Numbered {
    number: u64,
    connection: MultiplexedConnection,
}

impl Connection {
    pub(super) fn new(
        server: Server,
        timeout: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let place = format!("the token store at {}", server.address);
        let client = server.client();
        Ok(Self {
            client: Mutex::new(client.map_err(|error| failed(&place, error))?),
            place,
            current: Mutex::new(None),
            connections: AtomicU64::new(0),
            timeout,
            breaker: Breaker::new(clock),
        })
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Runs `script`, on a new connection if the current one is broken.
    pub(super) async fn invoke<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        if !self.breaker.is_closed() {
            return Err(self.unavailable("it did not answer a moment ago"));
        }
        match timeout(self.timeout, self.try_twice(script)).await {
            Ok(Ok(answer)) => {
                self.breaker.succeeded();
                Ok(answer)
            }
            Ok(Err(error)) => {
                if is_outage(&error) {
                    self.breaker.failed();
                }
                Err(failed(&self.place, error))
            }
            Err(_) => {
                self.breaker.failed();
                // The answers of this connection come too late.
                *self.current.lock().await = None;
                Err(self.timed_out())
            }
        }
    }

    /// The scripts are idempotent, so a command whose answer was lost is sent again.
    async fn try_twice<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, RedisError> {
        let mut current = self.connected(None).await?;
        match script.invoke_async(&mut current.connection).await {
            Err(error) if is_outage(&error) => {
                let mut renewed = self.connected(Some(current.number)).await?;
                script.invoke_async(&mut renewed.connection).await
            }
            outcome => outcome,
        }
    }

    /// The current connection, or a new one if there is none or it is number `broken`.
    async fn connected(&self, broken: Option<u64>) -> Result<Numbered, RedisError> {
        let mut current = self.current.lock().await;
        match &*current {
            Some(connected) if Some(connected.number) != broken => return Ok(connected.clone()),
            _ => *current = None,
        }
        let connection = self.client.lock().await.connect(self.timeout).await?;
        let connected = Numbered {
            number: self.connections.fetch_add(1, Ordering::Relaxed),
            connection,
        };
        *current = Some(connected.clone());
        Ok(connected)
    }

    /// A new connection that receives messages. The caller has a time limit.
    pub(super) async fn subscriber(&self) -> RedisResult<PubSub> {
        self.client.lock().await.subscriber().await
    }

    pub(super) fn error(&self, problem: StoreProblem) -> StoreError {
        StoreError::new(&self.place, problem)
    }

    pub(super) fn timed_out(&self) -> StoreError {
        self.unavailable(io::Error::from(io::ErrorKind::TimedOut))
    }

    fn unavailable(&self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
        self.error(StoreProblem::Unavailable(cause.into()))
    }
}

/// Whether a new connection, perhaps to another server, may help.
fn is_outage(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Server(kind) => matches!(
            kind,
            ServerErrorKind::BusyLoading
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ReadOnly
                | ServerErrorKind::ClusterDown
        ),
        _ => true,
    }
}

fn failed(place: &str, error: RedisError) -> StoreError {
    let is_denied = error.kind() == ErrorKind::AuthenticationFailed
        || matches!(error.code(), Some("NOAUTH" | "NOPERM" | "WRONGPASS"));
    let problem = if is_denied {
        StoreProblem::AccessDenied(error.into())
    } else {
        StoreProblem::Unavailable(error.into())
    };
    StoreError::new(place, problem)
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}
