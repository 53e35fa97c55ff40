//! A proxy that puts the credentials of a multi-auth configuration on the requests of programs in
//! any language.
//!
//! A program calls `http://127.0.0.1:8780/VENDOR/path` with its own token in the place of the
//! vendor's key. The proxy sends the request to the vendor with the vendor's credential. It keeps
//! the credential fresh, and sends it to that vendor only.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use multi_auth_config::Config;
//! use multi_auth_proxy::{Listener, Proxy};
//!
//! # async fn run(transport: impl multi_auth::Transport + 'static) -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::read("multi-auth.toml")?;
//! let settings = config.proxy().cloned().unwrap_or_default();
//! let proxy = Proxy::builder(transport)
//!     .audit(std::io::stdout())?
//!     .build(&config, &settings)
//!     .await?;
//! let listener = Listener::bind(&settings.listen()[0])?;
//! proxy.serve(listener, std::future::pending(), Duration::from_secs(30)).await;
//! # Ok(())
//! # }
//! ```
//!
//! # What it guarantees
//!
//! - What a caller sends in the place of a credential is removed. Its token, in a field, in the
//!   query or in a trailer, goes to no vendor.
//! - A request goes to the vendor that its URL names, and only if a rule of the caller allows it.
//! - The vendor's name must resolve to a public address, unless the settings name the host.
//! - A response that holds the credential of its request is delivered with asterisks in its place,
//!   unless the body has a content coding.
//!
//! It protects keys from programs that send requests through it. It cannot protect them from a
//! program that can read its memory, its files or its configuration.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod proxy;
pub use proxy::{Proxy, ProxyBuilder};

mod listener;
pub use listener::Listener;

mod admin;
pub use admin::Admin;

mod authority;
pub use authority::CertificateAuthority;

mod address;
mod audit;
mod base_url;
mod body;
mod caller;
mod connection;
mod destination;
mod failure;
mod forward;
mod handle;
mod hop;
mod map_back;
mod problem;
mod progress;
mod protocol;
mod record;
mod replay;
mod response;
mod route;
mod scan;
mod serve;
mod state;
mod stats;
mod status;
mod stop;
mod stream;
mod telemetry;
mod tls;
pub use tls::CertificateError;
mod tunnel;
mod upgrade;
mod upstream;
mod usage;

use multi_auth_tower::BoxError;

/// The codes of all problems with which the proxy answers itself, for documentation and alerts.
pub fn problem_codes() -> impl Iterator<Item = &'static str> {
    problem::Kind::ALL.iter().map(|kind| kind.facts().code)
}
