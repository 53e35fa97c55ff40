//! The errors of this crate. Each says what failed and what to do, without any token.

use std::error::Error;
use std::fmt;
use std::io;

use multi_auth::AuthError;

/// Why a store could not do what it was asked to do.
///
/// `Display` prints what failed ([`fact`](Self::fact)) and what to do ([`remedy`](Self::remedy)).
/// No message holds a token or a key.
///
/// It converts into an [`AuthError`], so that a token source can return it with `?`.
#[derive(Debug)]
pub struct StoreError {
    place: String,
    problem: StoreProblem,
}

/// What is wrong with a store, an entry or a key.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreProblem {
    /// The operating system reported an error.
    Io(io::Error),
    /// The store, or the source of its key, could not be reached.
    Unavailable(Box<dyn Error + Send + Sync>),
    /// Other users can read or change the directory.
    Permissions,
    /// The directory belongs to another user.
    Owner,
    /// The entry is damaged, or another program wrote it.
    Malformed,
    /// The entry is sealed with a key that was not given.
    OtherKey,
    /// The entry was changed after it was sealed, or belongs to another vendor or account.
    NotAuthentic,
    /// The entry is too large for the store.
    TooLarge,
    /// The server of the store refused the user, the password or a command.
    AccessDenied(Box<dyn Error + Send + Sync>),
    /// The address of the server is invalid, or an option that it needs is missing.
    Address(&'static str),
    /// Another process held the lease for too long.
    LeaseTimeout,
    /// A refresh token was not presented, because the store did not answer: another process may
    /// present it.
    RefreshTokenWithheld(Box<StoreError>),
    /// A token request did not end within its time limit, or its runtime ended.
    Unfinished,
    /// Another process has published the entry in the meantime.
    Conflict,
    /// A vendor or account is empty, is longer than 256 bytes, or has a control character.
    Name,
    /// A sealing key is not 32 bytes in base64.
    SealingKey,
    /// The account has no refresh token.
    NotLoggedIn,
    /// A refresh token was asked for outside of a token request of its account.
    NotLeased,
    /// The operating system's keyring is not available or locked.
    OsKeyring,
    /// The cryptographic library failed, or the system has no random numbers.
    Cryptography,
}

impl StoreError {
    /// An error of your [`TokenStore`](crate::TokenStore). `place` says where: a path, a server's
    /// address, or "the account".
    pub fn new(place: impl Into<String>, problem: StoreProblem) -> Self {
        Self {
            place: place.into(),
            problem,
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &StoreProblem {
        &self.problem
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        if let StoreProblem::RefreshTokenWithheld(error) = &self.problem {
            return error.is_transient();
        }
        matches!(
            self.problem,
            StoreProblem::Io(_)
                | StoreProblem::Unavailable(_)
                | StoreProblem::AccessDenied(_)
                | StoreProblem::LeaseTimeout
                | StoreProblem::Unfinished
                | StoreProblem::Conflict
                | StoreProblem::OsKeyring
                | StoreProblem::Cryptography
        )
    }

    /// What failed, without what to do about it.
    #[must_use]
    pub fn fact(&self) -> String {
        format!("{} {}", self.place, self.problem.fact())
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.problem.remedy()
    }
}

impl StoreProblem {
    /// Whether the store did not answer.
    pub(crate) fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Io(_) | Self::Unavailable(_) | Self::AccessDenied(_) | Self::OsKeyring
        )
    }

    fn fact(&self) -> &'static str {
        match self {
            Self::Io(_) => "cannot be read or written",
            Self::Unavailable(_) => "is not available",
            Self::AccessDenied(_) => "refused the user, the password or a command",
            Self::Address(problem) => problem,
            Self::RefreshTokenWithheld(_) => {
                "has a refresh token that was not sent, because the store did not answer"
            }
            Self::Permissions => "can be read or changed by other users",
            Self::Owner => "belongs to another user",
            Self::Malformed => "is not an entry of this store",
            Self::OtherKey => "is sealed with another key",
            Self::NotAuthentic => "was changed after it was sealed",
            Self::TooLarge => "is too large for this store",
            Self::LeaseTimeout => "is in use by another process",
            Self::Unfinished => "has a token request that did not end",
            Self::Conflict => "was replaced by another process",
            Self::Name => "is empty, longer than 256 bytes, or has a control character",
            Self::SealingKey => "is not 32 bytes in base64",
            Self::NotLoggedIn => "has no refresh token",
            Self::NotLeased => "was asked for a refresh token outside of a token request",
            Self::OsKeyring => "cannot be reached in the operating system's keyring",
            Self::Cryptography => "could not be sealed",
        }
    }

    fn remedy(&self) -> &'static str {
        match self {
            Self::Io(_) => "check the path, its permissions and the free space",
            Self::Unavailable(_) => "check that the store runs and that this machine can reach it",
            Self::AccessDenied(_) => "check the user, its password, and its permissions",
            Self::Address(_) => "write it as `redis://HOST:PORT` or `rediss://HOST:PORT`",
            Self::RefreshTokenWithheld(_) => {
                "make the store available: without it, two processes may present the same token"
            }
            Self::Permissions => "run `chmod 700` on it",
            Self::Owner => "use a directory of the user that runs the program",
            Self::Malformed | Self::NotAuthentic => {
                "log in again; if the store is a directory, delete the file first"
            }
            Self::OtherKey => "add that key as a previous key; if it is lost, log in again",
            Self::TooLarge => "use a file store",
            Self::LeaseTimeout => "try again, or stop the process that holds the lease",
            Self::Unfinished | Self::Conflict => "try again",
            Self::Name => "give the name of the vendor or account",
            Self::SealingKey => "create one with `openssl rand -base64 32`",
            Self::NotLoggedIn => "log in, as with `multi-auth login`",
            Self::NotLeased => "use it only in the token source of `StoredAccount::refreshing`",
            Self::OsKeyring => "unlock the keyring, or use a file store",
            Self::Cryptography => "check that the system has free memory and gives random numbers",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.fact(), self.remedy())
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.problem {
            StoreProblem::Io(error) => Some(error),
            StoreProblem::Unavailable(error) | StoreProblem::AccessDenied(error) => Some(&**error),
            StoreProblem::RefreshTokenWithheld(error) => Some(&**error),
            _ => None,
        }
    }
}

impl From<StoreError> for AuthError {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            Self::transient(error)
        } else {
            Self::permanent(error)
        }
    }
}
