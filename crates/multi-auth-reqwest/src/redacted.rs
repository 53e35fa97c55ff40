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

/// `error` with the keys taken out of its URL. One of a middleware below is left out where it shows a key, for
/// nobody can change what it wraps.
pub(crate) fn without_keys(error: Error, keys: Option<&QueryKeys>) -> Error {
    match (error, keys) {
        (Error::Reqwest(error), Some(keys)) => match error.url().map(|url| without(keys, url)) {
            Some(url) => error.with_url(url).into(),
            None => error.into(),
        },
        (Error::Middleware(error), Some(keys)) if shows(keys, &format!("{error:?} {error:#?}")) => {
            Error::middleware(LeftOut)
        }
        (error, _) => error,
    }
}

/// A middleware below the authentication failed, and its error shows a key.
#[derive(Debug, thiserror::Error)]
#[error(
    "the request failed below the authentication, with an error that shows a key and is left out"
)]
struct LeftOut;

/// Whether a key stands in one of the URLs in `text`.
fn shows(keys: &QueryKeys, text: &str) -> bool {
    let is_between = |mark: char| mark.is_whitespace() || "()<>\"'`,;".contains(mark);
    text.split(is_between)
        .any(|word| keys.remove_from(word).as_deref() != Some(word))
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
