//! OAuth 2.0 (RFC 6749): the grants that a client presents for a token, and how the client
//! authenticates.
//!
//! `POST <token endpoint>`: `grant_type=client_credentials&scope=orders.read`
//!
//! ```
//! use multi_auth::oauth::{Client, Grant};
//! use multi_auth::{Bearer, TokenEndpoint, Transport};
//!
//! # fn main() {}
//! # fn orders(transport: impl Transport + 'static) -> Result<Bearer, multi_auth::AuthError> {
//! let client = Client::secret_basic("my-app", "s3cret")?;
//! let grant = Grant::client_credentials().with_scopes(["orders.read", "orders.write"]);
//! let endpoint = TokenEndpoint::builder("https://login.example.com/oauth2/token", transport)?
//!     .grant(grant, client)
//!     .build();
//! let bearer = Bearer::new(endpoint);
//! # Ok(bearer)
//! # }
//! ```
//!
//! | grant | source | constructor |
//! |---|---|---|
//! | client credentials | RFC 6749, 4.4 | [`Grant::client_credentials`] |
//! | refresh token | RFC 6749, 6 | [`Grant::refresh_token`] |
//! | authorization code with PKCE | RFC 6749, 4.1; RFC 7636 | [`Grant::authorization_code`] |
//! | device code | RFC 8628 | [`Grant::device_code`] |
//! | JWT bearer | RFC 7523, 2.1 | [`Grant::jwt_bearer`] |
//! | token exchange | RFC 8693 | [`Grant::token_exchange`] |
//! | any other | a vendor's page | [`Grant::custom`] |
//!
//! A [`Grant`] describes what the client requests, and a [`Client`] how it authenticates. The
//! [`TokenEndpoint`](crate::TokenEndpoint) builds a request from both for each attempt.

mod client;
pub use client::Client;
mod device;
pub use device::DeviceAuthorization;
mod discovery;
pub use discovery::Discovery;
mod encoding;
pub use encoding::Encoding;
mod grant;
pub use grant::Grant;
mod metadata;
pub use metadata::Metadata;
mod parameter;
mod refresh_tokens;
mod revocation;
pub use revocation::revoke;
mod rotation;
pub use refresh_tokens::{InMemory, RefreshTokenStore};

pub(crate) use parameter::{Pairs, Parameter};
pub(crate) use rotation::Rotation;
