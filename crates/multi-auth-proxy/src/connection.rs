//! A connection of a caller.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use multi_auth::{Clock, SystemClock};
use tokio::sync::OwnedSemaphorePermit;

use crate::caller::Peer;
use crate::progress::quiet_for;
use crate::serve::Server;
use crate::tunnel::Tunnel;

/// What the requests of a connection share.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) peer: Peer,
    pub(crate) server: Arc<Server>,
    /// Its place among all connections.
    place: Arc<Option<OwnedSemaphorePermit>>,
    usage: Arc<Mutex<Usage>>,
}

/// Whether a connection is in use.
#[derive(Debug)]
struct Usage {
    requests: usize,
    /// When the last request ended.
    last: Instant,
}

/// A request that is under way on a connection.
#[derive(Debug)]
pub(crate) struct Active(Arc<Mutex<Usage>>);

impl Connection {
    pub(crate) fn new(
        peer: Peer,
        server: Arc<Server>,
        place: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self::at(peer, server, Arc::new(place))
    }

    /// The connection in a tunnel that this one has become.
    pub(crate) fn within(self, tunnel: Tunnel) -> Self {
        Self::at(Peer::Tunnel(Arc::new(tunnel)), self.server, self.place)
    }

    fn at(peer: Peer, server: Arc<Server>, place: Arc<Option<OwnedSemaphorePermit>>) -> Self {
        let usage = Usage {
            requests: 0,
            last: SystemClock.monotonic(),
        };
        Self {
            peer,
            server,
            place,
            usage: Arc::new(Mutex::new(usage)),
        }
    }

    /// The result of `work`, or `None` if the proxy ends before it.
    pub(crate) async fn or_end<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            result = work => Some(result),
            () = self.server.has_ended() => None,
        }
    }

    /// Begins a request, which ends when the result is dropped.
    pub(crate) fn begin(&self) -> Active {
        lock(&self.usage).requests += 1;
        Active(Arc::clone(&self.usage))
    }

    /// Waits until no request was under way for `limit`.
    pub(crate) async fn idle_for(&self, limit: Duration) {
        quiet_for(limit, || {
            let usage = lock(&self.usage);
            let idle = SystemClock
                .monotonic()
                .saturating_duration_since(usage.last);
            if usage.requests == 0 {
                idle
            } else {
                Duration::ZERO
            }
        })
        .await;
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        let mut usage = lock(&self.0);
        usage.requests -= 1;
        usage.last = SystemClock.monotonic();
    }
}

fn lock(usage: &Mutex<Usage>) -> std::sync::MutexGuard<'_, Usage> {
    usage.lock().unwrap_or_else(PoisonError::into_inner)
}
