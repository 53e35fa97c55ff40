//! Which rule an error or an answer breaks.

use std::error::Error;
use std::io;

use http::StatusCode;
use multi_auth::{AuthError, ExchangeProblem, SecretProblem, UrlProblem};
use multi_auth_config::{ConfigError, ConfigProblem, SourceProblem};

use super::{Fault, Rule};

impl From<ConfigError> for Fault {
    fn from(error: ConfigError) -> Self {
        let rule = match error.problem() {
            ConfigProblem::Secret(source) => of_source(source.problem()),
            ConfigProblem::Vendor(error) => of_auth(error),
            _ => Rule::Config,
        };
        Self::new(rule, error.to_string())
    }
}

impl From<AuthError> for Fault {
    fn from(error: AuthError) -> Self {
        Self::new(of_auth(&error), error.to_string())
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
        let rule = if error.is_timeout() {
            Rule::Timeout
        } else {
            of_causes(&error)
        };
        // The query may hold a key.
        Self::new(rule, with_causes(&error.without_url()))
    }
}

fn of_source(problem: &SourceProblem) -> Rule {
    match problem {
        SourceProblem::Missing | SourceProblem::Empty => Rule::SecretMissing,
        SourceProblem::NotText | SourceProblem::TooLong => Rule::SecretForm,
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
        AuthError::Exchange { problem, .. } => of_exchange(problem),
        AuthError::Renewal { source, .. } => of_auth(source),
        _ => Rule::Config,
    }
}

fn of_exchange(problem: &ExchangeProblem) -> Rule {
    match problem {
        ExchangeProblem::Refused | ExchangeProblem::Denied { .. } => Rule::RefusedKey,
        ExchangeProblem::Forbidden => Rule::MissingPermission,
        ExchangeProblem::Status(status) => of_status(*status),
        ExchangeProblem::Redirect { .. } => Rule::Redirect,
        ExchangeProblem::Html => Rule::WrongHost,
        ExchangeProblem::Timeout => Rule::Timeout,
        ExchangeProblem::Transport(error) if error.is_timeout() => Rule::Timeout,
        ExchangeProblem::Transport(error) => of_causes(error),
        _ => Rule::UnexpectedAnswer,
    }
}

/// The rule that an answer breaks by its status alone.
pub(crate) fn of_status(status: StatusCode) -> Rule {
    match status {
        StatusCode::UNAUTHORIZED => Rule::RefusedKey,
        StatusCode::FORBIDDEN => Rule::MissingPermission,
        StatusCode::TOO_MANY_REQUESTS => Rule::RateLimited,
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
        // An I/O error hides what it wraps from its chain.
        next = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    Rule::Connection
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
