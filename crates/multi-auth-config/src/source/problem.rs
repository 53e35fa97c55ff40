//! Why a secret cannot be read.

use std::borrow::Cow;
use std::error::Error;
use std::path::PathBuf;
use std::{fmt, io};

use multi_auth::TransportError;

use super::existing;
use crate::VaultProblem;

/// Why a secret cannot be read from its source.
///
/// It never shows the secret.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{what} {problem}")]
pub struct SourceError {
    what: String,
    problem: SourceProblem,
    #[source]
    source: Option<TransportError>,
}

impl SourceError {
    /// Creates an error. `what` names the source, as in "the file /run/secrets/key".
    pub fn new(what: impl Into<String>, problem: SourceProblem) -> Self {
        Self {
            what: what.into(),
            problem,
            source: None,
        }
    }

    /// The same error with the reason why there is no response.
    pub(crate) fn with_source(self, source: TransportError) -> Self {
        Self {
            source: Some(source),
            ..self
        }
    }

    /// Turns it into an error of Vault's token.
    pub(crate) fn of_token(self) -> Self {
        Self {
            what: format!("Vault's token: {}", self.what),
            ..self
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &SourceProblem {
        &self.problem
    }

    /// What is wrong, with the name of the source.
    #[must_use]
    pub fn fact(&self) -> String {
        format!("{} {}", self.what, self.problem.fact())
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Cow<'static, str> {
        self.problem.remedy()
    }
}

/// What is wrong with a source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceProblem {
    /// It was not found.
    Missing,
    /// It exists and cannot be read.
    Unreadable(io::ErrorKind),
    /// It is a file that everyone on the machine can read or write.
    OpenToOthers,
    /// It is a file that belongs to a user who is neither this one nor root.
    Foreign,
    /// It is a file that a user other than this one and root can replace, through this directory or
    /// symlink on its path.
    Replaceable(PathBuf),
    /// It is a directory, a pipe or a device.
    NotAFile,
    /// It is empty.
    Empty,
    /// It is not UTF-8 text.
    NotText,
    /// It is longer than 64 KiB.
    TooLong,
    /// A command cannot be started.
    NotStarted(io::ErrorKind),
    /// A command failed. Its output is not shown.
    Failed(String),
    /// It timed out after this many seconds.
    TimedOut(u64),
    /// It is in a keyring that is locked, or that this program may not read; on Linux, the program
    /// has no session.
    Locked,
    /// A keyring has more than one such entry.
    Ambiguous,
    /// The system has no keyring, or it failed.
    NoKeyring,
    /// Vault does not return it.
    Vault(VaultProblem),
    /// The program provided no source with that name.
    NotGiven,
    /// The message of your own source.
    Other(String),
}

impl SourceProblem {
    /// What is wrong; it reads on from the name of the source.
    #[must_use]
    pub fn fact(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Missing => "was not found",
            Self::Unreadable(kind) => return format!("cannot be read ({kind})").into(),
            Self::OpenToOthers => "can be read or written by everyone on this machine",
            Self::Foreign => "belongs to another user",
            Self::Replaceable(name) => {
                let name = existing(name);
                return format!("can be replaced by other users, who own or can write {name}")
                    .into();
            }
            Self::NotAFile => "is not a regular file",
            Self::Empty => "is empty",
            Self::NotText => "is not text",
            Self::TooLong => "is longer than 64 KiB",
            Self::NotStarted(kind) => return format!("cannot be started ({kind})").into(),
            Self::Failed(status) => return format!("failed ({status})").into(),
            Self::TimedOut(seconds) => return format!("timed out after {seconds} s").into(),
            Self::Locked => {
                "cannot be read because the keyring is locked, or this program may not read it"
            }
            Self::Ambiguous => "matches several entries",
            Self::NoKeyring => "cannot be read because this system has no keyring, or it failed",
            Self::Vault(problem) => return problem.fact(),
            Self::NotGiven => "is not given",
            Self::Other(text) => return text.clone().into(),
        })
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Missing => "create it, or correct its name",
            Self::Unreadable(_) => "allow this user to read it",
            Self::OpenToOthers => {
                "remove that permission (`chmod o= FILE`; in Kubernetes, `defaultMode: 0440`)"
            }
            Self::Foreign => {
                "change its owner to this user or root (`chown`), or use `dangerous_foreign_file` if you trust its owner"
            }
            Self::Replaceable(_) => {
                "remove that permission (`chown`, `chmod go-w`), keep the key elsewhere, or use \
                 `dangerous_foreign_file` if you trust them"
            }
            Self::NotAFile => "name a regular file, not a directory, pipe or device",
            Self::Empty => "put the key there",
            Self::NotText => "check that it is the right file, and its encoding is not UTF-16",
            Self::TooLong => "name a source that has only the key",
            Self::NotStarted(_) => "install it, or correct its name",
            Self::Failed(_) => {
                "run it by hand to see why; it gets only PATH, HOME and the variables in its `env`"
            }
            Self::TimedOut(_) => "check whether it waits for input",
            Self::Locked => {
                "unlock it, or allow this program to read it (on Linux, start the program with `keyctl session`)"
            }
            Self::Ambiguous => "remove all but one of them",
            Self::NoKeyring => {
                "check that the system's own tool can read the entry, or keep the key elsewhere"
            }
            Self::Vault(problem) => return problem.remedy(),
            Self::NotGiven => "call `Config::with_source` in the program",
            Self::Other(_) => "see the documentation of that source",
        })
    }
}

impl fmt::Display for SourceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The message of the source may contain a remedy.
            Self::Other(text) => f.write_str(text),
            _ => write!(f, "{}: {}", self.fact(), self.remedy()),
        }
    }
}

impl Error for SourceProblem {}

impl From<VaultProblem> for SourceProblem {
    fn from(problem: VaultProblem) -> Self {
        Self::Vault(problem)
    }
}
