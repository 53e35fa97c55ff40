//! A stream that tells what hyper does with it.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

pub(super) type OnFlush = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

/// A stream that tells what hyper does with it. hyper flushes last when it is polled.
pub(super) struct Hooked {
    stream: DuplexStream,
    pub(super) on_flush: OnFlush,
    pub(super) is_shut_down: Arc<AtomicBool>,
}

impl Hooked {
    pub(super) fn new(stream: DuplexStream) -> Self {
        Self {
            stream,
            on_flush: Arc::default(),
            is_shut_down: Arc::default(),
        }
    }
}

impl AsyncRead for Hooked {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Hooked {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(hook) = self.on_flush.lock().unwrap().take() {
            hook();
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.is_shut_down.store(true, Ordering::Relaxed);
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
