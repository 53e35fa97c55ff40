//! Keeps keys in the query out of the URLs that answers and errors show.

use std::error::Error as StdError;
use std::fmt;

use multi_auth::QueryKeys;
use reqwest::{Body, Response, ResponseBuilderExt, Url};
use reqwest_middleware::Error;

/// Removes `keys` from the URL of `response`.
#[cold]
pub(crate) fn redact_url(response: &mut Response, keys: &QueryKeys) {
    let url = without(keys, response.url());
    let empty = http::Response::new(Body::default()).into();
    let before = std::mem::replace(response, empty);
    *response = with_url(before, url);
}

/// `error` with the keys taken out of its URL. The text of a middleware's error is left out where
/// it shows a key: what it wraps cannot be changed. Its causes that show none stay.
pub(crate) fn without_keys(error: Error, keys: Option<&QueryKeys>) -> Error {
    match (error, keys) {
        (Error::Reqwest(error), Some(keys)) => match error.url().map(|url| without(keys, url)) {
            Some(url) => error.with_url(url).into(),
            None => error.into(),
        },
        (Error::Middleware(error), Some(keys)) if shows(keys, &format!("{error:?} {error:#?}")) => {
            Error::middleware(Redacted::new(error.into(), keys))
        }
        (error, _) => error,
    }
}

type BoxError = Box<dyn StdError + Send + Sync>;

/// An error of a middleware below the authentication that shows a key.
struct Redacted {
    error: BoxError,
    /// How many of the errors in the chain, the outermost first, lie above the first from which on
    /// none shows a key.
    hidden: usize,
}

impl Redacted {
    fn new(error: BoxError, keys: &QueryKeys) -> Self {
        let shown: Vec<_> = chain(&*error)
            .map(|error| shows(keys, &format!("{error} {error:?} {error:#?}")))
            .collect();
        let hidden = shown.iter().rposition(|shows| *shows);
        Self {
            hidden: hidden.map_or(0, |last| last + 1),
            error,
        }
    }
}

impl StdError for Redacted {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        chain(&*self.error).nth(self.hidden)
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the request failed below the authentication, with an error whose URL holds a key",
        )
    }
}

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redacted")
            .field("source", &self.source())
            .finish_non_exhaustive()
    }
}

/// `error` and its causes.
fn chain<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// Whether a key is in `text`: in one of its URLs, in a query that is shown apart, or by
/// itself.
fn shows(keys: &QueryKeys, text: &str) -> bool {
    if keys.remove_from(text).is_none() {
        return true;
    }
    let is_between = |mark: char| mark.is_whitespace() || "()<>\"'`,;".contains(mark);
    text.split(is_between)
        .any(|word| keys.has(word) || keys.remove_from(word).as_deref() != Some(word))
}

/// `url` without its keys; its origin alone if a key is outside the query.
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
pub(crate) fn with_url(response: Response, url: Url) -> Response {
    let mut response = http::Response::<Body>::from(response);
    let named = http::Response::builder().url(url);
    if let Some(extensions) = named.extensions_ref() {
        response.extensions_mut().extend(extensions.clone());
    }
    response.into()
}
