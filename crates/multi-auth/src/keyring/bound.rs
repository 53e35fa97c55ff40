//! A binding that serves a request, and the credential that it gives.

use http::Method;

use super::Inner;
use crate::{AuthError, Authenticator, Credential, RequestHead};

/// An authenticator and the number of its binding.
pub(super) struct Bound<'k> {
    number: u32,
    pub(super) authenticator: &'k dyn Authenticator,
}

impl Inner {
    #[inline]
    pub(super) fn bound(&self, number: u32) -> Option<Bound<'_>> {
        let authenticator = self.authenticators.get(number as usize)?;
        Some(Bound {
            number,
            authenticator: &**authenticator,
        })
    }
}

impl Bound<'_> {
    #[inline]
    pub(super) fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        // A single return value, so that the compiler builds it in the caller's memory.
        let mut ready = self.authenticator.ready(request);
        if let Some(Ok(credential)) = &mut ready
            && let Err(error) = self.stamp(credential, request)
        {
            ready = Some(Err(error));
        }
        ready
    }

    /// Sets the binding in the ID, in place.
    #[inline]
    pub(super) fn stamp(
        &self,
        credential: &mut Credential,
        request: &RequestHead<'_>,
    ) -> Result<(), AuthError> {
        const CONNECT: AuthError = AuthError::Attach {
            what: "a CONNECT request has no query, and clients log its target: put the key in a header field",
        };
        if credential.is_empty() && !credential.is_judged() {
            return Ok(());
        }
        if credential.is_in_query() && *request.method() == Method::CONNECT {
            return Err(CONNECT);
        }
        credential.bind(self.number);
        Ok(())
    }
}
