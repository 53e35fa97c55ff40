//! A connection of a caller.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;

use crate::caller::Peer;
use crate::handle::handle;
use crate::serve::Server;
use crate::telemetry::connection_failed;
use crate::tunnel::Tunnel;
use crate::usage::{CallerBody, Usage};

/// What the requests of a connection share.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) peer: Peer,
    pub(crate) server: Arc<Server>,
    /// Its place among all connections.
    place: Arc<Option<OwnedSemaphorePermit>>,
    usage: Usage,
}

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
        Self {
            peer,
            server,
            place,
            usage: Usage::new(),
        }
    }

    /// The result of `work`, or `None` if the proxy ends before it.
    pub(crate) async fn or_end<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            result = work => Some(result),
            () = self.server.has_ended() => None,
        }
    }

    /// Serves the requests that arrive over `stream`.
    ///
    /// The result is boxed: `handle` calls this for a tunnel, so its type would contain itself.
    pub(crate) fn serve<S>(self, stream: S) -> Pin<Box<dyn Future<Output = ()> + Send>>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let open = self.server.open();
        Box::pin(async move {
            let handler = service_fn(|request: Request<Incoming>| {
                let connection = self.clone();
                // Before its future is polled: a request that waits is under way too.
                let active = self.usage.begin();
                let shared = Arc::clone(&connection.server.shared);
                let request = request.map(|body| CallerBody::new(body, self.usage.clone()));
                // On the heap, so that an idle connection has no room for it.
                let response = Box::pin(handle(shared, connection, active, request));
                async move { Ok::<_, Infallible>(response.await) }
            });
            let served = self.server.http.serve(stream, &self.usage, handler);
            if let Err(error) = served.await {
                connection_failed(&*error);
            }
            drop(open);
        })
    }
}
