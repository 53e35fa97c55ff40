//! A copy of an [`http::Request`].

use std::fmt;

use http::{Extensions, Method, Request, Uri, Version};

use crate::adapter::SavedHead;

/// A copy of an [`http::Request`], from which it can be made again.
///
/// It allocates once for all header fields, and for extensions if there are any.
pub struct RequestCopy<B> {
    method: Method,
    uri: Uri,
    version: Version,
    head: SavedHead,
    extensions: Extensions,
    body: B,
}

impl<B> RequestCopy<B> {
    /// A copy of `request` with `body`, which has the same bytes.
    #[must_use]
    pub fn new<T>(request: &Request<T>, body: B) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            head: SavedHead::new("", request.headers()),
            extensions: request.extensions().clone(),
            body,
        }
    }

    /// The request that was copied.
    #[must_use]
    pub fn restore(self) -> Request<B> {
        let mut request = Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.version_mut() = self.version;
        *request.headers_mut() = self.head.headers();
        *request.extensions_mut() = self.extensions;
        request
    }
}

/// The copy is not printed: its query and header fields may hold a key.
impl<B> fmt::Debug for RequestCopy<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestCopy").finish_non_exhaustive()
    }
}
