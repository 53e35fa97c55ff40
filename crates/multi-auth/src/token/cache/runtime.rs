//! What the cache needs from its runtime: a lock, a task, a time limit. They are those of std and
//! Tokio or, under `--cfg multi_auth_shuttle`, of a model checker.

#[cfg(not(multi_auth_shuttle))]
mod real {
    use std::future::Future;
    use std::panic::catch_unwind;
    pub(crate) use std::sync::{Mutex, MutexGuard};
    use std::time::Duration;

    use tokio::runtime::Handle;

    /// Whether a task can be spawned here and awaited with a time limit.
    pub(crate) fn can_spawn() -> bool {
        Handle::try_current().is_ok() && has_timer()
    }

    /// Whether the runtime has a time driver. Tokio reports this only by a panic.
    fn has_timer() -> bool {
        catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))).is_ok()
    }

    /// Spawns `task` on the current runtime. Check [`can_spawn`] first.
    pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        drop(tokio::spawn(task));
    }

    /// The output of `future`, unless it takes longer than `limit`.
    pub(crate) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(limit, future).await.ok()
    }

    /// Waits for `time`.
    pub(crate) async fn sleep(time: Duration) {
        tokio::time::sleep(time).await;
    }
}
#[cfg(not(multi_auth_shuttle))]
pub(crate) use real::{Mutex, MutexGuard, can_spawn, sleep, spawn, within};

#[cfg(multi_auth_shuttle)]
mod model {
    use std::future::{Future, poll_fn};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::task::Poll;
    use std::time::Duration;

    pub(crate) use shuttle::sync::{Mutex, MutexGuard};

    pub(crate) fn can_spawn() -> bool {
        true
    }

    /// A panic ends only the task, as with Tokio.
    pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        let mut task = Some(Box::pin(task));
        drop(shuttle::future::spawn(poll_fn(move |cx| {
            let Some(mut running) = task.take() else {
                return Poll::Ready(());
            };
            match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx))) {
                Ok(Poll::Pending) => {
                    task = Some(running);
                    Poll::Pending
                }
                Ok(Poll::Ready(())) | Err(_) => Poll::Ready(()),
            }
        })));
    }

    /// Time does not pass in the model.
    pub(crate) async fn within<T>(_: Duration, future: impl Future<Output = T>) -> Option<T> {
        Some(future.await)
    }

    pub(crate) async fn sleep(_: Duration) {
        shuttle::future::yield_now().await;
    }
}
#[cfg(multi_auth_shuttle)]
pub(crate) use model::{Mutex, MutexGuard, can_spawn, sleep, spawn, within};
