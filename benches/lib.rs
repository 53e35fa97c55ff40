//! Figures, not tests: each bench prints a table.
//!
//! ```sh
//! cargo bench -p multi-auth-benches --bench engine   # the token engine's promises, in a few seconds
//! cargo bench -p multi-auth-benches --bench load     # 60 s of load on a vendor that misbehaves
//! ```
