//! Why Vault does not give a secret.

use http::StatusCode;
use multi_auth::{SecretProblem, UrlProblem};

use crate::{SourceError, SourceProblem};

/// Why Vault does not give a secret. Nothing that it says is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultProblem {
    /// Its address cannot be one.
    #[error("{0}")]
    Url(UrlProblem),
    /// The place of a secret is not written `mount/path#field`.
    #[error("is not written as mount/path#field: write it as in secret/vendors/reports#api_key")]
    Location,
    /// A namespace or mount is no path, or nothing is looked for below it.
    #[error(
        "is no path that fits: write it with names and single slashes, as in team/reports; a secret's place begins with its \
         mount"
    )]
    Path,
    /// Its token cannot be sent.
    #[error("cannot be had, for Vault's token {0}")]
    Token(SecretProblem),
    /// It refuses the token, or the token's policies do not allow the path (403).
    #[error(
        "is refused (403): renew Vault's token if it has ended, or give it a policy with the capability `read` on {path}"
    )]
    #[non_exhaustive]
    Forbidden {
        /// The path that a policy must name, as in `secret/data/vendors/reports`.
        path: String,
    },
    /// There is no such secret (404).
    #[error(
        "is not there (404): correct mount and path, which is written without `data/`, or the namespace; and see that the \
         mount is of KV version 2, which `vault secrets list -detailed` tells"
    )]
    NotFound,
    /// The newest version of the secret has been deleted.
    #[error(
        "has been deleted: write a new version, or take it back with `vault kv undelete` unless it was destroyed"
    )]
    Deleted,
    /// The secret has no such field.
    #[error("is not among the fields of that secret: correct the name after `#`, or add the field")]
    NoField,
    /// The field holds something else than text.
    #[error("is not text: store the key as text, as in `vault kv patch secret/reports api_key=-`")]
    NotText,
    /// The answer is not one of KV version 2.
    #[error(
        "cannot be had, for the mount does not answer as one of KV version 2: upgrade it with `vault kv enable-versioning`, \
         or name another"
    )]
    NotVersion2,
    /// Vault is sealed, or down for maintenance (503).
    #[error("cannot be had, for Vault is sealed or down for maintenance (503): unseal it")]
    Sealed,
    /// Vault's quota of requests is used up (429).
    #[error(
        "cannot be had, for Vault limits the rate of requests (429): try later, or raise its quota"
    )]
    RateLimited,
    /// Vault answers with a redirect, which is never followed.
    #[error(
        "cannot be had, for Vault answered with a redirect ({0}), which is not followed: see where it leads with `curl -i`; \
         a standby node sends to the active one, whose address belongs here"
    )]
    Redirect(StatusCode),
    /// Vault answers with another status that is no success.
    #[error("cannot be had, for Vault answered with status {0}: its log says why")]
    Status(StatusCode),
    /// The answer is a web page.
    #[error("cannot be had, for the answer is a web page, not JSON: check Vault's address")]
    Html,
    /// The answer cannot be read.
    #[error("cannot be had, for the answer is not JSON: check Vault's address")]
    NotJson,
    /// The answer is larger than 1 MiB.
    #[error(
        "cannot be had, for the answer is larger than 1 MiB: check Vault's address, or keep the key in a smaller secret"
    )]
    TooLarge,
    /// No answer came within the transport's time limit.
    #[error(
        "cannot be had, for Vault gave no answer in time: check its address, and the way there"
    )]
    Timeout,
    /// No connection could be made, or it broke. The error's source says more.
    #[error(
        "cannot be had, for the connection to Vault failed: check its address, its certificate, and the way there"
    )]
    Connection,
}

impl VaultProblem {
    /// The error that `what` has this problem.
    pub(super) fn of(self, what: impl Into<String>) -> SourceError {
        SourceError::new(what, SourceProblem::Vault(self))
    }
}
