//! Where a redirect leads, for clients that leave this to their adapter.

use std::fmt;

use http::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, EXPECT,
    HeaderMap, LAST_MODIFIED, LOCATION, TRAILER, TRANSFER_ENCODING,
};
use http::{Extensions, Method, StatusCode};
use url::Url;

use crate::{RequestHead, ResponseHead};

/// The request that follows a redirect. Its URL comes from
/// [`Hop::strip`](super::Hop::strip) alone, which also removes what stays behind.
#[non_exhaustive]
pub struct Follow {
    url: Url,
    /// The method of the next request.
    pub method: Method,
    /// Whether the next request has no body.
    pub drops_body: bool,
}

/// The request that follows `response`, a response to `method` at `asked`; `None` if it is no
/// redirect to a http or https URL.
#[must_use]
pub fn follow(asked: &Url, method: &Method, response: &ResponseHead<'_>) -> Option<Follow> {
    let next = next_method(response.status(), method)?;
    let location = response.headers().get(LOCATION)?;
    let url = asked
        .join(std::str::from_utf8(location.as_bytes()).ok()?)
        .ok()?;
    matches!(url.scheme(), "https" | "http").then(|| Follow {
        url,
        drops_body: next != *method,
        method: next,
    })
}

impl Follow {
    /// The view of the next request, for [`Redirects::hop`](super::Redirects::hop). `headers` are
    /// those of the last one.
    #[must_use]
    pub fn head<'a>(
        &'a self,
        headers: &'a HeaderMap,
        extensions: &'a Extensions,
    ) -> RequestHead<'a> {
        RequestHead::from_url(&self.method, &self.url, headers, extensions)
    }

    /// Removes the fields that describe the body, if the next request has none.
    pub fn strip(&self, headers: &mut HeaderMap) {
        const OF_THE_BODY: [http::HeaderName; 9] = [
            CONTENT_ENCODING,
            CONTENT_LANGUAGE,
            CONTENT_LENGTH,
            CONTENT_LOCATION,
            CONTENT_TYPE,
            // A request with this field is not replayed.
            EXPECT,
            LAST_MODIFIED,
            TRAILER,
            TRANSFER_ENCODING,
        ];
        if self.drops_body {
            for name in OF_THE_BODY {
                headers.remove(name);
            }
        }
    }
}

/// The URL is not printed: its query may hold a key.
impl fmt::Debug for Follow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follow")
            .field("method", &self.method)
            .field("drops_body", &self.drops_body)
            .finish_non_exhaustive()
    }
}

fn next_method(status: StatusCode, method: &Method) -> Option<Method> {
    match status {
        StatusCode::SEE_OTHER if method != Method::HEAD => Some(Method::GET),
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if method == Method::POST => {
            Some(Method::GET)
        }
        StatusCode::SEE_OTHER
        | StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => Some(method.clone()),
        _ => None,
    }
}
