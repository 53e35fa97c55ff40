//! What asks this program to end while a command runs beside the simulators.

use std::io;

/// Hears of signals from when it is made, so that none ends this program in its own way.
///
/// Interrupts of the keyboard go to the command too, and whether it ends is its own affair: one
/// that goes on needs its simulators.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits until somebody asks this program to end.
    pub(super) async fn ended(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => {}
            }
        }
    }
}

/// As for Unix, where interrupts are all there is.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[allow(clippy::unnecessary_wraps, reason = "as for Unix")]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn ended(&mut self) {
        while tokio::signal::ctrl_c().await.is_ok() {}
        std::future::pending().await
    }
}
