//! Why no binding of a keyring serves a request.

use std::borrow::Cow;

/// Why no binding of a keyring serves a request.
///
/// ```
/// use multi_auth::{AuthError, BindingProblem, Keyring, RequestHead};
///
/// let keyring = Keyring::builder().refuse_unbound().build();
/// let (parts, ()) = http::Request::get("https://api.example.com").body(())?.into_parts();
/// let refused = keyring.ready(&RequestHead::from_parts(&parts));
/// assert!(matches!(
///     refused,
///     Some(Err(AuthError::Unbound { problem: BindingProblem::NoBinding, .. }))
/// ));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BindingProblem {
    /// No credential is bound to the request's origin, and the keyring refuses such requests.
    NoBinding,
    /// The request names an account that has no binding at its origin.
    #[non_exhaustive]
    UnknownAccount {
        /// The account that the request names.
        account: String,
    },
    /// The request names no account, and each binding of its origin has one.
    AccountRequired,
    /// Servers resolve the request's path in different ways, so it is unclear whether a bound path
    /// prefix covers it. The path `/v1/..;/x` is below `/v1` for some servers and not for others.
    AmbiguousPath,
    /// The request has no origin, and its target may lead to another origin than the default one:
    /// `//other.example/x`.
    ForeignTarget,
    /// The binding covers several hosts, and its token is valid at another one: the one that the
    /// vendor's token response names.
    OtherBaseUrl,
}

impl BindingProblem {
    /// What is wrong with a request to `origin`.
    pub(super) fn fact(&self, origin: &str) -> Cow<'static, str> {
        match self {
            Self::NoBinding => format!("no credential is bound to {origin}"),
            Self::UnknownAccount { account } => {
                format!("no credential is bound to {origin} for the account {account:?}")
            }
            Self::AccountRequired => format!("{origin} has credentials for named accounts only"),
            Self::AmbiguousPath => format!(
                "servers resolve the request's path in different ways, so it is unclear whether a path prefix bound at {origin} covers it"
            ),
            Self::OtherBaseUrl => {
                format!("the vendor's token response names another base URL than {origin}")
            }
            Self::ForeignTarget => {
                format!("the request's target may lead to another origin than {origin}")
            }
        }
        .into()
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NoBinding => {
                "bind one, or add `Anonymous` to the request to send it without a credential"
            }
            Self::UnknownAccount { .. } => "bind one for this account",
            Self::AccountRequired => {
                "add an `Account` to the request's extensions, or `Anonymous` to send it without a credential"
            }
            Self::AmbiguousPath => {
                "send the path without dot segments and special characters, or add `Anonymous` to the request to send it without a credential"
            }
            Self::OtherBaseUrl => {
                "build the request's URL from `Keyring::base_url`, which may change with the token, or add `Anonymous` to the request to send it without a credential"
            }
            Self::ForeignTarget => {
                "start the target with one slash and a path segment, or add `Anonymous` to the request to send it without a credential"
            }
        }
    }
}
