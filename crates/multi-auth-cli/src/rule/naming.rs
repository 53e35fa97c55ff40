//! Which rule an error or an answer breaks.

use std::error::Error;
use std::io;

use http::StatusCode;
use multi_auth::{AuthError, OAuthErrorKind, SecretProblem, TokenRequestProblem, UrlProblem};
use multi_auth_config::{ConfigError, ConfigProblem, SourceError, SourceProblem, VaultProblem};
use multi_auth_testing::SimulatorError;

use super::{Fault, Rule};

impl From<ConfigError> for Fault {
    fn from(error: ConfigError) -> Self {
        of_config(&error).with_others(error.others().iter().map(of_config))
    }
}

impl From<AuthError> for Fault {
    fn from(error: AuthError) -> Self {
        let usage = |problem, remedy| Self::advised(Rule::Usage, problem, remedy);
        match error {
            AuthError::AccountRequired { .. } => usage(
                "this vendor's credentials are for customers",
                "say which one's is meant with --account NAME",
            ),
            AuthError::UnknownAccount { .. } => usage(
                "the configuration has no credential for this customer",
                "correct --account, or add an entry with that `account`",
            ),
            error => Self::advised(of_auth(&error), error.fact(), error.remedy()),
        }
    }
}

impl From<reqwest_middleware::Error> for Fault {
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

impl From<reqwest::Error> for Fault {
    fn from(error: reqwest::Error) -> Self {
        let rule = match () {
            () if error.is_timeout() => Rule::Timeout,
            () if error.is_redirect() => Rule::Redirect,
            () => of_causes(&error),
        };
        let url = error
            .url()
            .and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)));
        let to = url.map(|(host, port)| format!("{host}:{port}: "));
        // The query may hold a key.
        let causes = with_causes(&error.without_url());
        Self::new(rule, format!("{}{causes}", to.unwrap_or_default()))
    }
}

fn of_config(error: &ConfigError) -> Fault {
    let is_key = error.location().field.rsplit('.').next() == Some("key");
    let rule = match error.problem() {
        ConfigProblem::Secret(source) => of_source(source),
        ConfigProblem::Vendor(AuthError::Secret { .. }) if !is_key => Rule::Config,
        ConfigProblem::Vendor(error) => of_auth(error),
        _ => Rule::Config,
    };
    let problem = format!("{}: {}", error.location(), error.problem().fact());
    Fault::advised(rule, problem, error.problem().remedy())
}

fn of_source(error: &SourceError) -> Rule {
    match error.problem() {
        SourceProblem::Missing | SourceProblem::Empty => Rule::SecretMissing,
        SourceProblem::NotText | SourceProblem::TooLong => Rule::SecretForm,
        SourceProblem::TimedOut(_) => Rule::Timeout,
        SourceProblem::Vault(VaultProblem::Connection) => of_causes(error),
        SourceProblem::Vault(problem) => of_vault(problem),
        _ => Rule::SecretUnreadable,
    }
}

fn of_vault(problem: &VaultProblem) -> Rule {
    match problem {
        VaultProblem::Url(UrlProblem::PlainHttp) => Rule::HttpUrl,
        VaultProblem::Url(_) | VaultProblem::Location | VaultProblem::Path => Rule::Config,
        VaultProblem::NotFound | VaultProblem::Deleted | VaultProblem::NoField => {
            Rule::SecretMissing
        }
        VaultProblem::NotText => Rule::SecretForm,
        VaultProblem::Sealed => Rule::VendorDown,
        VaultProblem::RateLimited => Rule::RateLimited,
        VaultProblem::Redirect(_) => Rule::Redirect,
        VaultProblem::Html => Rule::WrongHost,
        VaultProblem::Timeout => Rule::Timeout,
        VaultProblem::NotJson | VaultProblem::TooLarge | VaultProblem::NotVersion2 => {
            Rule::UnexpectedAnswer
        }
        VaultProblem::Status(status) => of_status(*status),
        _ => Rule::SecretUnreadable,
    }
}

fn of_auth(error: &AuthError) -> Rule {
    match error {
        AuthError::Secret { problem, .. } => match problem {
            SecretProblem::TrailingNewline | SecretProblem::ControlCharacter => Rule::SecretNewline,
            SecretProblem::Empty => Rule::SecretMissing,
            _ => Rule::SecretForm,
        },
        AuthError::Url {
            problem: UrlProblem::PlainHttp,
            ..
        } => Rule::HttpUrl,
        AuthError::KeyExpired { .. } => Rule::ExpiredKey,
        AuthError::TimedOut { .. } => Rule::Timeout,
        AuthError::TokenRequest { problem, .. } => of_exchange(problem),
        AuthError::Refresh { source, .. } => of_auth(source),
        _ => Rule::Config,
    }
}

fn of_exchange(problem: &TokenRequestProblem) -> Rule {
    match problem {
        TokenRequestProblem::Refused => Rule::RefusedKey,
        TokenRequestProblem::Denied { kind, .. } => of_oauth(*kind),
        TokenRequestProblem::Forbidden => Rule::MissingPermission,
        TokenRequestProblem::Status(status) => of_status(*status),
        TokenRequestProblem::Redirect { .. } => Rule::Redirect,
        TokenRequestProblem::Html => Rule::WrongHost,
        TokenRequestProblem::Timeout => Rule::Timeout,
        TokenRequestProblem::Throttled | TokenRequestProblem::BudgetSpent => Rule::RateLimited,
        TokenRequestProblem::Transport(error) if error.is_timeout() => Rule::Timeout,
        TokenRequestProblem::Transport(error) => of_causes(error),
        _ => Rule::UnexpectedAnswer,
    }
}

fn of_oauth(kind: OAuthErrorKind) -> Rule {
    match kind {
        OAuthErrorKind::Transient => Rule::VendorDown,
        OAuthErrorKind::Key => Rule::RefusedKey,
        OAuthErrorKind::Permission => Rule::MissingPermission,
        // A parameter of the request is wrong, and so is what the file says of it.
        _ => Rule::UnexpectedAnswer,
    }
}

/// The rule that an answer breaks by its status alone.
pub(crate) fn of_status(status: StatusCode) -> Rule {
    match status {
        StatusCode::UNAUTHORIZED => Rule::RefusedKey,
        StatusCode::FORBIDDEN => Rule::MissingPermission,
        StatusCode::TOO_MANY_REQUESTS => Rule::RateLimited,
        StatusCode::REQUEST_TIMEOUT => Rule::Timeout,
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => Rule::Connection,
        status if status.is_redirection() => Rule::Redirect,
        status if status.is_server_error() => Rule::VendorDown,
        _ => Rule::UnexpectedAnswer,
    }
}

/// What kept a connection from being made, by the causes of `error`.
fn of_causes(error: &(dyn Error + 'static)) -> Rule {
    let mut next = Some(error);
    while let Some(cause) = next {
        if cause.is::<rustls::Error>() {
            return Rule::Tls;
        }
        // hyper-util has no type for it.
        if cause.to_string() == "dns error" {
            return Rule::Dns;
        }
        let io = cause.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::TimedOut) {
            return Rule::Timeout;
        }
        if io.is_some_and(is_out_of_files) {
            return Rule::System;
        }
        // An I/O error hides what it wraps from its chain.
        next = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    Rule::Connection
}

/// Whether the process or the system has no more files to open (`EMFILE`, `ENFILE`). The standard library has no kind for it.
fn is_out_of_files(error: &io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}

impl From<SimulatorError> for Fault {
    fn from(error: SimulatorError) -> Self {
        let problem = format!("a simulator cannot start: {}", with_causes(&error));
        match &error {
            SimulatorError::Bind { source, .. } if is_out_of_files(source) => {
                Self::new(Rule::System, problem)
            }
            SimulatorError::Bind { .. } => {
                Self::usage(problem).with_remedy("give another port, or 0 for any free one")
            }
            _ => Self::usage(problem),
        }
    }
}

/// `error` and its causes, in one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
