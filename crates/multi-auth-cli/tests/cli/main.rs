//! The program as its users run it: arguments in, output and exit code out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

mod agent;
mod catalogue;
mod certificates;
mod conformance;
mod faults;
mod html;
// Its servers have the address 127.0.0.2, which only Linux has.
#[cfg(target_os = "linux")]
mod intercept;
mod load;
mod mcp;
mod mistakes;
mod openapi;
mod overload;
mod page;
mod pages;
mod program;
mod proxy;
mod questions;
#[path = "../../../multi-auth-store/tests/redis/server.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod redis_server;
mod scale;
mod sending;
mod servers;
mod signed;
#[cfg(target_os = "linux")]
mod terminal;
mod tour;
mod verdicts;
