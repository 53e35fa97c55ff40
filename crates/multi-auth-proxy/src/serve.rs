//! Serves connections of callers, until it is told to stop.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

use crate::caller::Peer;
use crate::connection::Connection;
use crate::handle::handle;
use crate::listener::{Listener, Stream};
use crate::proxy::{Proxy, Shared};
use crate::telemetry::connection_failed;

/// How often an HTTP/2 connection is tested.
const PING_INTERVAL: Duration = Duration::from_secs(30);

/// How long connections may take to end after the proxy has ended them.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// The pause after a connection could not be accepted, such as without free file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

impl Proxy {
    /// Serves the connections of `listener` until `stop` ends. Then it accepts no more, and waits
    /// up to `drain` for the requests that are under way. It then closes all connections. It does
    /// not wait for `WebSocket` and for tunnels whose bytes pass untouched.
    pub async fn serve(
        &self,
        mut listener: Listener,
        stop: impl Future<Output = ()>,
        drain: Duration,
    ) {
        let server = Arc::new(Server::new(Arc::clone(&self.shared)));
        // Also if this future is dropped.
        let _end = EndOnDrop(&server);
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                (place, accepted) = server.accept(&mut listener) => match accepted {
                    Ok((stream, peer)) => server.connect(stream, peer, place),
                    Err(error) => pause_after(&error).await,
                },
            }
        }
        // These callers have connected before the stop.
        while let Some((place, Ok((stream, peer)))) = server.accept(&mut listener).now_or_never() {
            server.connect(stream, peer, place);
        }
        drop(listener);
        server.end(drain).await;
    }
}

/// The connections of one listener.
pub(crate) struct Server {
    shared: Arc<Shared>,
    builder: Builder<TokioExecutor>,
    idle_timeout: Duration,
    /// For connections at once: the rest of the descriptors is for vendors and operators.
    places: Arc<Semaphore>,
    phase: watch::Sender<Option<Phase>>,
    /// Each connection that serves requests has a receiver.
    open: watch::Sender<()>,
    /// Each connection that passes bytes has a receiver.
    passing: watch::Sender<()>,
}

/// Ends all connections when it is dropped.
struct EndOnDrop<'s>(&'s Server);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.phase.send_replace(Some(Phase::Ended));
    }
}

/// What the stop of a server begins with, and ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Connections end after the request that is under way.
    Draining,
    Ended,
}

impl Server {
    fn new(shared: Arc<Shared>) -> Self {
        let idle_timeout = shared.state.load().idle_timeout;
        Self {
            shared,
            builder: builder(idle_timeout),
            idle_timeout,
            places: Arc::new(Semaphore::new(most_connections())),
            phase: watch::Sender::new(None),
            open: watch::Sender::new(()),
            passing: watch::Sender::new(()),
        }
    }

    /// Accepts a connection as soon as there is a place for it.
    async fn accept(
        &self,
        listener: &mut Listener,
    ) -> (Option<OwnedSemaphorePermit>, io::Result<(Stream, Peer)>) {
        // The semaphore is never closed.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        (place, listener.accept().await)
    }

    fn connect(self: &Arc<Self>, stream: Stream, peer: Peer, place: Option<OwnedSemaphorePermit>) {
        let connection = Connection::new(peer, Arc::clone(self), place);
        tokio::spawn(connection.serve(stream));
    }

    /// Lets the requests that are under way end for up to `drain`, and then ends all connections.
    async fn end(&self, drain: Duration) {
        self.phase.send_replace(Some(Phase::Draining));
        let _ = timeout(drain, self.open.closed()).await;
        self.phase.send_replace(Some(Phase::Ended));
        // They have records to write.
        let ended = async { tokio::join!(self.open.closed(), self.passing.closed()) };
        let _ = timeout(END_TIMEOUT, ended).await;
    }

    /// The proxy waits for requests while the result is kept.
    pub(crate) fn open(&self) -> watch::Receiver<()> {
        self.open.subscribe()
    }

    /// The proxy waits for records while the result is kept.
    pub(crate) fn passing(&self) -> watch::Receiver<()> {
        self.passing.subscribe()
    }

    async fn has_begun(&self, phase: Phase) {
        // The sender is in `self`.
        let _ = self
            .phase
            .subscribe()
            .wait_for(|now| *now >= Some(phase))
            .await;
    }

    /// Waits for the end of the proxy.
    pub(crate) async fn has_ended(&self) {
        self.has_begun(Phase::Ended).await;
    }
}

impl Connection {
    /// Serves the requests that arrive over `stream`.
    ///
    /// The result is boxed: `handle` calls this for a tunnel, so its type would contain itself.
    pub(crate) fn serve<S>(self, stream: S) -> Pin<Box<dyn Future<Output = ()> + Send>>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let open = self.server.open();
        Box::pin(async move {
            let service = {
                let connection = self.clone();
                service_fn(move |request: Request<Incoming>| {
                    let connection = connection.clone();
                    let shared = Arc::clone(&connection.server.shared);
                    // On the heap, so that an idle connection has no room for it.
                    let response = Box::pin(handle(shared, connection, request));
                    async move { Ok::<_, Infallible>(response.await) }
                })
            };
            let server = &self.server;
            let serving = server
                .builder
                .serve_connection_with_upgrades(TokioIo::new(stream), service);
            let mut serving = pin!(serving);
            let mut next = Phase::Draining;
            let result = loop {
                tokio::select! {
                    result = &mut serving => break result,
                    () = server.has_begun(next) => match next {
                        Phase::Draining => {
                            serving.as_mut().graceful_shutdown();
                            next = Phase::Ended;
                        }
                        Phase::Ended => break Ok(()),
                    },
                    // hyper sets no limit to the wait for the first byte, nor to an HTTP/2
                    // connection.
                    () = self.idle_for(server.idle_timeout) => break Ok(()),
                }
            };
            if let Err(error) = result {
                connection_failed(&*error);
            }
            drop(open);
        })
    }
}

fn builder(idle_timeout: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(idle_timeout);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .adaptive_window(true)
        .max_concurrent_streams(256);
    builder
}

/// How many connections callers may have: each request may need another one to its vendor.
fn most_connections() -> usize {
    const MOST: usize = 50_000;
    const RESERVED: u64 = 64;
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        let open_files = getrlimit(Resource::Nofile).current;
        let own = open_files.map_or(u64::MAX, |files| files.saturating_sub(RESERVED) / 2);
        usize::try_from(own).unwrap_or(MOST).clamp(1, MOST)
    }
    #[cfg(not(unix))]
    {
        let _ = RESERVED;
        MOST
    }
}

async fn pause_after(error: &io::Error) {
    tracing::warn!(
        name: "multi_auth.proxy.accept_failed",
        %error,
        "a connection could not be accepted"
    );
    tokio::time::sleep(PAUSE).await;
}
