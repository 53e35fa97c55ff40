//! Why Vault returns no secret.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use http::StatusCode;
use multi_auth::{SecretProblem, UrlProblem};

use crate::{SourceError, SourceProblem};

/// Why Vault returns no secret. It never repeats a response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VaultProblem {
    /// Its address is invalid.
    Url(UrlProblem),
    /// The path of a secret is not written `mount/path#field`.
    Location,
    /// A namespace or mount is not a path, or the path below it is empty.
    Path,
    /// Vault's token cannot be sent as a header value.
    Token(SecretProblem),
    /// It refuses the token, or the token's policies do not allow the path (403).
    #[non_exhaustive]
    Forbidden {
        /// The path that a policy must name, as in `secret/data/vendors/reports`. Parts that may be
        /// a key are left out.
        path: String,
    },
    /// The secret was not found (404).
    NotFound,
    /// The newest version of the secret has been deleted.
    Deleted,
    /// The secret has no such field.
    NoField,
    /// The field is not text.
    NotText,
    /// The mount is not KV version 2.
    NotVersion2,
    /// Vault is sealed, or down for maintenance (503).
    Sealed,
    /// Vault's quota of requests is used up (429).
    RateLimited,
    /// Vault sent a redirect, which is never followed.
    Redirect(StatusCode),
    /// Vault responded with another status.
    Status(StatusCode),
    /// The response is a web page.
    Html,
    /// The response is not JSON.
    NotJson,
    /// The response is larger than 1 MiB.
    TooLarge,
    /// No response came within the transport's time limit.
    Timeout,
    /// The connection failed. The error's source says why.
    Connection,
}

impl VaultProblem {
    /// The error that `what` has this problem.
    pub(super) fn of(self, what: impl Into<String>) -> SourceError {
        SourceError::new(what, SourceProblem::Vault(self))
    }

    /// What is wrong; it reads on from the name of the secret.
    #[must_use]
    pub fn fact(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Url(problem) => problem.fact(),
            Self::Location => "is not written as mount/path#field",
            Self::Path => "is not a valid path",
            Self::Token(problem) => {
                return format!("cannot be read because Vault's token {}", problem.fact()).into();
            }
            Self::Forbidden { .. } => "is refused (403)",
            Self::NotFound => "was not found (404)",
            Self::Deleted => "has been deleted",
            Self::NoField => "is not among the fields of that secret",
            Self::NotText => "is not text",
            Self::NotVersion2 => "cannot be read because the mount is not KV version 2",
            Self::Sealed => "cannot be read because Vault is sealed or down for maintenance (503)",
            Self::RateLimited => "cannot be read because Vault limits the rate of requests (429)",
            Self::Redirect(status) => {
                return format!(
                    "cannot be read because Vault sent a redirect ({status}), which is not followed"
                )
                .into();
            }
            Self::Status(status) => {
                return format!("cannot be read because Vault responded with status {status}")
                    .into();
            }
            Self::Html => "cannot be read because the response is a web page, not JSON",
            Self::NotJson => "cannot be read because the response is not JSON",
            Self::TooLarge => "cannot be read because the response is larger than 1 MiB",
            Self::Timeout => "cannot be read because Vault did not respond in time",
            Self::Connection => "cannot be read because the connection to Vault failed",
        })
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Url(problem) => problem.remedy(),
            Self::Location => "write it as in secret/vendors/reports#api_key",
            Self::Path => {
                "write names with single slashes, as in team/reports; a secret's path begins with its mount"
            }
            Self::Token(problem) => problem.remedy(),
            Self::Forbidden { path } => {
                return format!(
                    "renew Vault's token if it has expired, or give it the capability `read` on {path}"
                )
                .into();
            }
            Self::NotFound => {
                "correct the mount, the path (without `data/`) or the namespace, and check with \
                 `vault secrets list -detailed` that the mount is KV version 2"
            }
            Self::Deleted => "write a new version, or restore it with `vault kv undelete`",
            Self::NoField => "correct the name after `#`, or add the field",
            Self::NotText => {
                "store the key as text, as in `vault kv patch secret/reports api_key=-`"
            }
            Self::NotVersion2 => "upgrade it with `vault kv enable-versioning`, or name another",
            Self::Sealed => "unseal it",
            Self::RateLimited => "try later, or raise its quota",
            Self::Redirect(_) => {
                "check the target with `curl -i`; if this is a standby node, write the address of the active one"
            }
            Self::Status(_) => "read Vault's log",
            Self::Html | Self::NotJson => "check Vault's address",
            Self::TooLarge => "check Vault's address, or keep the key in a smaller secret",
            Self::Timeout => "check its address and the network",
            Self::Connection => "check its address, its certificate and the network",
        })
    }
}

impl fmt::Display for VaultProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.fact(), self.remedy())
    }
}

impl Error for VaultProblem {}
