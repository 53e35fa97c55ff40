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
use tokio::sync::watch;
use tokio::time::timeout;

use crate::caller::Peer;
use crate::connection::Connection;
use crate::handle::handle;
use crate::listener::{Listener, Stream};
use crate::proxy::Proxy;

/// How long a connection may wait for its next request, and a caller take to send the header
/// section. It is longer than most clients keep a connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

/// How often an HTTP/2 connection is tested.
const PING_INTERVAL: Duration = Duration::from_secs(30);

/// The pause after a connection could not be accepted, such as without free file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

impl Proxy {
    /// Serves the connections of `listener` until `stop` ends. Then it accepts no more, and waits
    /// for the requests that are under way, but for no longer than `drain`. What remains is closed,
    /// as are connections that have changed to `WebSocket`.
    pub async fn serve(
        &self,
        mut listener: Listener,
        stop: impl Future<Output = ()>,
        drain: Duration,
    ) {
        let (end, ended) = watch::channel(());
        let server = Server {
            proxy: self,
            builder: builder(),
            connections: GracefulShutdown::new(),
            ended,
        };
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => server.connect(stream, peer),
                    Err(error) => pause_after(&error).await,
                },
            }
        }
        // These callers have connected before the stop.
        while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
            server.connect(stream, peer);
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
    connections: GracefulShutdown,
    ended: watch::Receiver<()>,
}

impl Server<'_> {
    fn connect(&self, stream: Stream, peer: Peer) {
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
        tokio::spawn(async move {
            // hyper-util sets no limit to the wait for the first byte.
            let first = context.or_end(timeout(IDLE_TIMEOUT, stream.readable()));
            let Some(Ok(Ok(()))) = first.await else {
                return;
            };
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
            let connection = watcher.watch(connection.into_owned());
            if let Some(Err(error)) = context.or_end(connection).await {
                tracing::debug!(
                    name: "multi_auth.proxy.connection_failed",
                    %error,
                    "a caller's connection ended with an error"
                );
            }
        });
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .adaptive_window(true)
        .max_concurrent_streams(256);
    builder
}

async fn pause_after(error: &io::Error) {
    tracing::warn!(
        name: "multi_auth.proxy.accept_failed",
        %error,
        "a connection could not be accepted"
    );
    tokio::time::sleep(PAUSE).await;
}
