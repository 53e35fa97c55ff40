//! The constant header fields that an entry sets.

use http::Request;
use multi_auth::{ConstantHeaders, RequestHead};

use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::scheme::Scheme;

impl VendorCheck<'_> {
    /// The constant header fields of the entry. None of them may be a field of the credential.
    pub(super) fn headers(&self, scheme: &Scheme) -> Result<ConstantHeaders> {
        const PLACE: Advice =
            Advice::new("sets a header field of the credential", "remove that field");
        let mut headers = ConstantHeaders::new();
        for (name, value) in self.entry.headers.iter().flatten() {
            headers = self.right("headers", value, headers.with(name, value.get_ref()))?;
            if is_place(scheme, &headers) {
                return Err(self.invalid("headers", value.span(), PLACE));
            }
        }
        Ok(headers)
    }
}

/// Whether one of `headers` is a place of `scheme`.
pub(super) fn is_place(scheme: &Scheme, headers: &ConstantHeaders) -> bool {
    let Ok(request) = Request::get("/").body(()) else {
        return false;
    };
    let (mut head, ()) = request.into_parts();
    headers.add_to(&mut head.headers);
    let head = RequestHead::from_parts(&head);
    scheme.places().iter().any(|place| place.is_taken(&head))
}
