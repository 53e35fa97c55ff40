//! Diagnostics: each has a stable code, a problem and a remedy.

mod classify;
mod response;
pub(crate) use classify::of_status;
pub(crate) use response::ResponseDiagnosis;

use std::iter;

use serde::Serialize;

use crate::exit::Exit;
use crate::roots;

/// What can be wrong. The codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DiagnosticCode {
    Usage,
    Config,
    HttpUrl,
    SecretMissing,
    SecretUnreadable,
    SecretNewline,
    SecretFormat,
    ExpiredKey,
    RefusedKey,
    NoCredential,
    UnsupportedScheme,
    MissingPermission,
    WrongRegion,
    WrongHost,
    ClockSkew,
    Redirect,
    RateLimited,
    VendorDown,
    UnexpectedResponse,
    Dns,
    Connection,
    Tls,
    Timeout,
    StoreUnavailable,
    System,
}

/// A problem: its code, the details and the remedy.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Diagnostic {
    code: DiagnosticCode,
    problem: String,
    remedy: String,
    /// Further problems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Diagnostic>,
}

impl Diagnostic {
    pub(crate) fn new(code: DiagnosticCode, problem: impl Into<String>) -> Self {
        Self {
            code,
            problem: problem.into(),
            remedy: code.advice().to_owned(),
            others: Vec::new(),
        }
    }

    /// Replaces the remedy of the code.
    pub(crate) fn with_remedy(self, remedy: impl Into<String>) -> Self {
        Self {
            remedy: remedy.into(),
            ..self
        }
    }

    pub(crate) fn with_others(mut self, others: impl IntoIterator<Item = Self>) -> Self {
        self.others.extend(others);
        self
    }

    /// A diagnostic with another remedy than the code's.
    pub(crate) fn advised(
        code: DiagnosticCode,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(code, problem).with_remedy(remedy)
    }

    pub(crate) fn usage(problem: impl Into<String>) -> Self {
        Self::new(DiagnosticCode::Usage, problem)
    }

    /// A problem of the system.
    #[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
    pub(crate) fn system(problem: impl ToString) -> Self {
        Self::new(DiagnosticCode::System, problem.to_string())
    }

    /// This one and the further ones.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Self> {
        iter::once(self).chain(&self.others)
    }

    /// The exit code: that of the worst problem.
    pub(crate) fn exit(&self) -> Exit {
        let exits = self.all().map(|diagnostic| diagnostic.code.exit());
        exits.max().unwrap_or(Exit::Usage)
    }

    pub(crate) fn code(&self) -> DiagnosticCode {
        self.code
    }

    pub(crate) fn problem(&self) -> &str {
        &self.problem
    }

    pub(crate) fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl DiagnosticCode {
    /// The code as text, as in JSON.
    pub(crate) fn name(self) -> String {
        let name = serde_json::to_string(&self).unwrap_or_default();
        name.trim_matches('"').to_owned()
    }

    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::Usage | Self::Config | Self::HttpUrl => Exit::Usage,
            Self::RateLimited
            | Self::VendorDown
            | Self::Dns
            | Self::Connection
            | Self::Tls
            | Self::Timeout
            | Self::StoreUnavailable
            | Self::System => Exit::Unknown,
            Self::SecretMissing
            | Self::SecretUnreadable
            | Self::SecretNewline
            | Self::SecretFormat
            | Self::ExpiredKey
            | Self::RefusedKey
            | Self::NoCredential
            | Self::UnsupportedScheme
            | Self::MissingPermission
            | Self::WrongRegion
            | Self::WrongHost
            | Self::ClockSkew
            | Self::Redirect
            | Self::UnexpectedResponse => Exit::Refused,
        }
    }

    /// The remedy on this machine.
    fn advice(self) -> &'static str {
        match self {
            Self::Tls if !roots::exist() => {
                "install the system's certificates (the package ca-certificates), or trust the issuer's with `--ca FILE`"
            }
            _ => self.remedy(),
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Usage => "see `multi-auth help`",
            Self::Config => "correct the file at this place",
            Self::HttpUrl => "use https: over http anyone on the network can read the key",
            Self::SecretMissing => "put the key into its source, or correct the file",
            Self::SecretUnreadable => "allow this user to read the source, and no one else",
            Self::SecretNewline => "copy the key again, in one line",
            Self::SecretFormat => "copy the whole key again, as the vendor shows it",
            Self::ExpiredKey => {
                "create a new key with the vendor and replace the old one; if the key is new already, correct `expires_at`"
            }
            Self::RefusedKey => "compare it with the vendor's list of keys, or create a new one",
            Self::NoCredential => {
                "add a vendor with this URL to the configuration, or give -H @FILE"
            }
            Self::UnsupportedScheme => {
                "multi-auth does not have this scheme: ask the vendor for a key or a token (Basic, Bearer, a header field)"
            }
            Self::MissingPermission => {
                "grant the permission with the vendor, or send a request that the key may make"
            }
            Self::WrongRegion => {
                "compare `url` with the region and tenant of the account: the vendor refused a fresh token"
            }
            Self::WrongHost => "correct `url` to the address of the API: this is a web page",
            Self::ClockSkew => {
                "set this machine's clock (NTP): the vendor refuses requests and tokens with the wrong time"
            }
            Self::Redirect => {
                "check the target (`curl -i` shows all of it), and write it into `url` if you trust it"
            }
            Self::RateLimited => "wait, and check less often",
            Self::VendorDown => "try again later, and check the vendor's status page",
            Self::UnexpectedResponse => {
                "compare `url`, `verify` and `token_endpoint` with the vendor's documentation"
            }
            Self::StoreUnavailable => {
                "check that the store's server runs and can be reached, and the keys of the store"
            }
            Self::Dns => "correct the host in `url`, or this machine's name server",
            Self::Connection => "correct host and port in `url`; check firewalls and proxies",
            Self::Tls => {
                "trust the certificate's issuer (`--ca FILE` here), or correct the host; never switch the check off"
            }
            Self::System => {
                "check this machine's limits: open files (`ulimit -n`), threads and memory"
            }
            Self::Timeout => "check firewalls and proxies, or raise the limit (`--timeout`)",
        }
    }
}
