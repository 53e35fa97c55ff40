//! Copies of requests, for a replay or a redirect that rarely happens.

use std::time::Duration;

use multi_auth::adapter::SavedHead;
use reqwest::{Body, Method, Request, Url, Version};
use reqwest_middleware::{Error, Result};

/// A copy of a request.
pub(crate) enum Saved {
    /// Of a request without a body, or with an empty one: one allocation.
    Head(HeadOnly),
    /// reqwest alone can copy a body. It is boxed, so that the usual copy is small.
    Whole(Box<Request>),
}

/// A copy of a request without the bytes of its body.
pub(crate) struct HeadOnly {
    method: Method,
    version: Version,
    timeout: Option<Duration>,
    head: SavedHead,
    has_body: bool,
}

/// A copy of a request, which a replay takes.
pub(crate) enum Copied<'s> {
    Own(Saved),
    /// The copy that redirects keep.
    Shared(&'s HeadOnly),
}

impl Saved {
    /// A copy of `request`; `None` if its body is a stream.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        match request.body().map(Body::as_bytes) {
            None => Some(Self::Head(HeadOnly::of(request, false))),
            Some(Some([])) => Some(Self::Head(HeadOnly::of(request, true))),
            Some(_) => request.try_clone().map(Box::new).map(Self::Whole),
        }
    }

    /// A copy of `request` without its body.
    pub(crate) fn without_body(request: &Request) -> Self {
        Self::Head(HeadOnly::of(request, false))
    }

    fn is_at(&self, url: &Url) -> bool {
        match self {
            Self::Head(head) => head.is_at(url),
            Self::Whole(request) => request.url() == url,
        }
    }

    /// The request that was copied.
    pub(crate) fn restore(self) -> Result<Request> {
        match self {
            Self::Head(head) => head.restore(),
            Self::Whole(request) => Ok(*request),
        }
    }
}

impl HeadOnly {
    fn of(request: &Request, has_body: bool) -> Self {
        Self {
            method: request.method().clone(),
            version: request.version(),
            timeout: request.timeout().copied(),
            head: SavedHead::new(request.url().as_str(), request.headers()),
            has_body,
        }
    }

    fn is_at(&self, url: &Url) -> bool {
        self.head.is_target(url.as_str())
    }

    fn restore(&self) -> Result<Request> {
        // It was a URL before, and the text of a URL is parsed to the same URL (URL standard, 4.5).
        let url = self.head.target().parse().map_err(Error::middleware)?;
        let mut request = Request::new(self.method.clone(), url);
        *request.headers_mut() = self.head.headers();
        *request.version_mut() = self.version;
        if self.timeout.is_some() {
            *request.timeout_mut() = self.timeout;
        }
        if self.has_body {
            *request.body_mut() = Some(Body::default());
        }
        Ok(request)
    }
}

impl<'s> Copied<'s> {
    /// A copy of `request`: that of which redirects have one, where it is enough.
    pub(crate) fn of(request: &Request, shared: Option<&'s HeadOnly>) -> Option<Self> {
        match shared {
            Some(shared) => Some(Self::Shared(shared)),
            None => Saved::of(request).map(Self::Own),
        }
    }

    /// Whether the copied request was for `url`.
    pub(crate) fn is_at(&self, url: &Url) -> bool {
        match self {
            Self::Own(saved) => saved.is_at(url),
            Self::Shared(head) => head.is_at(url),
        }
    }

    /// The request that was copied.
    pub(crate) fn restore(self) -> Result<Request> {
        match self {
            Self::Own(saved) => saved.restore(),
            Self::Shared(head) => head.restore(),
        }
    }
}
