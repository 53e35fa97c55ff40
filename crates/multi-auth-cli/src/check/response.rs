//! What the response to a verification request says about the credential.

use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use multi_auth::adapter::JsonBody;
use multi_auth::{ResponseHead, TokenSnapshot, TokenState};
use multi_auth_config::{Refusal, Vendor};

use super::aws;
use crate::client;
use crate::diagnostic::{Diagnostic, DiagnosticCode, ResponseDiagnosis};
use crate::output;

/// The smallest difference between two clocks that is reported.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// The response to a verification request.
#[derive(Debug)]
pub(super) struct VerifyResponse {
    status: StatusCode,
    headers: HeaderMap,
    /// The JSON body, if it is short.
    json: Option<JsonBody>,
    /// The reason that AWS gives.
    aws: Option<DiagnosticCode>,
    is_web_page: bool,
    skew: Option<Duration>,
}

impl VerifyResponse {
    /// Reads the head, and the beginning of the body.
    pub(super) async fn read(mut answer: reqwest::Response) -> Result<Self, Diagnostic> {
        let start = answer.chunk().await?.unwrap_or_default();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let is_web_page = is_web_page(&headers, &start);
        let body = if JsonBody::is_due(&headers) {
            rest(start.clone(), answer).await
        } else {
            None
        };
        Ok(Self {
            status,
            aws: aws::reason(&headers, &start),
            headers,
            json: body.map(JsonBody::new),
            is_web_page,
            skew: None,
        })
    }

    /// What the response refuses by the file.
    pub(super) fn refusal_by(&self, vendor: &Vendor) -> Option<Refusal> {
        let head = ResponseHead::new(self.status, &self.headers);
        vendor.refusal(&head.with_json(self.json.as_ref()))
    }

    /// Adds the difference between this machine's clock and the vendor's: the larger one by the
    /// `Date` of this response and by `token_date`, that of the token response.
    pub(super) fn with_clock(self, token_date: Option<SystemTime>, now: SystemTime) -> Self {
        let off = |vendor: SystemTime| {
            let behind = now.duration_since(vendor);
            behind.unwrap_or_else(|ahead| ahead.duration())
        };
        let dates = [client::date(&self.headers), token_date]
            .into_iter()
            .flatten();
        Self {
            skew: dates.map(off).max(),
            ..self
        }
    }

    /// The difference between the clocks, if it is large.
    pub(super) fn skew(&self) -> Option<Duration> {
        self.skew.filter(|skew| *skew > SKEW)
    }

    /// Whether a web page came back with success. It may be the vendor's page at this URL, or the
    /// host's page at every URL.
    pub(super) fn is_page_of_success(&self) -> bool {
        self.is_web_page && self.status.is_success()
    }

    /// Whether the page requires the credential: `anonymous` is the response to the same request
    /// without it.
    pub(super) fn opened(&mut self, anonymous: &Self) {
        let closed = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
        if closed.contains(&anonymous.status) || anonymous.status.is_redirection() {
            self.is_web_page = false;
        }
    }

    /// Whether the vendor accepted the credential. `refusal` is what the response refuses by the
    /// file.
    pub(super) fn verdict(
        &self,
        url: &str,
        refusal: Option<Refusal>,
        token: Option<&TokenSnapshot>,
    ) -> Result<(), Diagnostic> {
        let diagnostic = |code| Err(self.head().diagnostic(code, self.problem(url, code)));
        if self.is_web_page && (self.status.is_success() || self.status == StatusCode::NOT_FOUND) {
            return diagnostic(DiagnosticCode::WrongHost);
        }
        match refusal {
            Some(Refusal::Forbidden) => return diagnostic(DiagnosticCode::MissingPermission),
            Some(_) => return diagnostic(self.refusal(token.is_some())),
            None => {}
        }
        if let Some(code) = self.aws.filter(|_| !self.status.is_success()) {
            return diagnostic(code);
        }
        let has_ended = token.is_some_and(|token| token.state == TokenState::Expired);
        match self.head().code() {
            _ if has_ended && self.skew().is_some() => diagnostic(DiagnosticCode::ClockSkew),
            None if self.status.is_success() => Ok(()),
            None => diagnostic(DiagnosticCode::UnexpectedResponse),
            Some(DiagnosticCode::RefusedKey) => diagnostic(self.refusal(token.is_some())),
            Some(DiagnosticCode::MissingPermission) if self.head().is_error("invalid_token") => {
                diagnostic(DiagnosticCode::RefusedKey)
            }
            Some(code) => diagnostic(code),
        }
    }

    /// What a 401 means. A key that is sent itself does not depend on the clock.
    fn refusal(&self, is_token: bool) -> DiagnosticCode {
        match is_token {
            _ if self.head().is_error("insufficient_scope") => DiagnosticCode::MissingPermission,
            true if self.skew().is_some() => DiagnosticCode::ClockSkew,
            true => DiagnosticCode::WrongRegion,
            false => DiagnosticCode::RefusedKey,
        }
    }

    fn head(&self) -> ResponseDiagnosis<'_> {
        ResponseDiagnosis {
            status: self.status,
            headers: &self.headers,
        }
    }

    /// The problem as text. Of the response it repeats only the status.
    fn problem(&self, url: &str, code: DiagnosticCode) -> String {
        let url = url.split('?').next().unwrap_or_default();
        let problem = format!("GET {url} returned {}", self.status);
        match (code, self.skew()) {
            (DiagnosticCode::ClockSkew, Some(skew)) => {
                let off = output::span(skew);
                format!("{problem}, and this machine's clock is {off} off the vendor's")
            }
            (DiagnosticCode::WrongHost, _) => format!("{problem} and a web page"),
            (DiagnosticCode::WrongRegion, _) => format!("{problem}, with a token that was fresh"),
            (DiagnosticCode::Redirect, _) => {
                let from = client::url(url).ok();
                let target = from.and_then(|from| self.head().leads_to(&from));
                let target = target.unwrap_or_else(|| "an unreadable URL".to_owned());
                format!("{problem}, which leads to {target} and was not followed")
            }
            _ => problem,
        }
    }
}

/// The whole body after its `start`, if it is not longer than what is read as JSON.
async fn rest(start: Bytes, mut answer: reqwest::Response) -> Option<Bytes> {
    let mut body = BytesMut::from(start);
    while let Some(chunk) = answer.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > JsonBody::LIMIT {
            return None;
        }
    }
    Some(body.freeze())
}

/// Whether the body is a web page, by its `Content-Type` or its beginning.
fn is_web_page(headers: &HeaderMap, start: &[u8]) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .map(|kind| kind.as_bytes().to_ascii_lowercase());
    let Some(kind) = kind else {
        let start = start.trim_ascii_start().to_ascii_lowercase();
        return start.starts_with(b"<!doctype html") || start.starts_with(b"<html");
    };
    kind.starts_with(b"text/html") || kind.starts_with(b"application/xhtml+xml")
}
