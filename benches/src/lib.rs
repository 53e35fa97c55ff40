//! Figures, not tests: each bench prints a table.
//!
//! ```sh
//! cargo bench -p multi-auth-benches --bench token_cache   # the token engine's promises, in a few seconds
//! cargo bench -p multi-auth-benches --bench load     # 60 s of load on a vendor that misbehaves
//! cargo bench -p multi-auth-benches --bench costs    # instructions and allocations, exactly; needs valgrind
//! cargo bench -p multi-auth-benches --bench lookup   # a million bindings that are asked in random order
//! cargo bench -p multi-auth-benches --bench footprint # memory of a binding, exactly
//! cargo bench -p multi-auth-benches --bench scaling  # threads that share a credential, and whole requests
//! cargo bench -p multi-auth-benches --bench scaling -- check # the cache lines that threads contend for, exactly; needs valgrind
//! cargo bench -p multi-auth-benches --bench time     # how long it takes to attach a ready credential
//! ```
//!
//! Here is what several of them and the comparison with others in `peers/` do.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "it serves programs that report"
)]

pub mod attaching;
pub mod callgrind;
pub mod contended;
#[cfg(feature = "metrics")]
pub mod recorder;
pub mod requests;
pub mod stacks;
