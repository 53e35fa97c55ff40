//! Simulators of vendors' APIs for tests: real HTTP servers on loopback.
//!
//! | server | what it simulates |
//! |---|---|
//! | [`AlphamoonSimulator`] | Alphamoon Workspace: `Authorization: Basic base64(user:pass)` |
//! | [`ImmutaSimulator`] | Immuta: a raw API key, or a token that it obtains |
//! | [`ScriptedServer`] | anything else: it sends the responses that a test prepares |
//!
//! Each of them dereferences to a [`LoopbackServer`], which records requests, serves HTTPS and
//! injects a [`Fault`]. A [`Canary`] is a secret that finds itself in logs, errors and requests.
//!
//! ```
//! use http::StatusCode;
//! use multi_auth_testing::{Fault, ImmutaSimulator};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let immuta = ImmutaSimulator::start().await?;
//! immuta.inject(Fault::status(StatusCode::SERVICE_UNAVAILABLE).times(1).on("/audit"));
//!
//! let audit = || {
//!     reqwest::Client::new()
//!         .get(format!("{}/audit", immuta.url()))
//!         .header("authorization", immuta.api_key())
//!         .send()
//! };
//! assert_eq!(audit().await?.status(), 503);
//! assert_eq!(audit().await?.status(), 200);
//!
//! let requests = immuta.requests();
//! assert_eq!(requests.len(), 2);
//! assert_eq!(requests[0].header("authorization"), Some(immuta.api_key()));
//! # Ok(())
//! # }
//! ```
//!
//! # Caveats
//!
//! - Keys, tokens and recorded headers are plain text, and `Debug` prints them. Never give a
//!   simulator a real key.
//! - A server keeps the newest [`MAX_RECORDED`] requests, and [`MAX_RECORDED_BYTES`] of them at
//!   most. [`LoopbackServer::request_count`] counts all of them. A request with a larger body gets
//!   no response.
//! - A server listens on loopback addresses only, on the tokio runtime that started it, and stops
//!   when it is dropped.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
pub use error::SimulatorError;

mod alphamoon;
pub use alphamoon::{AlphamoonBuilder, AlphamoonKey, AlphamoonSimulator};

mod immuta;
pub use immuta::{ImmutaBuilder, ImmutaSimulator};

mod scripted;
pub use scripted::{ScriptedBuilder, ScriptedServer};

mod server;
pub use server::LoopbackServer;

mod recorded;
pub use recorded::{MAX_RECORDED, MAX_RECORDED_BYTES, RecordedRequest};

mod fault;
pub use fault::Fault;

mod gate;
pub use gate::RequestGate;

mod scripted_response;
pub use scripted_response::ScriptedResponse;

mod canary;
pub use canary::{Canary, Leak};

mod identifier;
mod lock;

#[cfg(test)]
mod curl;
