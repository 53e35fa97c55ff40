//! Why a secret cannot be had.

use std::io;

use multi_auth::TransportError;

use crate::VaultProblem;

/// Why a secret cannot be had from where it should be.
///
/// It never shows what stands there.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{what} {problem}")]
pub struct SourceError {
    what: String,
    problem: SourceProblem,
    #[source]
    source: Option<TransportError>,
}

impl SourceError {
    /// `what` names the source, as in "the file /run/secrets/key".
    pub fn new(what: impl Into<String>, problem: SourceProblem) -> Self {
        Self {
            what: what.into(),
            problem,
            source: None,
        }
    }

    /// The same error with why no answer could be had.
    pub(crate) fn with_source(self, source: TransportError) -> Self {
        Self {
            source: Some(source),
            ..self
        }
    }

    /// The same error of the token that opens another source.
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
}

/// What is wrong with a source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceProblem {
    /// It is not there.
    #[error("is not there: create it, or correct its name")]
    Missing,
    /// It is there and cannot be read.
    #[error("cannot be read ({0}): give this user the right to")]
    Unreadable(io::ErrorKind),
    /// It is a file that everybody on the machine can read or write.
    #[error(
        "is open to everybody on this machine: take that right away (`chmod o= FILE`; in Kubernetes, `defaultMode: 0440`)"
    )]
    OpenToOthers,
    /// It is a folder, a pipe or a device.
    #[error("is not a file: name the file itself")]
    NotAFile,
    /// There is nothing in it.
    #[error("is empty: put the secret there")]
    Empty,
    /// It is not UTF-8 text.
    #[error("is not text: keys are; look for a wrong file, or for an encoding such as UTF-16")]
    NotText,
    /// It is longer than 64 KiB, as no key is.
    #[error("is longer than 64 KiB: name what gives the key alone")]
    TooLong,
    /// A command cannot be started.
    #[error("cannot be started ({0}): install it, or correct its name")]
    NotStarted(io::ErrorKind),
    /// A command says that it failed. What it wrote is not shown.
    #[error("failed ({0}): run it by hand to see why")]
    Failed(String),
    /// It takes too long.
    #[error("gave nothing within {0} s: look whether it waits for somebody's input")]
    TimedOut(u64),
    /// It is in a keyring that is locked, or that this program may not read; on Linux, the program has no session.
    #[error(
        "cannot be read, for the keyring is locked or closed to this program: unlock it, or allow the program there (on Linux, start it in a session of keys, as with `keyctl session`)"
    )]
    Locked,
    /// A keyring has more than one such entry.
    #[error("is there more than once: remove all but one")]
    Ambiguous,
    /// There is no keyring that works.
    #[error(
        "cannot be had, for there is no keyring here or it failed: see whether the system's own tool can read the entry, or          keep the key elsewhere"
    )]
    NoKeyring,
    /// Vault does not give it.
    #[error("{0}")]
    Vault(#[from] VaultProblem),
    /// The file leaves it to the program, which gave no source of that name.
    #[error("is not given: the program gives it with `Config::with_source`")]
    NotGiven,
    /// What a source of your own says.
    #[error("{0}")]
    Other(String),
}
