//! The method and the body of a request, as the command line gives them.

use std::io;

use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request};
use multi_auth::{Account, AuthError, BodyView, Credential, Keyring, RequestHead};
use reqwest::Url;

use crate::args::MessageArgs;
use crate::diagnostic::Diagnostic;
use crate::input;

/// A request without its URL.
pub(crate) struct Message {
    pub(crate) method: Method,
    pub(crate) body: Option<Vec<u8>>,
}

impl Message {
    pub(crate) fn new(arguments: &MessageArgs) -> Result<Self, Diagnostic> {
        let body = arguments.data.as_deref().map(data).transpose()?;
        let usual = if body.is_some() {
            Method::POST
        } else {
            Method::GET
        };
        let method = arguments.method.clone().unwrap_or(usual);
        Ok(Self { method, body })
    }

    /// Adds the `Content-Type` that `curl` sends with data.
    pub(crate) fn add_content_type(&self, headers: &mut HeaderMap) {
        const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
        if self.body.is_some() {
            headers.entry(CONTENT_TYPE).or_insert(FORM);
        }
    }

    /// A request to `url`, for the customer `account`.
    pub(crate) fn head(&self, url: &Url, account: Option<&str>) -> Result<Parts, Diagnostic> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(url.as_str());
        if let Some(account) = account {
            request = request.extension(Account::new(account));
        }
        let request = request
            .body(())
            .map_err(|_| Diagnostic::usage("this URL cannot be asked"))?;
        Ok(request.into_parts().0)
    }

    /// The credential that `keyring` has for a request with this head.
    pub(crate) async fn credential(
        &self,
        keyring: &Keyring,
        head: &Parts,
    ) -> Result<Credential, AuthError> {
        let body = BodyView::Bytes(self.body.as_deref().unwrap_or_default());
        let request = RequestHead::from_parts(head).with_body(body);
        keyring.authenticate(&request).await
    }
}

/// Whether a vendor of the configuration has the URL. A challenge may have to come first.
pub(crate) fn is_bound(credential: &Credential) -> bool {
    !credential.is_empty() || credential.id().is_refreshable()
}

/// The body of `-d`: the text itself, the content of `@FILE`, or the input for `@-`.
fn data(text: &str) -> Result<Vec<u8>, Diagnostic> {
    let wrong = |error: io::Error| {
        Diagnostic::usage(format!("-d {text}: {error}")).with_remedy("correct the path after the @")
    };
    match text.strip_prefix('@') {
        Some("-") => input::all(io::stdin(), input::BODY).map_err(wrong),
        Some(path) => input::file(path, input::BODY).map_err(wrong),
        None => Ok(text.as_bytes().to_vec()),
    }
}
