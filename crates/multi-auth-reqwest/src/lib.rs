//! Puts the credentials of a [`multi_auth::Keyring`] on the requests of reqwest.
//!
//! ```
//! use multi_auth::{Alphamoon, AuthError, Immuta, Keyring};
//! use multi_auth_reqwest::{ReqwestTransport, guarded_client};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let alphamoon = Alphamoon::default();
//! let immuta = Immuta::new("https://your-immuta-url.immuta.com")?;
//! let transport = ReqwestTransport::new()?;
//!
//! let keyring = Keyring::builder()
//!     .bind(alphamoon.protection_space(), alphamoon.organization_key("h12shadjada:13ehjhj1b3j")?)?
//!     .bind(immuta.protection_space(), immuta.bearer("846e9e43c86a4ct1be14290d95127d13f", transport)?)?
//!     .build();
//! let client = guarded_client(keyring).build()?;
//!
//! let processes = client.get("https://workspace.alphamoon.ai/api/v0.3/processes").send().await?;
//! let audit = client.get("https://your-immuta-url.immuta.com/audit").send().await;
//! if let Err(error) = &audit {
//!     if let Some(error) = AuthError::find(error) {
//!         eprintln!("no credential: {error}");
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Which client is guarded
//!
//! [`guarded_client`] follows redirects itself and asks the keyring at every hop, so a credential
//! reaches no origin it is not bound to, in whichever header, query parameter or cookie it goes.
//!
//! [`AuthMiddleware`] on a client of your own is as safe as that client's redirect policy: reqwest
//! follows redirects below all middleware, and on the way to another host it removes
//! `Authorization` and cookies, but no other header. Build such a client with
//! `redirect(Policy::none())` and `referer(false)`, or take the guarded one.
//!
//! Requests to loopback and link-local addresses use no proxy. A client of your own, also one that
//! you give to [`GuardedClientBuilder::with_client`], sends them through the proxy that
//! `HTTP_PROXY` names, unless `NO_PROXY` or `ClientBuilder::no_proxy` says otherwise: the proxy
//! then sees the credentials of plain http.
//!
//! # One request at a time
//!
//! A request names its [`Account`](multi_auth::Account), or opts out, through its extensions:
//!
//! ```
//! # use multi_auth::{Account, Anonymous};
//! # fn send(client: reqwest_middleware::ClientWithMiddleware) {
//! client.get("https://api.example.com/v1").with_extension(Account::new("north"));
//! client.get("https://api.example.com/login").with_extension(Anonymous);
//! # }
//! ```
//!
//! `client.execute(request)` starts from no extensions, and a `reqwest::Request` made from an
//! `http::Request` has lost its own: there, use `execute_with_extensions`.
//!
//! What became of a refused credential is among the response's extensions, as an
//! [`Outcome`](multi_auth::Outcome).
//!
//! # Features
//!
//! | feature | default | turns on |
//! |---|---|---|
//! | `charset`, `http2`, `system-proxy` | yes | the feature of reqwest with the same name |
//! | `rustls` | yes | TLS by rustls, with the certificates of the system |
//! | `native-tls` | no | TLS by the system's library |
//! | `form`, `json`, `multipart`, `query` | no | the request builder's method with the same name |

#![cfg_attr(docsrs, feature(doc_cfg))]

pub use reqwest;
pub use reqwest_middleware;

mod guarded;
pub use guarded::{GuardedClientBuilder, guarded_client};

mod middleware;
pub use middleware::AuthMiddleware;

mod redirect;
pub use redirect::TooManyRedirects;

mod transport;
pub use transport::ReqwestTransport;

mod client;
mod default_headers;
mod direct;
mod failed;
mod json_body;
mod own_clients;
mod redacted;
mod request;
mod saved;
