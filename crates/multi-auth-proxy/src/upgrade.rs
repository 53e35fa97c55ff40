//! Joins the connections of a caller and a vendor: after a change of the protocol (WebSocket), and
//! in a tunnel.

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
        tokio::spawn(async move {
            let (caller, vendor) = tokio::try_join!(self.caller, self.vendor)?;
            let (caller, vendor) = (TokioIo::new(caller), TokioIo::new(vendor));
            pass(&shared, connection, record, permit, caller, vendor).await;
            Ok::<_, hyper::Error>(())
        });
    }
}

/// Passes bytes both ways until one side or the proxy ends, both are silent, or the caller may not
/// send the request any more. The request ends then.
pub(crate) async fn pass(
    shared: &Shared,
    connection: Connection,
    mut record: Record,
    permit: Option<OwnedSemaphorePermit>,
    caller: impl AsyncRead + AsyncWrite + Unpin,
    vendor: impl AsyncRead + AsyncWrite + Unpin,
) {
    let progress = Progress::start();
    let mut caller = Noted {
        stream: caller,
        progress: progress.clone(),
    };
    let mut vendor = Noted {
        stream: vendor,
        progress: progress.clone(),
    };
    let copied = tokio::select! {
        copied = connection.or_end(copy_bidirectional(&mut caller, &mut vendor)) => copied,
        () = progress.stopped_for(IDLE_TIMEOUT) => None,
        () = is_forbidden(shared, &record) => None,
    };
    if let Some(Ok((_, to_caller))) = copied {
        record.count(usize::try_from(to_caller).unwrap_or(usize::MAX));
        record.complete();
    }
    drop(permit);
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
}

impl<S: AsyncRead + Unpin> AsyncRead for Noted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
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
