//! What a caller says about one request: which customer it is for, or that it gets no credential.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// A caller's name for one of several customers of the same vendor.
///
/// Put one into a request's extensions to choose that customer's credential. Errors, `Debug` and
/// `Display` show the name: it may be personal data, but it is no secret.
///
/// ```
/// use multi_auth::Account;
///
/// let mut request = http::Request::get("https://api.example.com/v1").body(())?;
/// request.extensions_mut().insert(Account::new("north"));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account(Arc<str>);

impl Account {
    /// The account called `name`.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Account {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Account {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Account {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

/// Put into a request's extensions, sends that one request with no credential.
#[derive(Clone, Copy, Debug)]
pub struct Anonymous;

/// Put into the extensions of a redirect's hop, says that it is at another origin than the request
/// that was redirected. The keyring gives it no credential, because the server that redirects must
/// not borrow one. For code that follows redirects.
#[derive(Clone, Copy, Debug)]
pub struct ForeignHop;
