//! What a store promises to those who share it: tasks, processes, and the next process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on panics"
)]

mod account;
#[cfg(unix)]
mod file;
#[cfg(feature = "os-keyring")]
mod os_keyring;
#[cfg(unix)]
mod processes;
mod server;
