//! Receives the revisions of refused tokens on a separate connection.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::PubSub;
use redis::{Msg, RedisResult};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::Inner;
use crate::{RefusalSender, Refusals};

/// The receivers of refusals, by entry.
#[derive(Default)]
pub(super) struct Listeners(Mutex<State>);

#[derive(Default)]
struct State {
    by_entry: HashMap<String, Vec<RefusalSender>>,
    /// The task that listens. It ends with the store, or with its runtime.
    task: Option<JoinHandle<()>>,
}

/// How long a connection without messages is used.
const RENEWAL: Duration = Duration::from_secs(300);

/// How long to wait before the server is asked again.
const PAUSE: Duration = Duration::from_secs(5);

impl Listeners {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, message: &Msg) {
        let Ok(revision) = message.get_payload() else {
            return;
        };
        let mut state = self.state();
        if let Some(listeners) = state.by_entry.get_mut(message.get_channel_name()) {
            listeners.retain(|listener| listener.send(revision));
        }
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        if let Some(task) = &self.state().task {
            task.abort();
        }
    }
}

impl Inner {
    /// Returns the refusals of `entry` from now on. The first call starts the task that receives
    /// them.
    pub(super) fn refusals(self: &Arc<Self>, entry: String) -> Refusals {
        let (sender, receiver) = Refusals::channel();
        let mut state = self.listeners.state();
        state.by_entry.retain(|_, listeners| {
            listeners.retain(|listener| !listener.is_closed());
            !listeners.is_empty()
        });
        state.by_entry.entry(entry).or_default().push(sender);
        if state.task.as_ref().is_none_or(JoinHandle::is_finished)
            && let Ok(runtime) = Handle::try_current()
        {
            state.task = Some(runtime.spawn(listen(Arc::downgrade(self))));
        }
        receiver
    }
}

async fn listen(store: Weak<Inner>) {
    while let Some(connected) = store.upgrade() {
        let subscribed = subscribe(&connected).await;
        drop(connected);
        if let Ok(mut messages) = subscribed.map(PubSub::into_on_message) {
            // A connection that was lost silently is noticed at its renewal.
            while let Ok(Some(message)) = timeout(RENEWAL, messages.next()).await {
                let Some(store) = store.upgrade() else {
                    return;
                };
                store.listeners.report(&message);
            }
        }
        sleep(PAUSE.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
    }
}

async fn subscribe(store: &Inner) -> RedisResult<PubSub> {
    let timed_out = |_| io::Error::from(io::ErrorKind::TimedOut);
    let subscribed = async {
        let mut connection = store.connection.subscriber().await?;
        connection.psubscribe("multi-auth:*").await?;
        Ok(connection)
    };
    timeout(store.connection.timeout(), subscribed)
        .await
        .map_err(timed_out)?
}
