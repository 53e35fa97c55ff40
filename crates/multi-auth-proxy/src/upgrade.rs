//! Joins the connections of a caller and a vendor: after a change of the protocol (WebSocket), and
//! in a tunnel.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional};
use tokio::sync::OwnedSemaphorePermit;

use crate::connection::Connection;
use crate::progress::Progress;
use crate::proxy::Shared;
use crate::record::Record;

/// How long both sides may be silent.
const IDLE_TIMEOUT: Duration = Duration::from_secs(600);

/// Both ends of a request whose protocol changes.
pub(crate) struct Ends {
    pub(crate) caller: OnUpgrade,
    pub(crate) vendor: OnUpgrade,
}

impl Ends {
    /// Joins both ends, as [`pass`] does.
    pub(crate) fn join(
        self,
        shared: Arc<Shared>,
        connection: Connection,
        record: Record,
        permit: Option<OwnedSemaphorePermit>,
    ) {
        let vendor = async { Ok(TokioIo::new(self.vendor.await?)) };
        pass(shared, connection, record, permit, self.caller, vendor);
    }
}

/// Passes bytes both ways until one side or the proxy ends, both are silent, or the caller may not
/// send the request any more. The request ends then.
pub(crate) fn pass<S>(
    shared: Arc<Shared>,
    connection: Connection,
    mut record: Record,
    permit: Option<OwnedSemaphorePermit>,
    caller: OnUpgrade,
    other: impl Future<Output = hyper::Result<S>> + Send + 'static,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    // The proxy ends after the record is written.
    let passing = connection.server.passing();
    tokio::spawn(async move {
        let (caller, other) = tokio::try_join!(caller, other)?;
        let progress = Progress::start();
        let mut caller = Noted::new(TokioIo::new(caller), &progress);
        let mut other = Noted::new(other, &progress);
        let copied = tokio::select! {
            copied = connection.or_end(copy_bidirectional(&mut caller, &mut other)) => copied,
            () = progress.stopped_for(IDLE_TIMEOUT) => None,
            () = is_forbidden(&shared, &record) => None,
        };
        record.count(other.read);
        if let Some(Ok(_)) = copied {
            record.complete();
        }
        drop((record, permit, passing));
        Ok::<_, hyper::Error>(())
    });
}

/// Waits until the caller may not send the request any more.
async fn is_forbidden(shared: &Shared, record: &Record) {
    let mut reloads = shared.reloads.subscribe();
    while record.is_allowed_in(&shared.state.load()) {
        // The sender is in `shared`.
        let _ = reloads.changed().await;
    }
}

/// A connection that notes what arrives as progress.
struct Noted<S> {
    stream: S,
    progress: Progress,
    /// How many bytes have arrived.
    read: usize,
}

impl<S> Noted<S> {
    fn new(stream: S, progress: &Progress) -> Self {
        Self {
            stream,
            progress: progress.clone(),
            read: 0,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Noted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        self.read += buffer.filled().len() - before;
        self.progress.note();
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Noted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
