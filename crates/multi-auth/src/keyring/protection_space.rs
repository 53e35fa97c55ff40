//! The requests that a binding serves: scheme, host and port, optionally a path prefix and an
//! account.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use url::Url;

use super::Account;
use crate::AuthError;
use crate::checked_url::{self, PlainHttp};

/// The requests that get a credential: an origin, optionally a path prefix and an account (RFC
/// 9110, 11.5).
///
/// ```
/// use multi_auth::{Account, ProtectionSpace};
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let origin = ProtectionSpace::new("https://api.example.com")?;
/// let below = ProtectionSpace::new("https://api.example.com:8443/v1/reports")?;
/// let customer = ProtectionSpace::new("https://api.example.com")?.with_account(Account::new("north"));
/// # Ok(())
/// # }
/// ```
///
/// Origins compare by the URL standard: hosts regardless of case, international names by their
/// ASCII form, IPv6 addresses by value, and a missing port as the default port of the scheme. A
/// host with a trailing dot is another host.
///
/// A path prefix covers itself and the paths below it: `/v1` covers `/v1/reports`, but neither
/// `/v10` nor a path with `.` or `..` segments.
///
/// Two protection spaces are equal if they have the same origin, path prefix and account. A label
/// or a slash at the end of the path makes no difference.
#[derive(Clone)]
pub struct ProtectionSpace {
    url: Url,
    /// Whether it has all subdomains of the host too.
    has_subdomains: bool,
    account: Option<Account>,
    label: Option<Arc<str>>,
}

impl ProtectionSpace {
    /// The protection space of `url`: its origin, and its path as a prefix.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `url` is not absolute, is plain http to a host that is not a
    /// loopback address, or has a user, password, query or fragment.
    pub fn new(url: &str) -> Result<Self, AuthError> {
        Self::parse(url, PlainHttp::LoopbackOnly)
    }

    /// The protection space of `url`, which may be plain http to any host.
    ///
    /// Everyone on the network path can then read the credential and use it.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), plain http excepted.
    pub fn dangerous_plain_http(url: &str) -> Result<Self, AuthError> {
        Self::parse(url, PlainHttp::Anywhere)
    }

    /// Restricts the protection space to requests that name `account`.
    #[must_use]
    pub fn with_account(self, account: Account) -> Self {
        Self {
            account: Some(account),
            ..self
        }
    }

    /// Sets the label in metrics, a name without any secret. Default: the host, and the port if it
    /// is not the default of the scheme.
    ///
    /// A process keeps its first 256 labels. All others become `other`.
    #[must_use]
    pub fn with_label(self, label: impl Into<Arc<str>>) -> Self {
        Self {
            label: Some(label.into()),
            ..self
        }
    }

    /// Its label in metrics.
    pub(crate) fn label(&self) -> Cow<'_, str> {
        if let Some(label) = &self.label {
            return label.as_ref().into();
        }
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}").into(),
            None => host.into(),
        }
    }

    /// Returns the scheme, host and port, as a URL without a path. For a space with subdomains, the
    /// host is the domain that they share.
    #[must_use]
    pub fn origin(&self) -> Url {
        let mut origin = self.url.clone();
        origin.set_path("");
        origin
    }

    /// Whether `url` is at the scheme, host and port of this space, or at a subdomain if it has
    /// subdomains. The path does not count.
    ///
    /// ```
    /// use multi_auth::{BaseUrls, ProtectionSpace};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let url = "https://acme.vendor.example/v1".parse()?;
    /// assert!(!ProtectionSpace::new("https://vendor.example")?.covers_origin_of(&url));
    /// assert!(BaseUrls::at_domains(["https://vendor.example"])?.protection_spaces()[0].covers_origin_of(&url));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn covers_origin_of(&self, url: &Url) -> bool {
        let is_below = |host: &str, domain: &str| match host.strip_suffix(domain) {
            Some("") => true,
            Some(labels) => self.has_subdomains && labels.ends_with('.') && labels.len() > 1,
            None => false,
        };
        let hosts = url.host_str().zip(self.url.host_str());
        url.scheme() == self.url.scheme()
            && url.port() == self.url.port()
            && hosts.is_some_and(|(host, domain)| is_below(host, domain))
    }

    /// Returns the path prefix. `/` covers the whole origin.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// Returns the account, or `None` for requests that name no account.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    fn parse(url: &str, plain: PlainHttp) -> Result<Self, AuthError> {
        let url = checked_url::parse_base("protection space", url, plain)?;
        Ok(Self::of(url, None))
    }

    /// The protection space of a `url` that was checked.
    pub(crate) fn of(url: Url, account: Option<Account>) -> Self {
        Self {
            url,
            has_subdomains: false,
            account,
            label: None,
        }
    }

    /// Adds all subdomains of the host. Only a scheme that knows which of them may have its
    /// credential is bound there.
    pub(crate) fn with_subdomains(self) -> Self {
        Self {
            has_subdomains: true,
            ..self
        }
    }

    /// Whether it covers all subdomains of its host, as those of [`BaseUrls`](crate::BaseUrls) do.
    #[must_use]
    pub fn has_subdomains(&self) -> bool {
        self.has_subdomains
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The parts that decide whether two protection spaces are equal.
    fn key(&self) -> impl Eq + Hash {
        let path = self.url.path();
        (
            self.has_subdomains,
            self.url.scheme(),
            self.url.host_str(),
            self.url.port(),
            path.strip_suffix('/').unwrap_or(path),
            self.account.as_ref(),
        )
    }
}

impl fmt::Display for ProtectionSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = checked_url::shown(&self.url);
        if self.has_subdomains {
            f.write_str(&shown.replacen("://", "://*.", 1))?;
        } else {
            f.write_str(&shown)?;
        }
        match &self.account {
            Some(account) => write!(f, " for the account {:?}", account.name()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ProtectionSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProtectionSpace({self})")
    }
}

impl PartialEq for ProtectionSpace {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for ProtectionSpace {}

impl Hash for ProtectionSpace {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// As [`ProtectionSpace::new`].
impl FromStr for ProtectionSpace {
    type Err = AuthError;

    fn from_str(url: &str) -> Result<Self, AuthError> {
        Self::new(url)
    }
}

/// As [`ProtectionSpace::new`].
impl TryFrom<Url> for ProtectionSpace {
    type Error = AuthError;

    fn try_from(url: Url) -> Result<Self, AuthError> {
        Self::new(url.as_str())
    }
}

impl TryFrom<&str> for ProtectionSpace {
    type Error = AuthError;

    fn try_from(url: &str) -> Result<Self, AuthError> {
        Self::new(url)
    }
}

impl TryFrom<String> for ProtectionSpace {
    type Error = AuthError;

    fn try_from(url: String) -> Result<Self, AuthError> {
        Self::new(&url)
    }
}

impl TryFrom<&String> for ProtectionSpace {
    type Error = AuthError;

    fn try_from(url: &String) -> Result<Self, AuthError> {
        Self::new(url)
    }
}
