//! A request as it looks with a credential on it, while it is still the caller's.

use http::HeaderMap;

use super::{OwnedTarget, RequestHead};
use crate::adapter::Outgoing;
use crate::{AuthError, Credential};

/// A view of a request with a credential laid over it.
pub(crate) struct Overlay<'a> {
    request: RequestHead<'a>,
    target: OwnedTarget,
    headers: HeaderMap,
}

impl<'a> Overlay<'a> {
    pub(crate) fn new(
        request: &RequestHead<'a>,
        credential: Credential,
    ) -> Result<Self, AuthError> {
        let mut overlay = Self {
            request: *request,
            target: OwnedTarget::of(request),
            headers: request.headers().clone(),
        };
        credential.attach(&mut overlay)?;
        Ok(overlay)
    }

    pub(crate) fn head(&self) -> RequestHead<'_> {
        RequestHead {
            target: self.target.as_target(),
            headers: &self.headers,
            ..self.request
        }
    }
}

impl Outgoing for Overlay<'_> {
    fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    fn query(&self) -> Option<&str> {
        self.target.query()
    }

    fn set_query(&mut self, query: &str) -> Result<(), AuthError> {
        self.target.replace_query(Some(query.to_owned()));
        Ok(())
    }
}
