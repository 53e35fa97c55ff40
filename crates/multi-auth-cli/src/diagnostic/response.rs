//! Classifies a response by its head.

use http::header::{LOCATION, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use multi_auth::ResponseHead;
use reqwest::Url;

use super::{Diagnostic, DiagnosticCode, of_status};

/// The head of a response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResponseDiagnosis<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
}

/// Schemes that this program does not have (IANA's registry of HTTP authentication schemes, and
/// NTLM). Any other name in a response is not repeated: it may be anything.
const OTHER_SCHEMES: [&str; 11] = [
    "Concealed",
    "DPoP",
    "GNAP",
    "HOBA",
    "Mutual",
    "Negotiate",
    "NTLM",
    "PrivateToken",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "vapid",
];

impl ResponseDiagnosis<'_> {
    /// The code of the response, unless it is a success.
    pub(crate) fn code(self) -> Option<DiagnosticCode> {
        match self.status {
            status if status.is_redirection() => self
                .headers
                .contains_key(LOCATION)
                .then_some(DiagnosticCode::Redirect),
            StatusCode::UNAUTHORIZED if self.scheme().is_some() => {
                Some(DiagnosticCode::UnsupportedScheme)
            }
            status if status.is_client_error() || status.is_server_error() => {
                Some(of_status(status))
            }
            _ => None,
        }
    }

    /// The scheme that the server requires, if it accepts only schemes that this program does not
    /// have.
    pub(crate) fn scheme(self) -> Option<&'static str> {
        let challenges = ResponseHead::new(self.status, self.headers).challenges();
        let other = |challenge: &multi_auth::Challenge<'_>| {
            OTHER_SCHEMES.into_iter().find(|name| challenge.is(name))
        };
        let others = challenges.iter().map(other).collect::<Option<Vec<_>>>()?;
        others.first().copied()
    }

    /// Whether all challenges have the scheme `name`, and there is one.
    fn requires(self, name: &str) -> bool {
        let challenges = ResponseHead::new(self.status, self.headers).challenges();
        !challenges.is_empty() && challenges.iter().all(|challenge| challenge.is(name))
    }

    /// Whether a challenge has `insufficient_scope` (RFC 6750, 3.1).
    pub(crate) fn is_error(self, code: &str) -> bool {
        let challenges = ResponseHead::new(self.status, self.headers).challenges();
        let mut errors = challenges.iter().map(|challenge| challenge.param("error"));
        errors.any(|error| error.as_deref() == Some(code))
    }

    /// Where a redirect leads: scheme, host and port. What follows them may hold a key.
    pub(crate) fn leads_to(self, from: &Url) -> Option<String> {
        let location = self.headers.get(LOCATION)?.to_str().ok()?;
        let target = from.join(location).ok()?;
        target
            .has_host()
            .then(|| target.origin().ascii_serialization())
    }

    /// A diagnostic of `code`, with the details in the head.
    pub(crate) fn diagnostic(self, code: DiagnosticCode, problem: String) -> Diagnostic {
        match (code, self.scheme()) {
            (DiagnosticCode::UnsupportedScheme, Some(scheme)) => {
                Diagnostic::new(code, format!("{problem} and requires the scheme {scheme}"))
            }
            (DiagnosticCode::RefusedKey, _) if self.requires("Digest") => {
                Diagnostic::new(code, problem).with_remedy(DIGEST)
            }
            (DiagnosticCode::MissingPermission, _) if !self.is_error("insufficient_scope") => {
                Diagnostic::new(code, problem).with_remedy(NO_REASON)
            }
            (DiagnosticCode::RateLimited, _) if self.headers.contains_key(RETRY_AFTER) => {
                Diagnostic::new(code, format!("{problem} and says when to try again"))
            }
            _ => Diagnostic::new(code, problem),
        }
    }
}

const DIGEST: &str = "the server requires Digest: compare user and password, and write scheme = \"digest\" if the entry has another scheme";

const NO_REASON: &str = "the server gives no reason: check the key's permissions, whether the server knows the key, whether it allows \
     this network, and whether it requires header fields (`headers` in the configuration)";
