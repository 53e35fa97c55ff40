//! What an [`AuthLayer`](crate::AuthLayer) and a [`RedirectGuard`](crate::RedirectGuard) below it
//! tell each other, through a request's extensions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the credential was left behind on the way, so that the response says nothing about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail(Arc<AtomicBool>);

impl Trail {
    pub(crate) fn leave_credential_behind(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn has_left_credential_behind(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
