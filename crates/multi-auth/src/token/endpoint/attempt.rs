//! The credential that authenticates a token request, and the endpoint's verdict on it.

use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use http::{Response, StatusCode};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use url::Url;

use super::request::Attempt;
use super::response::{REFRESH_TOKEN, ResponseSpec};
use super::{TokenEndpoint, retry_after};
use crate::adapter::JsonBody;
use crate::adapter::history::History;
use crate::credential::Attached;
use crate::{
    AuthError, Authenticator, Clock, CredentialId, ResponseHead, SystemClock, Token,
    TokenRequestProblem,
};

/// A credential that a token request carries.
pub(super) struct InnerCredential<'e> {
    from: &'e dyn Authenticator,
    /// The ID of the whole credential.
    id: CredentialId,
    /// The ID of the parts that were attached. The response says nothing about the others.
    attached: CredentialId,
}

impl<'e> InnerCredential<'e> {
    /// Obtains the credential for `attempt` and attaches it.
    pub(super) async fn attach(
        from: &'e dyn Authenticator,
        attempt: &mut Attempt,
    ) -> Result<Self, AuthError> {
        let credential = from.authenticate(&attempt.view()).await?;
        let id = credential.id().clone();
        let attached = match credential.attach_parts(&mut attempt.head)? {
            Attached::All => id.clone(),
            Attached::AllBut(missing) => id.without(&missing),
            Attached::Nothing => CredentialId::fixed(),
        };
        Ok(Self { from, id, attached })
    }

    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// Judges the credential by `response`. Returns `history` with one more replay, if the
    /// response is a reason for one. There is one for each reason.
    pub(super) fn judge(
        &self,
        response: &TokenResponse,
        history: Option<History>,
    ) -> Option<History> {
        if !self.attached.is_refreshable() {
            return None;
        }
        let status = response.judged_status();
        let head = ResponseHead::new(status, &response.head.headers);
        let head = head.with_json(response.refusal.as_ref()).after(history);
        let verdict = self.from.judge(&self.attached, &head);
        if !verdict.is_replay() {
            return None;
        }
        let before = history.unwrap_or_else(|| History::new(status));
        before.and(verdict.reasons())
    }
}

/// The response of an endpoint, and the token in it.
pub(super) struct TokenResponse {
    head: Parts,
    outcome: Result<Token, TokenRequestProblem>,
    /// The body of a response that is not successful.
    refusal: Option<JsonBody>,
    refresh_token: Option<SecretString>,
    retry_after: Option<Duration>,
}

impl TokenResponse {
    pub(super) fn read(spec: &ResponseSpec, endpoint: &Url, response: Response<Vec<u8>>) -> Self {
        let (head, body) = response.into_parts();
        let body = Zeroizing::new(body);
        let (outcome, refresh_token) = spec.read(endpoint, &head, &body);
        let is_refusal = !head.status.is_success() && body.len() <= JsonBody::LIMIT;
        let retry_after = retry_after::read(&head.headers, SystemClock.wall());
        Self {
            head,
            outcome,
            refusal: is_refusal.then(|| JsonBody::new(Bytes::from_owner(body))),
            refresh_token,
            retry_after,
        }
    }

    /// Only a new login can replace a refresh token that the endpoint refuses.
    pub(super) fn require_login_if_refused(&mut self) {
        if let Err(TokenRequestProblem::Denied {
            code: "invalid_grant",
            ..
        }) = self.outcome
        {
            self.outcome = Err(TokenRequestProblem::LoginRequired);
        }
    }

    /// Takes the refresh token out of the response. It is valid even if the rest of the response is
    /// not: the server may have revoked the one that was used.
    pub(super) fn take_refresh_token(&mut self) -> Option<SecretString> {
        if let Ok(token) = &mut self.outcome {
            token.take_part(REFRESH_TOKEN);
        }
        self.refresh_token.take()
    }

    /// The status by which the inner credential is judged: 503 if the response says nothing about
    /// it.
    fn judged_status(&self) -> StatusCode {
        match &self.outcome {
            Err(
                TokenRequestProblem::Refused
                | TokenRequestProblem::Denied {
                    code: "invalid_client" | "invalid_token",
                    ..
                },
            ) => StatusCode::UNAUTHORIZED,
            // The endpoint is busy, the page is another server's, or the response is incomplete.
            Err(problem) if problem.is_transient() || self.head.status.is_success() => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Ok(_) | Err(_) => self.head.status,
        }
    }

    pub(super) fn refresh_failed(&self, source: AuthError) -> AuthError {
        AuthError::refresh(self.head.status, source)
    }

    pub(super) fn token(self, endpoint: &TokenEndpoint) -> Result<Token, AuthError> {
        let retry_after = self.retry_after;
        self.outcome.map_err(|problem| {
            let error = endpoint.failed(problem);
            match retry_after {
                Some(delay) => error.with_retry_after(delay),
                None => error,
            }
        })
    }
}

#[cfg(test)]
mod tests;
