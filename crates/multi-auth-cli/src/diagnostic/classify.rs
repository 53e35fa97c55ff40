//! The codes of errors and responses.

use std::error::Error;
use std::io;

use http::StatusCode;
use multi_auth::{
    AuthError, BindingProblem, InputProblem, OAuthErrorKind, SecretProblem, TokenRequestProblem,
    UrlProblem,
};
use multi_auth_config::{ConfigError, ConfigProblem, SourceError, SourceProblem, VaultProblem};
use multi_auth_testing::SimulatorError;

use super::{Diagnostic, DiagnosticCode};
use crate::causes::with_causes;

impl From<ConfigError> for Diagnostic {
    fn from(error: ConfigError) -> Self {
        of_config(&error).with_others(error.others().iter().map(of_config))
    }
}

impl From<AuthError> for Diagnostic {
    fn from(error: AuthError) -> Self {
        let usage = |problem, remedy| Self::advised(DiagnosticCode::Usage, problem, remedy);
        match error {
            AuthError::Unbound {
                problem: BindingProblem::AccountRequired,
                ..
            } => usage(
                "this vendor's credentials are for customers",
                "choose one with --account NAME",
            ),
            AuthError::Unbound {
                problem: BindingProblem::UnknownAccount { .. },
                ..
            } => usage(
                "the configuration has no credential for this customer",
                "correct --account, or add an entry with that `account`",
            ),
            error => Self::advised(of_auth(&error), error.fact(), error.remedy()),
        }
    }
}

impl From<reqwest_middleware::Error> for Diagnostic {
    fn from(error: reqwest_middleware::Error) -> Self {
        if let Some(auth) = AuthError::find(&error) {
            return auth.clone().into();
        }
        match error {
            reqwest_middleware::Error::Reqwest(error) => error.into(),
            reqwest_middleware::Error::Middleware(error) => {
                Self::new(of_causes(error.as_ref()), error.to_string())
            }
        }
    }
}

impl From<reqwest::Error> for Diagnostic {
    fn from(error: reqwest::Error) -> Self {
        let code = match () {
            () if error.is_timeout() => DiagnosticCode::Timeout,
            () if error.is_redirect() => DiagnosticCode::Redirect,
            () => of_causes(&error),
        };
        let url = error
            .url()
            .and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)));
        let to = url.map(|(host, port)| format!("{host}:{port}: "));
        // The query may hold a key.
        let causes = with_causes(&error.without_url());
        Self::new(code, format!("{}{causes}", to.unwrap_or_default()))
    }
}

fn of_config(error: &ConfigError) -> Diagnostic {
    let is_key = error.location().field.rsplit('.').next() == Some("key");
    let code = match error.problem() {
        ConfigProblem::Secret(source) => of_source(source),
        ConfigProblem::Vendor(AuthError::Invalid(InputProblem::Secret { .. })) if !is_key => {
            DiagnosticCode::Config
        }
        ConfigProblem::Vendor(error) => of_auth(error),
        _ => DiagnosticCode::Config,
    };
    let problem = format!("{}: {}", error.location(), error.problem().fact());
    Diagnostic::advised(code, problem, error.problem().remedy())
}

fn of_source(error: &SourceError) -> DiagnosticCode {
    match error.problem() {
        SourceProblem::Missing | SourceProblem::Empty => DiagnosticCode::SecretMissing,
        SourceProblem::NotText | SourceProblem::TooLong => DiagnosticCode::SecretFormat,
        SourceProblem::TimedOut(_) => DiagnosticCode::Timeout,
        SourceProblem::Vault(VaultProblem::Connection) => of_causes(error),
        SourceProblem::Vault(problem) => of_vault(problem),
        _ => DiagnosticCode::SecretUnreadable,
    }
}

fn of_vault(problem: &VaultProblem) -> DiagnosticCode {
    match problem {
        VaultProblem::Url(UrlProblem::PlainHttp) => DiagnosticCode::HttpUrl,
        VaultProblem::Url(_) | VaultProblem::Location | VaultProblem::Path => {
            DiagnosticCode::Config
        }
        VaultProblem::NotFound | VaultProblem::Deleted | VaultProblem::NoField => {
            DiagnosticCode::SecretMissing
        }
        VaultProblem::NotText => DiagnosticCode::SecretFormat,
        VaultProblem::Sealed => DiagnosticCode::VendorDown,
        VaultProblem::RateLimited => DiagnosticCode::RateLimited,
        VaultProblem::Redirect(_) => DiagnosticCode::Redirect,
        VaultProblem::Html => DiagnosticCode::WrongHost,
        VaultProblem::Timeout => DiagnosticCode::Timeout,
        VaultProblem::NotJson | VaultProblem::TooLarge | VaultProblem::NotVersion2 => {
            DiagnosticCode::UnexpectedResponse
        }
        VaultProblem::Status(status) => of_status(*status),
        _ => DiagnosticCode::SecretUnreadable,
    }
}

fn of_auth(error: &AuthError) -> DiagnosticCode {
    match error {
        AuthError::Invalid(InputProblem::Secret { problem, .. }) => match problem {
            SecretProblem::TrailingNewline | SecretProblem::ControlCharacter => {
                DiagnosticCode::SecretNewline
            }
            SecretProblem::Empty => DiagnosticCode::SecretMissing,
            _ => DiagnosticCode::SecretFormat,
        },
        AuthError::Invalid(InputProblem::Url {
            problem: UrlProblem::PlainHttp,
            ..
        }) => DiagnosticCode::HttpUrl,
        AuthError::KeyExpired { .. } => DiagnosticCode::ExpiredKey,
        AuthError::TimedOut { .. } => DiagnosticCode::Timeout,
        AuthError::TokenRequest { problem, .. } => of_token_request(problem),
        AuthError::Refresh { cause, .. } => of_auth(cause),
        _ => DiagnosticCode::Config,
    }
}

fn of_token_request(problem: &TokenRequestProblem) -> DiagnosticCode {
    match problem {
        TokenRequestProblem::Refused | TokenRequestProblem::LoginRequired => {
            DiagnosticCode::RefusedKey
        }
        TokenRequestProblem::Denied { kind, .. } => of_oauth(*kind),
        TokenRequestProblem::Forbidden => DiagnosticCode::MissingPermission,
        TokenRequestProblem::Status(status) => of_status(*status),
        TokenRequestProblem::Redirect { .. } => DiagnosticCode::Redirect,
        TokenRequestProblem::Html => DiagnosticCode::WrongHost,
        TokenRequestProblem::Timeout => DiagnosticCode::Timeout,
        TokenRequestProblem::Throttled | TokenRequestProblem::BudgetSpent => {
            DiagnosticCode::RateLimited
        }
        TokenRequestProblem::Transport(error) if error.is_timeout() => DiagnosticCode::Timeout,
        TokenRequestProblem::Transport(error) => of_causes(error),
        _ => DiagnosticCode::UnexpectedResponse,
    }
}

fn of_oauth(kind: OAuthErrorKind) -> DiagnosticCode {
    match kind {
        OAuthErrorKind::Transient => DiagnosticCode::VendorDown,
        OAuthErrorKind::Key => DiagnosticCode::RefusedKey,
        OAuthErrorKind::Permission => DiagnosticCode::MissingPermission,
        // A parameter of the token request is invalid: the file needs a correction.
        _ => DiagnosticCode::UnexpectedResponse,
    }
}

/// The code of a status.
pub(crate) fn of_status(status: StatusCode) -> DiagnosticCode {
    match status {
        StatusCode::UNAUTHORIZED => DiagnosticCode::RefusedKey,
        StatusCode::FORBIDDEN => DiagnosticCode::MissingPermission,
        StatusCode::TOO_MANY_REQUESTS => DiagnosticCode::RateLimited,
        StatusCode::REQUEST_TIMEOUT => DiagnosticCode::Timeout,
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => DiagnosticCode::Connection,
        status if status.is_redirection() => DiagnosticCode::Redirect,
        status if status.is_server_error() => DiagnosticCode::VendorDown,
        _ => DiagnosticCode::UnexpectedResponse,
    }
}

/// Why the connection failed, by the causes of `error`.
fn of_causes(error: &(dyn Error + 'static)) -> DiagnosticCode {
    let mut next = Some(error);
    while let Some(cause) = next {
        if cause.is::<rustls::Error>() {
            return DiagnosticCode::Tls;
        }
        // hyper-util has no type for it.
        if cause.to_string() == "dns error" {
            return DiagnosticCode::Dns;
        }
        let io = cause.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::TimedOut) {
            return DiagnosticCode::Timeout;
        }
        if io.is_some_and(is_out_of_files) {
            return DiagnosticCode::System;
        }
        // An I/O error hides what it wraps from its chain.
        next = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    DiagnosticCode::Connection
}

/// Whether the process or the system is out of open files (`EMFILE`, `ENFILE`). The standard
/// library has no kind for this.
fn is_out_of_files(error: &io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}

impl From<SimulatorError> for Diagnostic {
    fn from(error: SimulatorError) -> Self {
        let problem = format!("a simulator cannot start: {}", with_causes(&error));
        match &error {
            SimulatorError::Bind { source, .. } if is_out_of_files(source) => {
                Self::new(DiagnosticCode::System, problem)
            }
            SimulatorError::Bind { .. } => {
                Self::usage(problem).with_remedy("give another port, or 0 for any free one")
            }
            _ => Self::usage(problem),
        }
    }
}
