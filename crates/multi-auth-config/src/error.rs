//! What is wrong with a configuration: where, what, and what to write instead.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

use multi_auth::AuthError;

use crate::source::shown;
use crate::{Advice, SourceError};

/// Why a configuration gives no keyring: one line for each vendor with something wrong.
///
/// No message holds a secret, or a value of the file that could be one.
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
    /// The file says something that cannot be meant.
    Invalid(Advice),
    /// A secret cannot be had from where the file says it is.
    Secret(SourceError),
    /// A vendor's entry gives no credential: its secret has the wrong form, its URL cannot be a scope, another vendor
    /// has the same one.
    Vendor(AuthError),
}

/// A place in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigLocation {
    /// The file, or the environment variable that goes before it.
    pub source: String,
    /// Line and column, from 1 on, where they are known.
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

    /// All that was made, or all that is wrong.
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

    /// Where it is wrong.
    #[must_use]
    pub fn location(&self) -> &ConfigLocation {
        &self.0.location
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &ConfigProblem {
        &self.0.problem
    }

    /// What is wrong with other vendors: the first problem of each.
    #[must_use]
    pub fn others(&self) -> &[Self] {
        &self.0.others
    }
}

/// As it is shown, for it is what a `main` that returns it prints.
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
    /// What is wrong, to follow the place.
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
