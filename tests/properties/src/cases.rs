//! How many inputs a property is tried with.

use std::env;

/// What `PROPTEST_CASES` says, or the `usual` number.
#[must_use]
pub fn cases(usual: u32) -> u32 {
    let asked = env::var("PROPTEST_CASES").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(usual)
}
