//! A reqwest request as the core sees it, and copies of it.

use http::{Extensions, HeaderMap};
use multi_auth::adapter::Outgoing;
use multi_auth::{AuthError, BodyView, RequestHead};
use reqwest::{Body, Request};

/// The view of `request` from which a credential is chosen.
pub(crate) fn head<'a>(request: &'a Request, extensions: &'a Extensions) -> RequestHead<'a> {
    let body = match request.body().map(Body::as_bytes) {
        None => BodyView::Empty,
        Some(Some(bytes)) => BodyView::Bytes(bytes),
        Some(None) => BodyView::Stream,
    };
    RequestHead::from_url(
        request.method(),
        request.url(),
        request.headers(),
        extensions,
    )
    .with_body(body)
}

/// A request to which a credential is attached.
pub(crate) struct Target<'a>(pub(crate) &'a mut Request);

impl Outgoing for Target<'_> {
    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.0.headers_mut()
    }

    fn query(&self) -> Option<&str> {
        self.0.url().query()
    }

    fn set_query(&mut self, query: &str) -> Result<(), AuthError> {
        self.0.url_mut().set_query(Some(query));
        Ok(())
    }
}

/// A copy of `request`; `None` if its body is a stream.
pub(crate) fn copy_of(request: &Request) -> Option<Request> {
    // `try_clone` makes a map for extensions, which costs 3 allocations.
    let body = request.body().map(Body::as_bytes);
    match body {
        None => Some(without_body(request)),
        Some(Some([])) => {
            let mut copy = without_body(request);
            *copy.body_mut() = Some(Body::default());
            Some(copy)
        }
        Some(_) => request.try_clone(),
    }
}

/// A copy of `request` without its body.
pub(crate) fn without_body(request: &Request) -> Request {
    let mut copy = Request::new(request.method().clone(), request.url().clone());
    *copy.headers_mut() = request.headers().clone();
    *copy.version_mut() = request.version();
    if let Some(limit) = request.timeout() {
        *copy.timeout_mut() = Some(*limit);
    }
    copy
}
