//! Puts the right credential on every outgoing HTTP request, keeps it fresh, and sends it to no
//! other origin.
//!
//! This crate is the core. An [`Authenticator`] chooses the [`Credential`] of a request, a
//! [`Keyring`] binds each credential to the origin that it may reach, and [`adapter`] decides when
//! a request is replayed. The core opens no socket: the crates `multi-auth-reqwest` and
//! `multi-auth-tower` connect it to an HTTP client.
//!
//! ```
//! use multi_auth::{ApiKey, Basic, Keyring, RequestHead};
//!
//! # fn main() -> Result<(), multi_auth::AuthError> {
//! let keyring = Keyring::builder()
//!     .bind("https://workspace.alphamoon.ai", Basic::new("user", "password123")?)?
//!     .bind("https://api.example.com/v1", ApiKey::header("x-api-key", "k-123")?)?
//!     .build();
//!
//! let (mut parts, ()) = http::Request::get("https://workspace.alphamoon.ai/api/v0.3/processes")
//!     .body(())
//!     .expect("a valid request")
//!     .into_parts();
//! let credential = keyring.ready(&RequestHead::from_parts(&parts)).expect("a fixed key is always ready")?;
//! credential.attach(&mut parts)?;
//!
//! assert_eq!(parts.headers["authorization"], "Basic dXNlcjpwYXNzd29yZDEyMw==");
//! # Ok(())
//! # }
//! ```
//!
//! # What is where
//!
//! | you want | look at |
//! |---|---|
//! | bind a credential to an origin | [`Keyring`], [`ProtectionSpace`], [`Account`] |
//! | a scheme | [`Basic`], [`ApiKey`], [`Bearer`], [`AllOf`] |
//! | replace a key while requests use it | [`Rotating`] |
//! | a vendor's own rules | [`Alphamoon`], [`Immuta`] |
//! | tokens from an endpoint | [`TokenEndpoint`], [`TokenSource`] |
//! | a base URL that the token response names | [`BearerWithBaseUrl`] |
//! | OAuth 2.0 | [`oauth`] |
//! | a scheme of your own | [`Authenticator`] |
//! | an adapter of your own | [`adapter`], [`Transport`] |
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `metrics` | no | counters, gauges and histograms through the crate `metrics` |
//!
//! Install a recorder of the crate `metrics` before you build a keyring: the keyring uses the
//! recorder that is installed when it is built.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod authenticator;
pub use authenticator::{Authenticator, BodyNeed};

mod verdict;
pub use verdict::{Rejection, ReplayReasons, Verdict};

mod challenge;
pub use challenge::Challenge;

mod credential;
pub use credential::{Credential, CredentialId, Generation, Placement, QueryKeys};

mod keyring;
pub use keyring::{
    Account, Anonymous, Binding, ForeignHop, Keyring, KeyringBuilder, ProtectionSpace,
};

mod scheme;
pub use scheme::{
    AllOf, ApiKey, BaseUrls, Basic, Bearer, BearerBuilder, BearerWithBaseUrl, OnExpired, Rotating,
    Rotation, Sequence,
};

mod vendor;
pub use vendor::{Alphamoon, Immuta};

mod token;
pub use token::{
    ConstantHeaders, CurrentToken, Token, TokenEndpoint, TokenEndpointBuilder, TokenInvalidator,
    TokenRequestBody, TokenSource, USER_AGENT, source_fn,
};

pub mod oauth;

pub mod adapter;
pub use adapter::{
    BodyView, NotReplayed, Outcome, RequestHead, ResponseHead, Transport, TransportError,
    transport_fn,
};

mod telemetry;
pub use telemetry::{LastRefresh, Provenance, Reason, TokenEvent, TokenSnapshot, TokenState};

mod error;
pub use error::{
    AuthError, BindingProblem, InputProblem, OAuthErrorKind, RedirectTarget, SecretProblem,
    TokenRequestProblem, UrlProblem,
};

/// A secret in memory that is wiped when dropped; every constructor takes text as well.
pub use secrecy::SecretString;

mod clock;
pub use clock::{Clock, SystemClock};

mod checked_url;
mod json;
mod secret;
