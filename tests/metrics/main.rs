//! What is counted, timed and traced, through both adapters, and that the documentation says the
//! same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on panics"
)]
#![expect(
    clippy::future_not_send,
    reason = "a recorder and a subscriber are heard on one thread"
)]

#[macro_use]
#[path = "../it/adapter.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod adapter;
#[path = "../it/body.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod body;
mod recorded;
mod stage;

mod counters;
mod events;
mod keys;
mod operations;
mod refreshes;
