//! Locks and atomics of the standard library or, under `--cfg multi_auth_shuttle`, of a model
//! checker.

#[cfg(multi_auth_shuttle)]
pub(crate) use shuttle::sync::atomic::{AtomicU64, Ordering};
#[cfg(multi_auth_shuttle)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};
#[cfg(not(multi_auth_shuttle))]
pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(multi_auth_shuttle))]
pub(crate) use std::sync::{Mutex, MutexGuard};
