//! A placeholder for a credential, to look up a binding before any key is read.

use http::{HeaderName, HeaderValue, Request};
use multi_auth::{Account, AuthError, Authenticator, Credential, Keyring, Placement, RequestHead};

/// Attaches its number to requests.
#[derive(Debug)]
pub(crate) struct Placeholder(pub(crate) usize);

const NAME: HeaderName = HeaderName::from_static("x-placeholder");

impl Authenticator for Placeholder {
    fn ready(&self, _: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        Some(Ok(Credential::header(NAME, HeaderValue::from(self.0))))
    }

    fn placements(&self) -> Vec<Placement> {
        Vec::new()
    }

    /// It has no credential, so it may be bound to all subdomains of a host.
    fn checks_host(&self) -> bool {
        true
    }
}

/// The number of the placeholder in `keyring` that serves a request to `url` for `account`.
pub(crate) fn number(keyring: &Keyring, url: &str, account: Option<&Account>) -> Option<usize> {
    let mut request = Request::get(url);
    if let Some(account) = account {
        request = request.extension(account.clone());
    }
    let (mut head, ()) = request.body(()).ok()?.into_parts();
    let credential = keyring.ready(&RequestHead::from_parts(&head))?.ok()?;
    credential.attach(&mut head).ok()?;
    head.headers.get(NAME)?.to_str().ok()?.parse().ok()
}
