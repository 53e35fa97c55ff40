//! A gate before a server: requests wait at it until it is released, so that tests need no sleeping.

use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::lock::lock;

/// A closed gate, from [`LoopbackServer::hold`](crate::LoopbackServer::hold). Requests are recorded,
/// then wait; releasing or dropping the gate lets them go on.
#[derive(Debug)]
#[must_use = "requests wait only as long as the gate is kept"]
pub struct RequestGate {
    /// Dropped to open the gate.
    _closed: watch::Sender<()>,
    arrivals: watch::Receiver<usize>,
}

impl RequestGate {
    /// Waits until `count` requests in all have come to the gate, or the server is gone.
    pub async fn arrived(&self, count: usize) {
        let mut arrivals = self.arrivals.clone();
        let _gone = arrivals
            .wait_for(|arrived| *arrived >= count)
            .await
            .is_err();
    }

    /// Lets the waiting requests, and those to come, go on.
    pub fn release(self) {}
}

/// The gates of one server.
#[derive(Debug, Default)]
pub(crate) struct Gates(Mutex<Vec<ClosedGate>>);

#[derive(Clone, Debug)]
struct ClosedGate {
    prefix: String,
    opened: watch::Receiver<()>,
    arrivals: Arc<watch::Sender<usize>>,
}

impl Gates {
    pub(crate) fn close(&self, prefix: String) -> RequestGate {
        let (closed, opened) = watch::channel(());
        let (sender, arrivals) = watch::channel(0);
        lock(&self.0).push(ClosedGate {
            prefix,
            opened,
            arrivals: Arc::new(sender),
        });
        RequestGate {
            _closed: closed,
            arrivals,
        }
    }

    /// Waits at every closed gate on the way to `path`.
    pub(crate) async fn pass(&self, path: &str) {
        for mut gate in self.before(path) {
            gate.arrivals.send_modify(|arrived| *arrived += 1);
            while gate.opened.changed().await.is_ok() {}
        }
    }

    fn before(&self, path: &str) -> Vec<ClosedGate> {
        let mut gates = lock(&self.0);
        gates.retain(|gate| gate.opened.has_changed().is_ok());
        gates
            .iter()
            .filter(|gate| path.starts_with(&gate.prefix))
            .cloned()
            .collect()
    }
}
