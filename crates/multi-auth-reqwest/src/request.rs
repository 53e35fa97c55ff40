//! A reqwest request as the core sees it.

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
