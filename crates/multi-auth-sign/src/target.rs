//! The scheme, host and port of a request.

use multi_auth::RequestHead;

/// The scheme, host and port of a request.
pub(crate) struct Target {
    scheme: Option<Box<str>>,
    host: Option<Box<str>>,
    port: Option<u16>,
}

impl Target {
    pub(crate) fn of(request: &RequestHead<'_>) -> Self {
        Self {
            scheme: request.scheme().map(Into::into),
            host: request.host().map(Into::into),
            port: request.port(),
        }
    }

    /// Whether `request` goes there.
    pub(crate) fn is_of(&self, request: &RequestHead<'_>) -> bool {
        self.port == request.port()
            && is_same(self.scheme.as_deref(), request.scheme())
            && is_same(self.host.as_deref(), request.host())
    }
}

fn is_same(own: Option<&str>, other: Option<&str>) -> bool {
    match (own, other) {
        (Some(own), Some(other)) => own.eq_ignore_ascii_case(other),
        (own, other) => own == other,
    }
}
