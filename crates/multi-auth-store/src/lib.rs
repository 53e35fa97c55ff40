//! Stores of OAuth tokens for [`multi_auth`], shared by processes.
//!
//! A server may return a new refresh token with each access token, and revoke the old one
//! (RFC 9700, 4.14.2). A program that loses it, or two processes that present the same one, must
//! log in again. A [`StoredAccount`] prevents both:
//!
//! ```
//! use multi_auth::oauth::{Client, Grant};
//! use multi_auth::{AuthError, Bearer, TokenEndpoint, Transport};
//! use multi_auth_store::{FileStore, SealingKey, StoreKey, StoredAccount};
//!
//! # fn main() {}
//! # fn bearer(key: SealingKey, transport: impl Transport + 'static) -> Result<Bearer, AuthError> {
//! let store = FileStore::open("/var/lib/my-app/tokens", key)?;
//! let account = StoredAccount::new(store, StoreKey::new("example", "ada")?);
//! let endpoint = TokenEndpoint::builder("https://login.example.com/oauth2/token", transport)?;
//! let client = Client::public("my-app")?;
//! let source = account.refreshing(|refresh_tokens| {
//!     endpoint.grant(Grant::refresh_token(refresh_tokens), client).build()
//! });
//! let bearer = Bearer::new(source);
//! # Ok(bearer)
//! # }
//! ```
//!
//! | you want | look at |
//! |---|---|
//! | a refresh token that survives a restart, and one refresh for all processes | [`StoredAccount::refreshing`] |
//! | access tokens of any source for all processes | [`StoredAccount::sharing`] |
//! | sealed files | [`FileStore`], [`SealingKey`] |
//! | a Redis server, shared by several machines | `redis::RedisStore`, with the feature `redis` |
//! | the keyring of the operating system | `OsKeyringStore`, with the feature `os-keyring` |
//! | to write a store | [`TokenStore`] |
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `redis` | no | `redis::RedisStore` |
//! | `metrics` | no | counters and histograms through the crate `metrics` |
//! | `os-keyring` | no | `OsKeyringStore` |
//!
//! # What cannot be prevented
//!
//! A process that is killed after the server has replaced the refresh token, and before the
//! response has arrived, never knew the new one. The store then holds the old one. A server that
//! accepts it once more, as RFC 9700 allows, continues; any other one requires a new login.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
pub use account::{RefreshTokens, StoredAccount, StoredSource};

mod blocking;

mod codec;

mod delays;

mod directory;

mod error;
pub use error::{StoreError, StoreProblem};

mod file;
pub use file::FileStore;

mod key;
pub use key::StoreKey;

mod local;

mod memory;
pub use memory::MemoryStore;

#[cfg(feature = "os-keyring")]
mod os_keyring;
#[cfg(feature = "os-keyring")]
#[cfg_attr(docsrs, doc(cfg(feature = "os-keyring")))]
pub use os_keyring::OsKeyringStore;

#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub mod redis;

mod refusals;
pub use refusals::{RefusalSender, Refusals};

mod seal;
pub use seal::SealingKey;

mod store;
pub use store::{Acquired, Lease, Leased, Published, Stored, TokenStore, Unreadable, Wanted};

mod telemetry;

mod tokens;
pub use tokens::StoredTokens;
