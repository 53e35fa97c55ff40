//! The vendor's error envelope: `{"statusCode": 401, "error": "Unauthorized", "message": "Not
//! authenticated."}`.

use axum::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::ScriptedResponse;

/// Why a request fails.
#[derive(Debug)]
pub(super) enum ImmutaError {
    NotAuthenticated { challenge: Option<HeaderValue> },
    Malformed(String),
    NotFound,
}

impl IntoResponse for ImmutaError {
    fn into_response(self) -> Response {
        match self {
            Self::NotAuthenticated { challenge } => {
                let mut response = envelope(StatusCode::UNAUTHORIZED).into_response();
                let fields = challenge.map(|challenge| (WWW_AUTHENTICATE, challenge));
                response.headers_mut().extend(fields);
                response
            }
            Self::Malformed(message) => body(StatusCode::BAD_REQUEST, &message).into_response(),
            Self::NotFound => envelope(StatusCode::NOT_FOUND).into_response(),
        }
    }
}

/// The envelope for `status`.
pub(super) fn envelope(status: StatusCode) -> ScriptedResponse {
    if status == StatusCode::UNAUTHORIZED {
        return body(status, "Not authenticated.");
    }
    body(status, status.canonical_reason().unwrap_or("Error"))
}

fn body(status: StatusCode, message: &str) -> ScriptedResponse {
    ScriptedResponse::new(status).with_json(&json!({
        "statusCode": status.as_u16(),
        "error": status.canonical_reason().unwrap_or("Error"),
        "message": message,
    }))
}
