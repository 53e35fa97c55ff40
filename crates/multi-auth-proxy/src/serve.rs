//! Serves connections of callers, until it is told to stop.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

use crate::caller::Peer;
use crate::connection::Connection;
use crate::listener::{Listener, Stream};
use crate::protocol::Http;
use crate::proxy::{Proxy, Shared};
use crate::stop::Phase;

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
        server.accept_waiting(listener);
        server.end(drain).await;
    }
}

/// The connections of one listener.
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    pub(crate) http: Http,
    /// For connections at once: the rest of the descriptors is for vendors and operators.
    places: Arc<Semaphore>,
    /// Each connection that serves requests has a receiver.
    open: watch::Sender<()>,
    /// Each connection that passes bytes has a receiver.
    passing: watch::Sender<()>,
}

/// Ends all connections when it is dropped.
struct EndOnDrop<'s>(&'s Server);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.http.stop.begin(Phase::Ended);
    }
}

impl Server {
    fn new(shared: Arc<Shared>) -> Self {
        let idle_timeout = shared.state.load().idle_timeout;
        Self {
            shared,
            http: Http::new(idle_timeout),
            places: Arc::new(Semaphore::new(most_connections())),
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

    /// Accepts the callers that have connected before the stop, as far as there are places.
    fn accept_waiting(self: &Arc<Self>, listener: Listener) {
        let waiting = listener.into_waiting().into_iter().flatten();
        // A caller may have gone away.
        for (stream, peer) in waiting.filter_map(Result::ok) {
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
                return;
            };
            self.connect(stream, peer, Some(place));
        }
    }

    fn connect(self: &Arc<Self>, stream: Stream, peer: Peer, place: Option<OwnedSemaphorePermit>) {
        let connection = Connection::new(peer, Arc::clone(self), place);
        tokio::spawn(connection.serve(stream));
    }

    /// Lets the requests that are under way end for up to `drain`, and then ends all connections.
    async fn end(&self, drain: Duration) {
        self.http.stop.begin(Phase::Draining);
        let _ = timeout(drain, self.open.closed()).await;
        self.http.stop.begin(Phase::Ended);
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

    /// Waits for the end of the proxy.
    pub(crate) async fn has_ended(&self) {
        self.http.stop.has_begun(Phase::Ended).await;
    }
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

/// Waits after `error`, so that the system can get the resource that it lacks.
pub(crate) async fn pause_after(error: &io::Error) {
    tracing::warn!(
        name: "multi_auth.proxy.accept_failed",
        %error,
        "a connection could not be accepted"
    );
    tokio::time::sleep(PAUSE).await;
}
