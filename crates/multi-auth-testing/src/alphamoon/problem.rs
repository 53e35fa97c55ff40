//! The vendor's error envelope, similar to RFC 7807: `{type, title, status, detail,
//! instance, errors, action, timestamp}`.

use std::error::Error;

use axum::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::ScriptedResponse;
use crate::alphamoon::process::whole_seconds;
use crate::identifier::uuid;

const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"Alphamoon Workspace\"");

/// An error response in the envelope.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    kind: &'static str,
    detail: String,
    action: &'static str,
    errors: Vec<Cause>,
}

/// One entry of the envelope's `errors`.
#[derive(Debug, Serialize)]
struct Cause {
    location: String,
    message: String,
    r#type: &'static str,
}

impl Problem {
    pub(super) fn unauthorized(reason: &'static str) -> Self {
        let cause = Cause::new("header: Authorization", reason, "authentication_error");
        Self::new(StatusCode::UNAUTHORIZED, "AuthenticationError", reason)
            .with_action("The client should send a valid API key with the Basic scheme.")
            .with_cause(cause)
    }

    pub(super) fn forbidden(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "AuthorizationError", reason)
            .with_action("The client should use an API key with the permission.")
    }

    pub(super) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NotFoundError",
            "There is no such resource.",
        )
    }

    pub(super) fn invalid(location: &str, error: &dyn Error) -> Self {
        let cause = Cause::new(location, &error.to_string(), "request_validation_error");
        let detail = "Please see the 'errors' field for details.";
        Self::new(StatusCode::BAD_REQUEST, "RequestValidationError", detail).with_cause(cause)
    }

    fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        let action = "The client should not repeat this request without modification.";
        Self {
            status,
            kind,
            detail: detail.into(),
            action,
            errors: Vec::new(),
        }
    }

    fn with_action(mut self, action: &'static str) -> Self {
        self.action = action;
        self
    }

    fn with_cause(mut self, cause: Cause) -> Self {
        self.errors.push(cause);
        self
    }

    fn answer(&self) -> ScriptedResponse {
        let envelope = json!({
            "type": self.kind,
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "instance": uuid(),
            "errors": self.errors,
            "action": self.action,
            "timestamp": whole_seconds(Timestamp::now()),
        });
        ScriptedResponse::new(self.status)
            .with_json(&envelope)
            .with_type("application/problem+json")
    }
}

impl Cause {
    fn new(location: &str, message: &str, kind: &'static str) -> Self {
        Self {
            location: location.to_owned(),
            message: message.to_owned(),
            r#type: kind,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.answer().into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, CHALLENGE);
        }
        response
    }
}

/// The envelope for `status`.
pub(super) fn envelope(status: StatusCode) -> ScriptedResponse {
    match status {
        StatusCode::UNAUTHORIZED => Problem::unauthorized("The API key is not accepted.").answer(),
        StatusCode::FORBIDDEN => Problem::forbidden("The permission is missing.").answer(),
        StatusCode::NOT_FOUND => Problem::not_found().answer(),
        other => Problem::new(other, "SimulatedError", "A fault was injected.").answer(),
    }
}
