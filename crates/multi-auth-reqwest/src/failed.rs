//! What a middleware returns, and the error of a request that has no valid credential.

use std::future::Future;
use std::pin::Pin;

use multi_auth::AuthError;
use reqwest::Response;
use reqwest_middleware::{Error, Result};

/// What a middleware returns.
pub(crate) type Sent<'a> = Pin<Box<dyn Future<Output = Result<Response>> + Send + 'a>>;

/// What reqwest-middleware's error carries. That error shows this text as its own and has our
/// source as its source, so the `AuthError` is one step further down.
#[derive(Debug, thiserror::Error)]
#[error("the request was not sent, because it has no valid credential")]
struct NotAuthenticated(#[source] AuthError);

pub(crate) fn failed(error: AuthError) -> Error {
    Error::middleware(NotAuthenticated(error))
}
