//! A prepared response: a status, header fields and a body, which may never end.
//!
//! ```
//! use http::StatusCode;
//! use multi_auth_testing::ScriptedResponse;
//!
//! # fn main() -> Result<(), multi_auth_testing::SimulatorError> {
//! let busy = ScriptedResponse::new(StatusCode::TOO_MANY_REQUESTS).with_header("retry-after", "7")?;
//! let token = ScriptedResponse::default().with_json(&serde_json::json!({ "token": "t-1" }));
//! # Ok(())
//! # }
//! ```

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::SimulatorError;

mod endless;
use endless::Endless;
#[cfg(test)]
mod tests;

/// A prepared response. The default is status 200 with an empty body.
#[derive(Clone, Debug, Default)]
#[must_use = "a response does nothing until it is given to a server"]
pub struct ScriptedResponse {
    status: StatusCode,
    headers: HeaderMap,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Whole(Bytes),
    Endless {
        chunk: Bytes,
        every: Option<Duration>,
    },
}

impl Default for Content {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl ScriptedResponse {
    /// A response with `status` and an empty body.
    pub fn new(status: StatusCode) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// A redirect: `status` and `Location: <location>`.
    ///
    /// # Errors
    ///
    /// [`SimulatorError::Header`] if `location` is not valid in a header.
    pub fn redirect(status: StatusCode, location: &str) -> Result<Self, SimulatorError> {
        Self::new(status).with_header(LOCATION.as_str(), location)
    }

    /// An HTML page with status 200, such as a sign-in page.
    pub fn html() -> Self {
        const PAGE: &str = "<!doctype html>\n<title>Welcome</title>\n<p>Please sign in.</p>\n";
        Self::default()
            .with_type("text/html; charset=utf-8")
            .with_body(PAGE)
    }

    /// Adds a header field. It does not replace fields with the same name.
    ///
    /// # Errors
    ///
    /// [`SimulatorError::Header`] if the name or the value is not valid in a header.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, SimulatorError> {
        let invalid = |source| SimulatorError::Header {
            name: name.to_owned(),
            source,
        };
        let field = HeaderName::try_from(name).map_err(|error| invalid(error.into()))?;
        let value = HeaderValue::try_from(value).map_err(|error| invalid(error.into()))?;
        self.headers.append(field, value);
        Ok(self)
    }

    /// Sets the body.
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.content = Content::Whole(body.into());
        self
    }

    /// Sets the body, and `Content-Type: application/json`.
    pub fn with_json(self, body: &serde_json::Value) -> Self {
        self.with_type("application/json")
            .with_body(body.to_string())
    }

    /// Sets a body that repeats `chunk` until the client disconnects, without `Content-Length`.
    pub fn with_endless_body(mut self, chunk: impl Into<Bytes>) -> Self {
        self.content = Content::Endless {
            chunk: chunk.into(),
            every: None,
        };
        self
    }

    /// Sets a body that sends `chunk` at once and again after each interval `every`, until the
    /// client disconnects.
    pub fn with_dripping_body(mut self, chunk: impl Into<Bytes>, every: Duration) -> Self {
        self.content = Content::Endless {
            chunk: chunk.into(),
            every: Some(every),
        };
        self
    }

    pub(crate) fn with_type(mut self, media_type: &'static str) -> Self {
        self.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        self
    }

    /// Converts it for axum. An `impl IntoResponse` would make axum a part of the public API.
    pub(crate) fn into_response(self) -> Response {
        let body = match self.content {
            Content::Whole(bytes) => Body::from(bytes),
            Content::Endless { chunk, every } => Body::new(Endless::new(chunk, every)),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

impl<B: Into<Bytes>> From<http::Response<B>> for ScriptedResponse {
    fn from(response: http::Response<B>) -> Self {
        let (head, body) = response.into_parts();
        let content = Content::Whole(body.into());
        Self {
            status: head.status,
            headers: head.headers,
            content,
        }
    }
}
