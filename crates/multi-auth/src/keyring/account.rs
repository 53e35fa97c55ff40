//! Markers that a caller inserts into a request's extensions: the account, or to send no
//! credential.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// Names one of several accounts at the same vendor, such as one per customer.
///
/// Insert it into a request's extensions to choose the credential of that account. Errors, `Debug`
/// and `Display` print the name: it may be personal data, but it is not a secret.
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

/// Sends a request without a credential. Insert it into the request's extensions.
///
/// ```
/// use multi_auth::Anonymous;
///
/// let mut request = http::Request::get("https://api.example.com/login").body(())?;
/// request.extensions_mut().insert(Anonymous);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Anonymous;

/// Marks a request as the hop of a redirect to another origin. Insert it into the request's
/// extensions.
///
/// For code that follows redirects. The keyring gives the hop no credential: otherwise a server
/// could make the client send the credential of another origin to a URL that the server chooses.
///
/// ```
/// use multi_auth::ForeignHop;
///
/// let mut hop = http::Request::get("https://api.example.com/v1").body(())?;
/// hop.extensions_mut().insert(ForeignHop);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ForeignHop;
