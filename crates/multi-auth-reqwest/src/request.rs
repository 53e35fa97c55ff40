//! A reqwest request as the core sees it, and copies of it.

use std::time::Duration;

use http::{Extensions, HeaderMap};
use multi_auth::adapter::{Outgoing, SavedHeaders};
use multi_auth::{AuthError, BodyView, RequestHead};
use reqwest::{Body, Method, Request, Url, Version};

/// The view of `request` from which a credential is chosen.
pub(crate) fn head<'a>(request: &'a Request, extensions: &'a Extensions) -> RequestHead<'a> {
    let body = match request.body().map(Body::as_bytes) {
        None | Some(Some([])) => BodyView::Empty,
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
    Saved::of(request).map(Saved::into_request)
}

/// A copy of a request, for a replay or a redirect that rarely happens.
pub(crate) enum Saved {
    /// Without a body, or with an empty one: two allocations.
    Head {
        method: Method,
        url: Url,
        version: Version,
        timeout: Option<Duration>,
        headers: SavedHeaders,
        has_body: bool,
    },
    /// reqwest alone can copy a body.
    Whole(Request),
}

impl Saved {
    /// A copy of `request`; `None` if its body is a stream.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        match request.body().map(Body::as_bytes) {
            None => Some(Self::head(request, false)),
            Some(Some([])) => Some(Self::head(request, true)),
            Some(_) => request.try_clone().map(Self::Whole),
        }
    }

    /// A copy of `request` without its body.
    pub(crate) fn without_body(request: &Request) -> Self {
        Self::head(request, false)
    }

    fn head(request: &Request, has_body: bool) -> Self {
        Self::Head {
            method: request.method().clone(),
            url: request.url().clone(),
            version: request.version(),
            timeout: request.timeout().copied(),
            headers: SavedHeaders::new(request.headers()),
            has_body,
        }
    }

    pub(crate) fn url(&self) -> &Url {
        match self {
            Self::Head { url, .. } => url,
            Self::Whole(request) => request.url(),
        }
    }

    pub(crate) fn into_request(self) -> Request {
        let (method, url, version, timeout, headers, has_body) = match self {
            Self::Whole(request) => return request,
            Self::Head {
                method,
                url,
                version,
                timeout,
                headers,
                has_body,
            } => (method, url, version, timeout, headers, has_body),
        };
        let mut request = Request::new(method, url);
        *request.headers_mut() = headers.into_headers();
        *request.version_mut() = version;
        if timeout.is_some() {
            *request.timeout_mut() = timeout;
        }
        if has_body {
            *request.body_mut() = Some(Body::default());
        }
        request
    }
}
