//! Serves connections of callers, until it is told to stop.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::caller::Peer;
use crate::handle::handle;
use crate::listener::Listener;
use crate::proxy::Proxy;

/// How long a caller may take to send the header section of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// The pause after a connection could not be accepted, such as without free file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

impl Proxy {
    /// Serves the connections of `listener` until `stop` ends. Then it accepts no more, and waits
    /// for the requests that are under way, but for no longer than `drain`.
    pub async fn serve(
        &self,
        mut listener: Listener,
        stop: impl Future<Output = ()>,
        drain: Duration,
    ) {
        let (builder, connections) = (builder(), GracefulShutdown::new());
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => self.connect(&builder, &connections, stream, peer),
                    Err(error) => pause_after(&error).await,
                },
            }
        }
        drop(listener);
        // The rest is cut off when the program ends.
        let _ = tokio::time::timeout(drain, connections.shutdown()).await;
    }

    fn connect<S>(
        &self,
        builder: &Builder<TokioExecutor>,
        connections: &GracefulShutdown,
        stream: S,
        peer: Peer,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        let service = service_fn(move |request: Request<Incoming>| {
            let shared = Arc::clone(&shared);
            async move { Ok::<_, Infallible>(handle(shared, peer, request).await) }
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        let connection = connections.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(
                    name: "multi_auth_proxy.connection_failed",
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
        .header_read_timeout(HEADER_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .adaptive_window(true)
        .max_concurrent_streams(256);
    builder
}

async fn pause_after(error: &io::Error) {
    tracing::warn!(
        name: "multi_auth_proxy.accept_failed",
        %error,
        "a connection could not be accepted"
    );
    tokio::time::sleep(PAUSE).await;
}
