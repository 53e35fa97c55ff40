//! The bytes that a caller sends and gets.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::Version;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::usage::Usage;

/// What an HTTP/2 connection begins with (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The stream of a caller. It can be looked at before it is read.
pub(crate) struct CallerStream<S> {
    stream: S,
    /// What was read, and is to be read again.
    ahead: Bytes,
    usage: Usage,
}

impl<S> CallerStream<S> {
    pub(crate) fn new(stream: S, usage: Usage) -> Self {
        Self {
            stream,
            ahead: Bytes::new(),
            usage,
        }
    }

    #[cfg(test)]
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.ahead
    }

    /// Puts a copy of `bytes` back, which were read from it: they are a part of a large buffer.
    pub(crate) fn put_back(&mut self, bytes: &[u8]) {
        self.ahead = [bytes, &self.ahead].concat().into();
    }
}

impl<S: AsyncRead + Unpin> CallerStream<S> {
    /// Waits for the first bytes, and says by them which version of HTTP the caller speaks. `None`
    /// if the stream ends. Dropping the future loses no byte.
    pub(crate) async fn version(&mut self) -> io::Result<Option<Version>> {
        loop {
            // Empty lines before a request mean nothing (RFC 9112, 2.2).
            let line_ends = self.ahead.iter().take_while(|byte| b"\r\n".contains(byte));
            self.ahead.advance(line_ends.count());
            if self.ahead.starts_with(PREFACE) {
                return Ok(Some(Version::HTTP_2));
            }
            if !self.ahead.is_empty() && !PREFACE.starts_with(&self.ahead) {
                return Ok(Some(Version::HTTP_11));
            }
            let mut bytes = [0; PREFACE.len()];
            let room = &mut bytes[self.ahead.len()..];
            let read = self.stream.read(room).await?;
            if read == 0 {
                return Ok(None);
            }
            let known = self.ahead.len();
            bytes[..known].copy_from_slice(&self.ahead);
            self.ahead = Bytes::copy_from_slice(&bytes[..known + read]);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for CallerStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let length = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(&self.ahead[..length]);
        self.ahead.advance(length);
        if self.ahead.is_empty() {
            // Its memory is free from now on.
            self.ahead = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for CallerStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.usage.set_unsent(true);
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.usage.note_written();
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.usage.set_unsent(true);
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.usage.set_unsent(false);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.usage.set_unsent(true);
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.usage.set_unsent(true);
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, parts))?;
        self.usage.note_written();
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
