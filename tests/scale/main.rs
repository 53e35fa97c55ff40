//! A deployment of many processes that share one token through a real Redis server, while its
//! parts fail. `REDIS` names the server's program:
//!
//! ```sh
//! .ci/redis target/redis
//! REDIS=$PWD/target/redis/redis-server PROCESSES=100 cargo test -p multi-auth-tests --test scale -- --ignored --nocapture
//! ```
//!
//! It prints a table. `PROCESSES` is 20 by default.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on panics"
)]
#![allow(clippy::print_stdout, reason = "the tables are what one runs it for")]

mod deployment;
mod faults;
mod generations;
mod proxy;
#[path = "../../crates/multi-auth-store/tests/redis/server.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod redis_server;
mod replica;
mod scenario;
mod vendor;
