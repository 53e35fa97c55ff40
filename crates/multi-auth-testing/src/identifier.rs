//! Unpredictable opaque values: 32 hexadecimal digits.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// A new value. No two are the same.
pub(crate) fn opaque() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let half = || RandomState::new().hash_one(count);
    format!("{:016x}{:016x}", half(), half())
}

/// A new value in the format of a UUID.
pub(crate) fn uuid() -> String {
    let digits = opaque();
    let (time, rest) = digits.split_at(8);
    let (fields, node) = rest.split_at(12);
    format!(
        "{time}-{}-{}-{}-{node}",
        &fields[..4],
        &fields[4..8],
        &fields[8..]
    )
}
