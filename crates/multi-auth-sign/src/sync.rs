//! Locks and atomics of the standard library or, under `--cfg multi_auth_shuttle`, of a model
//! checker.

#[cfg(not(multi_auth_shuttle))]
pub(crate) use arc_swap::ArcSwap;
#[cfg(multi_auth_shuttle)]
pub(crate) use model::ArcSwap;
#[cfg(multi_auth_shuttle)]
pub(crate) use shuttle::sync::atomic::{AtomicU64, Ordering};
#[cfg(multi_auth_shuttle)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};
#[cfg(not(multi_auth_shuttle))]
pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(multi_auth_shuttle))]
pub(crate) use std::sync::{Mutex, MutexGuard};

/// Each operation of `arc_swap::ArcSwap` is one step of the model.
#[cfg(multi_auth_shuttle)]
mod model {
    use std::sync::Arc;

    use super::Mutex;

    pub(crate) struct ArcSwap<T>(Mutex<Arc<T>>);

    impl<T> ArcSwap<T> {
        pub(crate) fn from_pointee(value: T) -> Self {
            Self(Mutex::new(Arc::new(value)))
        }

        pub(crate) fn load(&self) -> Arc<T> {
            Arc::clone(&self.0.lock().unwrap())
        }

        pub(crate) fn compare_and_swap(&self, current: &Arc<T>, new: Arc<T>) -> Arc<T> {
            let mut value = self.0.lock().unwrap();
            let previous = Arc::clone(&value);
            if Arc::ptr_eq(&previous, current) {
                *value = new;
            }
            previous
        }
    }
}
