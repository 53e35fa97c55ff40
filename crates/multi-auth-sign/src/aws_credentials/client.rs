//! Sends one request for credentials.

use std::sync::Arc;

use http::header::USER_AGENT;
use http::request::Builder;
use http::{HeaderMap, HeaderValue, StatusCode};
use multi_auth::adapter::MAX_RESPONSE_BYTES;
use multi_auth::{AuthError, TokenRequestProblem as Problem, Transport, TransportError};
use secrecy::zeroize::Zeroizing;
use url::Url;

use super::endpoint;

/// A response. Its body is wiped.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// The origin of the endpoint.
    shown: String,
}

/// Sends `request` with `body` to `url`.
pub(super) async fn send(
    transport: &Arc<dyn Transport>,
    url: &Url,
    request: Builder,
    body: Vec<u8>,
) -> Result<Answer, AuthError> {
    let shown = endpoint::shown(url);
    let agent = HeaderValue::from_static(multi_auth::USER_AGENT);
    let request = request.uri(url.as_str()).header(USER_AGENT, agent);
    let request = request.body(body).map_err(AuthError::permanent)?;
    let sent = transport.send(request).await;
    let response = sent.map_err(|error| AuthError::token_request(shown.clone(), error.into()))?;
    let (head, body) = response.into_parts();
    let answer = Answer {
        status: head.status,
        headers: head.headers,
        body: Zeroizing::new(body),
        shown,
    };
    if answer.body.len() > MAX_RESPONSE_BYTES {
        return Err(answer.failed(Problem::Transport(TransportError::too_large())));
    }
    Ok(answer)
}

impl Answer {
    /// The same response, or an error if its status is not a success.
    pub(super) fn success(self) -> Result<Self, AuthError> {
        if self.status.is_success() {
            return Ok(self);
        }
        Err(self.failed(Problem::Status(self.status)))
    }

    /// The body as text.
    pub(super) fn text(&self) -> Result<&str, AuthError> {
        let text = str::from_utf8(&self.body).map_err(|_| self.failed(Problem::NotJson))?;
        match text.trim() {
            "" => Err(self.failed(Problem::Empty)),
            text => Ok(text),
        }
    }

    pub(super) fn failed(&self, problem: Problem) -> AuthError {
        AuthError::token_request(self.shown.clone(), problem)
    }
}
