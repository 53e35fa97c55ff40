//! Keeps a key in the query out of the URLs that errors and responses show.

use multi_auth::Credential;
use reqwest::{Body, Request, Response, ResponseBuilderExt, Url};
use reqwest_middleware::{Error, Result};

/// The URL as it was before a key was added to its query, if one is.
pub(crate) struct Redacted(Option<Url>);

impl Redacted {
    /// Keeps the URL of `request`, to which `credential` is about to be attached.
    pub(crate) fn keep(credential: &Credential, request: &Request) -> Self {
        Self(credential.is_in_query().then(|| request.url().clone()))
    }

    /// Puts the kept URL in the place of the one with the key.
    pub(crate) fn restore(self, sent: Result<Response>) -> Result<Response> {
        let Some(url) = self.0 else {
            return sent;
        };
        match sent {
            // A client that followed a redirect answers with a URL that never held the key.
            Ok(response) if !is_same_target(response.url(), &url) => Ok(response),
            Ok(response) => Ok(with_url(response, url)),
            Err(Error::Reqwest(error)) => Err(error.with_url(url).into()),
            Err(error @ Error::Middleware(_)) => Err(error),
        }
    }
}

fn is_same_target(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin() && one.path() == other.path()
}

/// The same response under `url`, which reqwest keeps among a response's extensions.
fn with_url(response: Response, url: Url) -> Response {
    let mut response = http::Response::<Body>::from(response);
    let named = http::Response::builder().url(url);
    if let Some(extensions) = named.extensions_ref() {
        response.extensions_mut().extend(extensions.clone());
    }
    response.into()
}
