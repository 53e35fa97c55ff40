//! HTTP over the streams of callers.

mod handler;

use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::time::Duration;

use http::Version;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use multi_auth_tower::BoxError;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use self::handler::Handler;
use crate::stop::{Phase, Stop};
use crate::stream::CallerStream;
use crate::usage::Usage;

/// How often an HTTP/2 connection is tested.
const PING_INTERVAL: Duration = Duration::from_secs(30);

/// How long a connection over HTTP/1.1 keeps its buffers (16 KiB) after its last request.
const BUFFERED_FOR: Duration = Duration::from_millis(100);

/// tokio knows what has arrived before a timer of any length ends.
const ARRIVED: Duration = Duration::from_millis(1);

/// How long a connection at rest may take to close.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// Serves requests until it is stopped.
pub(crate) struct Http {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    idle_timeout: Duration,
    pub(crate) stop: Stop,
}

impl Http {
    /// Connections end once they were idle for `idle_timeout`.
    pub(crate) fn new(idle_timeout: Duration) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(idle_timeout);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL)
            .adaptive_window(true)
            .max_concurrent_streams(256);
        Self {
            http1,
            http2,
            idle_timeout,
            stop: Stop::new(),
        }
    }

    /// Serves the requests that arrive over `stream`.
    ///
    /// hyper keeps two buffers of 8 KiB for each HTTP/1.1 connection. So it gets the stream when a
    /// request begins to arrive, and gives it back once the connection is at rest.
    pub(crate) async fn serve<S, H>(
        &self,
        stream: S,
        usage: &Usage,
        handler: H,
    ) -> Result<(), BoxError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        H: Handler,
    {
        let mut stream = CallerStream::new(stream, usage.clone());
        match self.next_request(&mut stream, usage).await {
            None => return close(stream).await,
            // On the heap, so that an idle connection has no room for it.
            Some(Version::HTTP_2) => return Box::pin(self.http2(stream, usage, handler)).await,
            Some(_) => {}
        }
        while let Some(rested) = Box::pin(self.http1(stream, usage, handler.clone())).await? {
            stream = rested;
            if self.next_request(&mut stream, usage).await.is_none() {
                return close(stream).await;
            }
        }
        Ok(())
    }

    /// Waits for the next request, and gives its version. `None` if there is none.
    async fn next_request<S: AsyncRead + Unpin>(
        &self,
        stream: &mut CallerStream<S>,
        usage: &Usage,
    ) -> Option<Version> {
        tokio::select! {
            biased;
            // A caller that goes away between requests is no failure.
            version = stream.version() => version.ok().flatten(),
            () = self.has_begun(Phase::Draining) => None,
            () = usage.idle_for(self.idle_timeout) => None,
        }
    }

    /// When a phase of the stop has begun, and tokio knows what arrived before it.
    async fn has_begun(&self, phase: Phase) {
        self.stop.has_begun(phase).await;
        sleep(ARRIVED).await;
    }

    /// Serves requests over HTTP/1.1, and gives the stream back once it is at rest.
    async fn http1<S, H>(
        &self,
        stream: CallerStream<S>,
        usage: &Usage,
        handler: H,
    ) -> Result<Option<CallerStream<S>>, BoxError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        H: Handler,
    {
        usage.begin_serving();
        let mut connection = self
            .http1
            .serve_connection(TokioIo::new(stream), handler)
            .with_upgrades();
        let ends = Ends {
            idle: usage.idle_for(self.idle_timeout),
            rests: usage.at_rest_for(BUFFERED_FOR),
        };
        let shut_down = http1::UpgradeableConnection::graceful_shutdown;
        if !self.drive(&mut connection, usage, shut_down, ends).await? {
            return Ok(None);
        }
        Ok(connection.into_parts().map(|parts| {
            let mut stream = parts.io.into_inner();
            stream.put_back(&parts.read_buf);
            stream
        }))
    }

    async fn http2<S, H>(
        &self,
        stream: CallerStream<S>,
        usage: &Usage,
        handler: H,
    ) -> Result<(), BoxError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        H: Handler,
    {
        let mut connection = self.http2.serve_connection(TokioIo::new(stream), handler);
        let shut_down = http2::Connection::graceful_shutdown;
        let ends = Ends {
            idle: usage.unused_for(self.idle_timeout),
            rests: pending(),
        };
        self.drive(&mut connection, usage, shut_down, ends).await?;
        Ok(())
    }

    /// Drives `connection` until it ends, is idle for too long, or the proxy ends. Returns true if
    /// it rests before.
    async fn drive<C>(
        &self,
        connection: &mut C,
        usage: &Usage,
        shut_down: impl Fn(Pin<&mut C>),
        ends: Ends<impl Future<Output = ()>, impl Future<Output = ()>>,
    ) -> hyper::Result<bool>
    where
        C: Future<Output = hyper::Result<()>> + Unpin,
    {
        let (mut idle, mut rests) = (pin!(ends.idle), pin!(ends.rests));
        let mut next = Phase::Draining;
        loop {
            tokio::select! {
                // Nothing is known of the connection before it was polled.
                biased;
                result = poll_fn(|cx| {
                    usage.note_poll();
                    Pin::new(&mut *connection).poll(cx)
                }) => return result.map(|()| false),
                () = self.has_begun(next) => match next {
                    Phase::Draining => {
                        shut_down(Pin::new(&mut *connection));
                        next = Phase::Ended;
                    }
                    Phase::Ended => return Ok(false),
                },
                // hyper sets no limit to an HTTP/2 connection.
                () = &mut idle => return Ok(false),
                () = &mut rests, if next == Phase::Draining => return Ok(true),
            }
        }
    }
}

/// When a connection ends that is in order.
struct Ends<I, R> {
    /// Ends when the connection was idle for too long.
    idle: I,
    /// Ends when the connection is at rest.
    rests: R,
}

/// Closes a stream at rest. With TLS, the caller learns that nothing is missing.
async fn close(mut stream: impl AsyncWrite + Unpin) -> Result<(), BoxError> {
    // The caller may have gone away.
    let _ = timeout(CLOSE_TIMEOUT, stream.shutdown()).await;
    Ok(())
}

#[cfg(test)]
mod tests;
