//! The value of `Host` that the HTTP client sends.

use std::borrow::Cow;

use http::header::HOST;
use multi_auth::RequestHead;

use crate::SignError;

/// The value of `Host`, if the client adds it.
pub(crate) struct Host<'r>(Cow<'r, str>);

impl<'r> Host<'r> {
    /// The host of `request`, and its port if it is not the default one. `None` if the caller has
    /// set `Host`.
    pub(crate) fn of(request: &RequestHead<'r>) -> Result<Option<Self>, SignError> {
        if request.headers().contains_key(HOST) {
            return Ok(None);
        }
        let host = request.host().ok_or(SignError::NoHost)?;
        let default_port = match request.scheme() {
            Some("https" | "wss") => 443,
            _ => 80,
        };
        Ok(Some(Self(match request.port() {
            Some(port) if port != default_port => format!("{host}:{port}").into(),
            _ => host.into(),
        })))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
