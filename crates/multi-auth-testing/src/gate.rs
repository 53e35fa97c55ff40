//! Holds requests until a test releases them, so that tests need no sleeps.

use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::lock::lock;

/// A closed gate, from [`LoopbackServer::hold`](crate::LoopbackServer::hold). The server records
/// requests, then holds them until the gate is released or dropped.
///
/// ```
/// use multi_auth_testing::ScriptedServer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = ScriptedServer::start().await?;
/// let gate = server.hold("/slow");
/// let request = tokio::spawn(reqwest::get(format!("{}/slow", server.url())));
/// gate.arrived(1).await; // the request is at the server and has no response yet
/// gate.release();
/// assert_eq!(request.await??.status(), 200);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "requests wait only as long as the gate is kept"]
pub struct RequestGate {
    /// Dropped to open the gate.
    _closed: watch::Sender<()>,
    arrivals: watch::Receiver<usize>,
}

impl RequestGate {
    /// Waits until `count` requests have arrived at this gate in total, or the server has stopped.
    pub async fn arrived(&self, count: usize) {
        let mut arrivals = self.arrivals.clone();
        let _gone = arrivals
            .wait_for(|arrived| *arrived >= count)
            .await
            .is_err();
    }

    /// Releases the held requests and stops holding new ones.
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

    /// Waits at every closed gate for `path`.
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
