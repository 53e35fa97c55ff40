//! Serves connections of callers, until it is told to stop.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

use crate::caller::Peer;
use crate::connection::Connection;
use crate::handle::handle;
use crate::listener::{Listener, Stream};
use crate::proxy::Proxy;

/// How often an HTTP/2 connection is tested.
const PING_INTERVAL: Duration = Duration::from_secs(30);

/// The pause after a connection could not be accepted, such as without free file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

impl Proxy {
    /// Serves the connections of `listener` until `stop` ends. Then it accepts no more, and waits
    /// up to `drain` for the requests that are under way. It then closes all connections, also
    /// those that have changed to `WebSocket`.
    pub async fn serve(
        &self,
        mut listener: Listener,
        stop: impl Future<Output = ()>,
        drain: Duration,
    ) {
        let (end, ended) = watch::channel(());
        let idle_timeout = self.shared.state.load().idle_timeout;
        let server = Server {
            proxy: self,
            builder: builder(idle_timeout),
            idle_timeout,
            connections: GracefulShutdown::new(),
            places: Arc::new(Semaphore::new(most_connections())),
            ended,
        };
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
        let _ = timeout(drain, server.connections.shutdown()).await;
        drop(end);
    }
}

/// The connections of one listener.
struct Server<'p> {
    proxy: &'p Proxy,
    builder: Builder<TokioExecutor>,
    idle_timeout: Duration,
    connections: GracefulShutdown,
    /// For connections at once: the rest of the descriptors is for vendors and operators.
    places: Arc<Semaphore>,
    ended: watch::Receiver<()>,
}

impl Server<'_> {
    /// Accepts a connection as soon as there is a place for it.
    async fn accept(
        &self,
        listener: &mut Listener,
    ) -> (Option<OwnedSemaphorePermit>, io::Result<(Stream, Peer)>) {
        // The semaphore is never closed.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        (place, listener.accept().await)
    }

    fn connect(&self, stream: Stream, peer: Peer, place: Option<OwnedSemaphorePermit>) {
        let shared = Arc::clone(&self.proxy.shared);
        let context = Connection::new(peer, self.ended.clone());
        let service = {
            let context = context.clone();
            service_fn(move |request: Request<Incoming>| {
                let (shared, context) = (Arc::clone(&shared), context.clone());
                // On the heap, so that an idle connection has no room for it.
                let response = Box::pin(handle(shared, context, request));
                async move { Ok::<_, Infallible>(response.await) }
            })
        };
        let (builder, watcher) = (self.builder.clone(), self.connections.watcher());
        let limit = self.idle_timeout;
        tokio::spawn(async move {
            let _place = place;
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
            let connection = watcher.watch(connection.into_owned());
            let result = tokio::select! {
                result = context.or_end(connection) => result,
                // hyper sets no limit to the wait for the first byte, nor to an HTTP/2 connection.
                () = context.idle_for(limit) => None,
            };
            if let Some(Err(error)) = result {
                tracing::debug!(
                    name: "multi_auth.proxy.connection_failed",
                    %error,
                    "a caller's connection ended with an error"
                );
            }
        });
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
