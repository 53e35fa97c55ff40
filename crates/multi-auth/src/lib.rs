//! Puts the right credential on every outgoing HTTP request to any of many vendors, keeps it
//! fresh, and lets it reach nobody else.
//!
//! This crate is the abstraction: an [`Authenticator`] says which [`Credential`] a request gets, a
//! [`Keyring`] says which origin each credential may reach, and a [`RequestAuth`] says what a vendor's
//! refusal means. It opens no socket and knows no HTTP client. The crates `multi-auth-reqwest` and
//! `multi-auth-tower` carry its decisions out.
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
//! | bind a credential to an origin | [`Keyring`], [`ProtectionSpace`], [`Account`] |
//! | a scheme | [`Basic`], [`ApiKey`], [`Bearer`], [`AllOf`] |
//! | replace a key while requests use it | [`Rotating`] |
//! | a vendor's own rules | [`Alphamoon`], [`Immuta`] |
//! | tokens from an endpoint | [`TokenEndpoint`], [`TokenSource`] |
//! | a scheme of your own | [`Authenticator`] |
//! | an adapter of your own | [`RequestAuth`], [`Outgoing`], [`Transport`] |
//!
//! # Metrics
//!
//! With the feature `metrics`, what happens is counted and timed through the crate `metrics`, a facade.
//! Install its recorder before keyrings are built: each holds handles of the one that is installed then.

mod authenticator;
pub use authenticator::Authenticator;

mod verdict;
pub use verdict::{Rejection, Verdict};

mod challenge;
pub use challenge::Challenge;

mod credential;
pub use credential::{Credential, CredentialId, Generation, Placement, QueryKeys};

mod keyring;
pub use keyring::{Account, Anonymous, ForeignHop, Keyring, KeyringBuilder, ProtectionSpace};

mod scheme;
pub use scheme::{AllOf, ApiKey, Basic, Bearer, BearerBuilder, OnExpired, Rotating, Rotation};

mod vendor;
pub use vendor::{Alphamoon, Immuta};

mod token;
pub use token::{
    ConstantHeaders, Token, TokenEndpoint, TokenEndpointBuilder, TokenSource, USER_AGENT, source_fn,
};

mod adapter;
pub use adapter::{
    AfterRefresh, AnswerBuffer, BodyView, MAX_ANSWER_BYTES, Next, NotReplayed, Outcome, Outgoing,
    RequestAuth, RequestHead, ResponseHead, Transport, TransportError,
};

mod telemetry;
pub use telemetry::{LastRefresh, Provenance, Reason, TokenEvent, TokenSnapshot, TokenState};

mod error;
pub use error::{
    AuthError, OAuthErrorKind, RedirectTarget, SecretProblem, TokenRequestProblem, UrlProblem,
};

/// A secret in memory that is wiped when dropped; every constructor takes text as well.
pub use secrecy::SecretString;

mod clock;
pub use clock::{Clock, SystemClock};

mod checked_url;
mod secret;
