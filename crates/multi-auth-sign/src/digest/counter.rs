//! Counts the requests with one nonce: the parameter `nc` (RFC 7616, 3.4).

use crate::sync::{AtomicU64, Ordering};

/// Counts the requests with one nonce. Sessions with the same nonce share it.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    /// The next `nc`, which no other request has. `None` if all are used up.
    pub(super) fn next(&self) -> Option<u32> {
        u32::try_from(self.0.fetch_add(1, Ordering::Relaxed) + 1).ok()
    }

    #[cfg(test)]
    pub(super) fn used_up() -> Self {
        Self(AtomicU64::new(u32::MAX.into()))
    }
}
