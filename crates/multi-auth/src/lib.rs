//! Puts the right credential on every outgoing HTTP request to any of many vendors, keeps it
//! fresh, and lets it reach nobody else.
//!
//! This crate is the abstraction: an [`Authenticator`] says which [`Credential`] a request gets, a
//! [`Keyring`] says which origin each credential may reach, and a [`Flow`] says what a vendor's
//! refusal means. It opens no socket and knows no HTTP client. The crates `multi-auth-reqwest` and
//! `multi-auth-tower` carry its decisions out.
//!
//! ```
//! use multi_auth::{ApiKey, Authenticator, Basic, Keyring, RequestHead};
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
//! let credential = keyring.ready(&RequestHead::from_parts(&parts)).expect("a key is at hand")?;
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
//! | bind a credential to an origin | [`Keyring`], [`Scope`], [`Account`] |
//! | a scheme | [`Basic`], [`ApiKey`], [`Bearer`], [`Chain`] |
//! | replace a key while requests use it | [`Rotating`] |
//! | a vendor's own rules | [`Alphamoon`], [`Immuta`] |
//! | tokens from an endpoint | [`TokenExchange`], [`TokenSource`] |
//! | a scheme of your own | [`Authenticator`] |
//! | an adapter of your own | [`Flow`], [`Outgoing`], [`Transport`] |
//!
//! # Metrics
//!
//! With the feature `metrics`, what happens is counted and timed through the crate `metrics`, a facade.
//! Install its recorder before keyrings are built: each holds handles of the one that is installed then.

mod authenticator;
pub use authenticator::Authenticator;

mod request;
pub use request::{BodyView, RequestHead, ResponseHead};

mod challenge;
pub use challenge::Challenge;

mod credential;
pub use credential::{Credential, Outgoing, QueryKeys};

mod lease;
pub use lease::{Generation, Lease};

mod verdict;
pub use verdict::{Rejection, Verdict};

mod error;
pub use error::{
    AuthError, ExchangeProblem, OAuthErrorKind, RedirectTarget, SecretProblem, UrlProblem,
};

mod keyring;
pub use keyring::{Account, Anonymous, ForeignHop, Keyring, KeyringBuilder, Scope};

mod placement;
pub use placement::Placement;

mod scheme;
pub use scheme::{ApiKey, Basic, Bearer, BearerBuilder, Chain, OnExpired, Rotating, Rotation};

mod vendor;
pub use vendor::{Alphamoon, Immuta};

mod token;
pub use token::{Token, TokenSource, source_fn};

mod exchange;
pub use exchange::{TokenExchange, TokenExchangeBuilder};

mod event;
pub use event::{Provenance, Reason, TokenEvent};

mod snapshot;
pub use snapshot::{LastExchange, TokenSnapshot, TokenState};

/// A secret in memory that is wiped when dropped; every constructor takes text as well.
pub use secrecy::SecretString;

mod constant;
pub use constant::{ConstantHeaders, USER_AGENT};

mod transport;
pub use transport::{AnswerBuffer, MAX_ANSWER_BYTES, Transport, TransportError};

mod flow;
pub use flow::{Flow, Next, NotReplayed, Outcome, Renewal};

mod clock;
pub use clock::{Clock, SystemClock};

mod endpoint;
mod engine;
mod label;
mod metrics;
mod percent;
mod secret;
