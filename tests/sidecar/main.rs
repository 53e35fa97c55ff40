//! The proxy for programs in any language, with a real client before it and a real server behind
//! it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may"
)]

mod admin;
mod admission;
mod attacks;
mod audit;
mod credentials;
mod echo;
mod events;
mod framing;
mod grpc;
mod intercept;
mod limits;
mod mapping;
mod outage;
mod reload;
mod rig;
mod routes;
mod streaming;
mod tunnels;
mod upgrade;
