//! The parameters that a signature covers (RFC 5849, 3.4.1.3).

use std::borrow::Cow;

use http::header::CONTENT_TYPE;
use multi_auth::RequestHead;

use super::encoding::normalized;
use super::{Protocol, encoding};
use crate::SignError;

/// The parameters of a request, with encoded names and values.
pub(super) struct Parameters<'r>(Vec<(Cow<'r, str>, Cow<'r, str>)>);

impl<'r> Parameters<'r> {
    /// The parameters of the query, and of the form in the body.
    pub(super) fn of(request: &RequestHead<'r>) -> Result<Self, SignError> {
        const STREAM: SignError = SignError::signature(
            "the form in the body is a stream, whose parameters are signed",
            "give the body as bytes (with tower, add `with_replay(ReplayClone)` or `BufferBody` to the layer)",
        );
        // Most requests have no more, with those of the protocol.
        let mut all = Self(Vec::with_capacity(16));
        all.read(request.query().unwrap_or_default().as_bytes());
        if is_form(request) {
            all.read(request.body().bytes().ok_or(STREAM)?);
        }
        Ok(all)
    }

    fn read(&mut self, text: &'r [u8]) {
        let parts = text.split(|byte| *byte == b'&');
        for part in parts.filter(|part| !part.is_empty()) {
            let equals = part.iter().position(|byte| *byte == b'=');
            let (name, value) = part.split_at(equals.unwrap_or(part.len()));
            let value = value.strip_prefix(b"=").unwrap_or_default();
            self.0.push((normalized(name), normalized(value)));
        }
    }

    /// Whether the caller has signed the request.
    pub(super) fn have_signature(&self) -> bool {
        self.0.iter().any(|(name, _)| name == "oauth_signature")
    }

    /// Adds the protocol parameters.
    pub(super) fn extend(&mut self, protocol: &'r [Protocol<'_>]) {
        let protocol = protocol.iter();
        let parameters =
            protocol.map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(&**value)));
        self.0.extend(parameters);
    }

    /// Writes the normalized parameters (RFC 5849, 3.4.1.3.2), encoded once more.
    pub(super) fn write(mut self, text: &mut Vec<u8>) {
        self.0.sort_unstable();
        for (at, (name, value)) in self.0.iter().enumerate() {
            if at > 0 {
                text.extend_from_slice(b"%26");
            }
            encoding::write(name.as_bytes(), text);
            text.extend_from_slice(b"%3D");
            encoding::write(value.as_bytes(), text);
        }
    }
}

/// Whether the body of `request` is a form.
pub(super) fn is_form(request: &RequestHead<'_>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE);
    let mut parts = content_type
        .map_or(&b""[..], |value| value.as_bytes())
        .split(|byte| *byte == b';');
    let media_type = parts.next().unwrap_or_default().trim_ascii();
    media_type.eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}
