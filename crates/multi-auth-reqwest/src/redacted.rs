//! Keeps keys in the query out of the URLs that answers and errors show.

use multi_auth::QueryKeys;
use reqwest::{Body, Response, ResponseBuilderExt, Url};
use reqwest_middleware::Error;

/// `response` with the keys taken out of its URL, and out of where it redirects to.
pub(crate) fn redacted(mut response: Response, keys: Option<&QueryKeys>) -> Response {
    let Some(keys) = keys else {
        return response;
    };
    keys.remove_from_location(response.headers_mut());
    let url = without(keys, response.url());
    with_url(response, url)
}

/// `error` with the keys taken out of its URL.
pub(crate) fn without_keys(error: Error, keys: Option<&QueryKeys>) -> Error {
    match (error, keys) {
        (Error::Reqwest(error), Some(keys)) => match error.url().map(|url| without(keys, url)) {
            Some(url) => error.with_url(url).into(),
            None => error.into(),
        },
        (error, _) => error,
    }
}

/// `url` without its keys; its origin alone if one stands outside the query.
fn without(keys: &QueryKeys, url: &Url) -> Url {
    let cleaned = keys.remove_from(url.as_str());
    let mut url = match cleaned.and_then(|cleaned| cleaned.parse::<Url>().ok()) {
        Some(cleaned) => cleaned,
        None => url.join("/").unwrap_or_else(|_| url.clone()),
    };
    if url.query() == Some("") {
        url.set_query(None);
    }
    url
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
