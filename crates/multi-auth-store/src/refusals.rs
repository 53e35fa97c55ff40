//! Refusals of tokens, as a store reports them.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The revisions whose tokens the vendor refuses, from
/// [`TokenStore::refusals`](crate::TokenStore::refusals).
///
/// ```
/// use multi_auth_store::Refusals;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (sender, mut refusals) = Refusals::channel();
/// assert!(sender.send(7));
/// assert_eq!(refusals.next().await, Some(7));
/// # }
/// ```
#[derive(Debug)]
pub struct Refusals(UnboundedReceiver<u64>);

/// Sends refusals to [`Refusals`], for your own store.
#[derive(Clone, Debug)]
pub struct RefusalSender(UnboundedSender<u64>);

impl Refusals {
    /// A sender for a store, and the receiver that it returns.
    #[must_use]
    pub fn channel() -> (RefusalSender, Self) {
        let (sender, receiver) = unbounded_channel();
        (RefusalSender(sender), Self(receiver))
    }

    /// Waits for the next refused revision. `None`: the store reports no more.
    pub async fn next(&mut self) -> Option<u64> {
        self.0.recv().await
    }
}

impl RefusalSender {
    /// Whether the receiver is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Reports that the vendor has refused the token of `revision`. Returns false if the receiver
    /// is gone.
    #[must_use]
    pub fn send(&self, revision: u64) -> bool {
        self.0.send(revision).is_ok()
    }
}
