//! Errors of a configuration: where, what is wrong, and what to do.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

use multi_auth::AuthError;

use crate::source::shown;
use crate::{Advice, SourceError};

/// Why a configuration gives no keyring. It shows one line for each vendor with a problem.
///
/// It never shows a secret, or a value of the file that could be one.
#[derive(Clone)]
pub struct ConfigError(Box<Inner>);

#[derive(Clone)]
struct Inner {
    location: ConfigLocation,
    problem: ConfigProblem,
    others: Vec<ConfigError>,
}

/// What is wrong with a configuration.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum ConfigProblem {
    /// The file cannot be read.
    Unreadable(ErrorKind),
    /// The file is invalid. Correct it as the advice says.
    Invalid(Advice),
    /// A key cannot be read from its source.
    Secret(SourceError),
    /// An entry gives no credential: its key has the wrong format, or its URL is invalid.
    Vendor(AuthError),
}

/// A location in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigLocation {
    /// The file, or the environment variable that overrides it.
    pub source: String,
    /// Line and column, counted from 1, if they are known.
    pub position: Option<(usize, usize)>,
    /// The field, as in `vendors.reports.key`; empty for the file as a whole.
    pub field: String,
}

impl ConfigLocation {
    /// `source` as a whole.
    pub(crate) fn whole(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            position: None,
            field: String::new(),
        }
    }
}

impl ConfigError {
    pub(crate) fn new(location: ConfigLocation, problem: ConfigProblem) -> Self {
        let others = Vec::new();
        Self(Box::new(Inner {
            location,
            problem,
            others,
        }))
    }

    pub(crate) fn invalid(location: ConfigLocation, advice: Advice) -> Self {
        Self::new(location, ConfigProblem::Invalid(advice))
    }

    /// Collects all values, or all errors.
    pub(crate) fn all<T>(made: impl IntoIterator<Item = Result<T, Self>>) -> Result<Vec<T>, Self> {
        let (mut all, mut errors) = (Vec::new(), Vec::new());
        for made in made {
            match made {
                Ok(one) => all.push(one),
                Err(error) => errors.push(error),
            }
        }
        let mut errors = errors.into_iter();
        let Some(mut first) = errors.next() else {
            return Ok(all);
        };
        first.0.others.extend(errors);
        Err(first)
    }

    /// Where the problem is.
    #[must_use]
    pub fn location(&self) -> &ConfigLocation {
        &self.0.location
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &ConfigProblem {
        &self.0.problem
    }

    /// The first problem of each further vendor.
    #[must_use]
    pub fn others(&self) -> &[Self] {
        &self.0.others
    }
}

/// Shows the same text as `Display`: a `main` that returns the error prints it.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.location, self.0.problem)?;
        let mut others = self.0.others.iter();
        others.try_for_each(|other| write!(f, "\n{other}"))
    }
}

/// What `Display` shows of a cause is left out: only what lies below it follows.
impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.problem {
            // Their own texts are part of this one.
            ConfigProblem::Secret(error) => error.source(),
            ConfigProblem::Vendor(error) => error.source(),
            ConfigProblem::Unreadable(_) | ConfigProblem::Invalid(_) => None,
        }
    }
}

impl ConfigProblem {
    /// What is wrong; it reads on from the location.
    #[must_use]
    pub fn fact(&self) -> Cow<'static, str> {
        match self {
            Self::Unreadable(ErrorKind::NotFound) => "was not found".into(),
            Self::Unreadable(kind) => format!("cannot be read ({kind})").into(),
            Self::Invalid(advice) => advice.problem().to_owned().into(),
            Self::Secret(error) => error.fact().into(),
            Self::Vendor(error) => error.fact(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Unreadable(ErrorKind::NotFound) => {
                "create one with `multi-auth init`, or name another file".into()
            }
            Self::Unreadable(_) => "allow this user to read it, or name another file".into(),
            Self::Invalid(advice) => advice.remedy().to_owned().into(),
            Self::Secret(error) => error.remedy(),
            Self::Vendor(error) => error.remedy().into(),
        }
    }
}

impl fmt::Display for ConfigLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.source))?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        if self.field.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.field)
    }
}
