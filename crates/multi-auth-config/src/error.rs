//! What is wrong with a configuration: where, what, and what to write instead.

use std::error::Error;
use std::fmt;

use multi_auth::AuthError;

use crate::SourceError;
use crate::source::shown;

/// Why a configuration gives no keyring: one line for each vendor with something wrong.
///
/// No message holds a secret, or a value of the file that could be one.
#[derive(Clone)]
pub struct ConfigError(Box<Inner>);

#[derive(Clone)]
struct Inner {
    place: Place,
    problem: ConfigProblem,
    others: Vec<ConfigError>,
}

/// What is wrong with a configuration.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// The file cannot be read.
    #[error("cannot be read ({0})")]
    Unreadable(std::io::ErrorKind),
    /// The file says something that cannot be meant.
    #[error("{0}")]
    Invalid(String),
    /// A secret cannot be had from where the file says it is.
    #[error("{0}")]
    Secret(SourceError),
    /// A vendor's entry gives no credential: its secret has the wrong form, its URL cannot be a scope, another vendor
    /// has the same one.
    #[error("{0}")]
    Vendor(AuthError),
}

/// A place in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file, or the environment variable that goes before it.
    pub source: String,
    /// Line and column, from 1 on, where they are known.
    pub position: Option<(usize, usize)>,
    /// The field, as in `vendors.reports.key`; empty for the file as a whole.
    pub field: String,
}

impl Place {
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
    pub(crate) fn new(place: Place, problem: ConfigProblem) -> Self {
        let others = Vec::new();
        Self(Box::new(Inner {
            place,
            problem,
            others,
        }))
    }

    pub(crate) fn invalid(place: Place, problem: impl Into<String>) -> Self {
        Self::new(place, ConfigProblem::Invalid(problem.into()))
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
    pub fn place(&self) -> &Place {
        &self.0.place
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
        write!(f, "{}: {}", self.0.place, self.0.problem)?;
        let mut others = self.0.others.iter();
        others.try_for_each(|other| write!(f, "\n{other}"))
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.problem {
            ConfigProblem::Secret(error) => Some(error),
            ConfigProblem::Vendor(error) => Some(error),
            ConfigProblem::Unreadable(_) | ConfigProblem::Invalid(_) => None,
        }
    }
}

impl fmt::Display for Place {
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
