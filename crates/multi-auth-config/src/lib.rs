//! Builds a [`Keyring`](multi_auth::Keyring) from a TOML file.
//!
//! ```toml
//! # multi-auth.toml
//! [vendors.alphamoon]
//! preset = "alphamoon"
//! key = { env = "ALPHAMOON_KEY" }
//! expires_at = 2027-03-01
//!
//! [vendors.warehouse]
//! preset = "immuta"
//! url = "https://your-immuta-url.immuta.com"
//! key = { file = "/run/secrets/immuta" }
//!
//! [vendors.reports]
//! url = "https://api.example.com/v1"
//! scheme = "header"
//! name = "x-api-key"
//! key = { command = ["pass", "show", "reports"] }
//! ```
//!
//! ```no_run
//! # async fn run(transport: impl multi_auth::Transport + 'static) -> Result<(), multi_auth_config::ConfigError> {
//! let keyring = multi_auth_config::Config::read("multi-auth.toml")?.keyring(transport).await?;
//! # Ok(())
//! # }
//! ```
//!
//! The file holds no secrets: it says where each one comes from. An error names the line and field,
//! and what to write instead.
//!
//! | `key = ` | what is read |
//! |---|---|
//! | `{ env = "VENDOR_KEY" }` | an environment variable: [`EnvSource`] |
//! | `{ file = "/run/secrets/vendor" }` | a file that other users cannot read: [`FileSource`] |
//! | `{ command = ["pass", "show", "vendor"] }` | the output of a command: [`CommandSource`] |
//! | `{ os_keyring = { service = "multi-auth", user = "vendor" } }` | the system's keyring: `OsKeyringSource`, with the feature `os-keyring` (on by default) |
//! | `{ vault = "secret/vendor#api_key" }` | a field of a secret in HashiCorp Vault, whose address is in the table `vault`: [`VaultSource`] |
//! | `{ own = "name" }` | a source of your program, given to [`Config::with_source`]: [`SecretSource`] |
//!
//! # Environment overrides
//!
//! `MULTI_AUTH__WAREHOUSE__URL=https://...` overrides `url` of `[vendors.warehouse]`. Names are
//! converted to lower case. A variable can set any string field of a vendor, except secrets.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `catalogue` | yes | the vendors of `multi-auth-catalogue`, as presets |
//! | `os-keyring` | yes | secrets from the keyring of the operating system |
//! | `redis` | no | a token store on a Redis server |
//! | `md5` | no | Digest with MD5, for entries that set `dangerous_md5`. MD5 is weak |
//! | `metrics` | no | gauges for the expiries of keys and for failing sources, and the metrics of `multi-auth` |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod config;
pub use config::Config;

mod catalogue;
pub use catalogue::{Catalogue, Input, Variable, VendorDefinition};

pub mod proxy;

mod live;
pub use live::LiveKeyring;

mod vendor;
pub use vendor::{Login, LoginEndpoints, Refusal, Vendor, VendorCredential};

mod condition;

mod advice;
pub use advice::Advice;

mod error;
pub use error::{ConfigError, ConfigLocation, ConfigProblem};

mod source;
#[cfg(feature = "os-keyring")]
pub use source::OsKeyringSource;
pub use source::{
    CommandSource, EnvSource, FileSource, SecretSource, SourceError, SourceProblem, VaultProblem,
    VaultSource,
};

mod schema;
pub use schema::{schema, vendor_schema};

mod document;
mod environment;
mod expiry;
mod file;
mod metrics;
mod placeholder;
mod reading;
mod scheme;
mod store;
mod template;
mod toml_table;
