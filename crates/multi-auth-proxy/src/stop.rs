//! The stop of a server.

use tokio::sync::watch;

/// What the stop of a server begins with, and ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Connections end after the request that is under way.
    Draining,
    Ended,
}

/// The phase of a server's stop: `None` before the stop.
#[derive(Debug)]
pub(crate) struct Stop(watch::Sender<Option<Phase>>);

impl Stop {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    pub(crate) fn begin(&self, phase: Phase) {
        self.0.send_replace(Some(phase));
    }

    pub(crate) async fn has_begun(&self, phase: Phase) {
        // The sender is in `self`.
        let mut phases = self.0.subscribe();
        let _ = phases.wait_for(|now| *now >= Some(phase)).await;
    }
}
