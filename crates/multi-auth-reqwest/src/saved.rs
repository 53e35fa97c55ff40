//! Copies of requests, for a replay or a redirect that rarely happens.

use std::time::Duration;

use multi_auth::adapter::SavedHeaders;
use reqwest::{Body, Method, Request, Url, Version};

/// A copy of a request.
pub(crate) enum Saved {
    /// Of a request without a body, or with an empty one: two allocations.
    Head(SavedHead),
    /// reqwest alone can copy a body.
    Whole(Request),
}

/// A copy of a request without the bytes of its body.
pub(crate) struct SavedHead {
    method: Method,
    url: Url,
    version: Version,
    timeout: Option<Duration>,
    headers: SavedHeaders,
    has_body: bool,
}

/// A copy of a request, which a replay takes.
pub(crate) enum Copied<'s> {
    Own(Saved),
    /// The copy that redirects keep.
    Shared(&'s SavedHead),
}

impl Saved {
    /// A copy of `request`; `None` if its body is a stream.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        match request.body().map(Body::as_bytes) {
            None => Some(Self::Head(SavedHead::of(request, false))),
            Some(Some([])) => Some(Self::Head(SavedHead::of(request, true))),
            Some(_) => request.try_clone().map(Self::Whole),
        }
    }

    /// A copy of `request` without its body.
    pub(crate) fn without_body(request: &Request) -> Self {
        Self::Head(SavedHead::of(request, false))
    }

    pub(crate) fn url(&self) -> &Url {
        match self {
            Self::Head(head) => &head.url,
            Self::Whole(request) => request.url(),
        }
    }

    /// The request that was copied.
    pub(crate) fn restore(self) -> Request {
        match self {
            Self::Head(head) => head.restore(),
            Self::Whole(request) => request,
        }
    }
}

impl SavedHead {
    fn of(request: &Request, has_body: bool) -> Self {
        Self {
            method: request.method().clone(),
            url: request.url().clone(),
            version: request.version(),
            timeout: request.timeout().copied(),
            headers: SavedHeaders::new(request.headers()),
            has_body,
        }
    }

    fn restore(&self) -> Request {
        let mut request = Request::new(self.method.clone(), self.url.clone());
        *request.headers_mut() = self.headers.restore();
        *request.version_mut() = self.version;
        if self.timeout.is_some() {
            *request.timeout_mut() = self.timeout;
        }
        if self.has_body {
            *request.body_mut() = Some(Body::default());
        }
        request
    }
}

impl<'s> Copied<'s> {
    /// A copy of `request`: that of which redirects have one, where it is enough.
    pub(crate) fn of(request: &Request, shared: Option<&'s SavedHead>) -> Option<Self> {
        match shared {
            Some(shared) => Some(Self::Shared(shared)),
            None => Saved::of(request).map(Self::Own),
        }
    }

    pub(crate) fn url(&self) -> &Url {
        match self {
            Self::Own(saved) => saved.url(),
            Self::Shared(head) => &head.url,
        }
    }

    /// The request that was copied.
    pub(crate) fn restore(self) -> Request {
        match self {
            Self::Own(saved) => saved.restore(),
            Self::Shared(head) => head.restore(),
        }
    }
}
