//! The store on a real Redis server. `REDIS` names its program:
//!
//! ```sh
//! .ci/redis target/redis
//! REDIS=$PWD/target/redis/redis-server cargo test -p multi-auth-store --features redis --test redis -- --ignored
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on panics"
)]

mod access;
mod clocks;
mod cost;
mod lease;
mod outage;
mod publication;
mod refusals;
mod rotation;
mod sealed;
mod sentinel;
mod server;
