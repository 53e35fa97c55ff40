//! Ctrl-C while a command runs.

/// Handles Ctrl-C from its construction on. Without signals, the user ends the program in another
/// way.
pub(crate) struct Interrupt(#[cfg(unix)] Option<tokio::signal::unix::Signal>);

impl Interrupt {
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self(signal(SignalKind::interrupt()).ok())
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        Self()
    }

    /// Waits for Ctrl-C.
    #[cfg(unix)]
    pub(crate) async fn received(&mut self) {
        match &mut self.0 {
            Some(signal) => _ = signal.recv().await,
            None => std::future::pending().await,
        }
    }

    /// Waits for Ctrl-C.
    #[cfg(not(unix))]
    pub(crate) async fn received(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
