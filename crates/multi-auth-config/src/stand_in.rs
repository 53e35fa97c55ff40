//! Something in a credential's place, to ask a keyring what it would do before any key is read.

use http::{HeaderName, HeaderValue};
use multi_auth::{AuthError, Authenticator, Credential, RequestHead};

#[derive(Debug)]
pub(crate) struct StandIn;

impl Authenticator for StandIn {
    fn ready(&self, _: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        const NAME: HeaderName = HeaderName::from_static("x-stand-in");
        const VALUE: HeaderValue = HeaderValue::from_static("none");
        Some(Ok(Credential::header(NAME, VALUE)))
    }
}
