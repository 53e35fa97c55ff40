//! The promises between the crates, kept at the edge where a user meets them.
//!
//! Scenarios run once per adapter; see [`adapter`].

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on panics"
)]

#[macro_use]
mod adapter;
mod body;
mod rig;

mod advice;
mod agent;
mod all_of;
mod assertions;
mod bad_input;
mod base_url;
mod canary;
mod catalogue;
mod causes;
mod clock;
mod config;
mod deadline;
mod default_headers;
mod discovery;
mod driver;
mod dropped;
mod file_cache;
mod following;
mod hostile;
mod leak;
mod lifecycle;
mod longest;
mod mtls;
mod network;
mod nginx;
mod oauth;
mod own;
mod pointers;
mod protection_space;
mod proxy;
mod published;
mod reads_responses;
mod redirect;
#[path = "../../crates/multi-auth-store/tests/redis/server.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod redis_server;
mod reflected;
mod refusal;
mod replay;
mod replayed;
mod retried;
mod rotating;
mod scenario;
mod signing;
mod source;
mod stacked;
#[cfg(target_os = "linux")]
mod threads;
mod token;
mod token_calls;
mod token_endpoint;
mod tower_contract;
mod untouched;
mod vendors;
mod wire;
