//! A connection of a caller.

use std::future::Future;

use tokio::sync::watch;

use crate::caller::Peer;

/// What the requests of a connection share.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) peer: Peer,
    /// It changes when the proxy ends.
    ended: watch::Receiver<()>,
}

impl Connection {
    pub(crate) fn new(peer: Peer, ended: watch::Receiver<()>) -> Self {
        Self { peer, ended }
    }

    /// The result of `work`, or `None` if the proxy ends before it.
    pub(crate) async fn or_end<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut ended = self.ended.clone();
        tokio::select! {
            result = work => Some(result),
            // The sender is dropped without a value.
            _ = ended.changed() => None,
        }
    }
}
