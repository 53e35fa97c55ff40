//! Signals that end this program while a command of the user runs.

use std::io;

/// Handles signals from its construction on, so that none kills this program.
///
/// Ctrl-C reaches the command too. If the command continues, it still needs this program, so Ctrl-C
/// does not end it.
#[cfg(unix)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for a signal that ends this program.
    pub(crate) async fn ended(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => {}
            }
        }
    }
}

/// The same for other systems, which only have interrupts.
#[cfg(not(unix))]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[allow(clippy::unnecessary_wraps, reason = "as for Unix")]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn ended(&mut self) {
        while tokio::signal::ctrl_c().await.is_ok() {}
        std::future::pending().await
    }
}
