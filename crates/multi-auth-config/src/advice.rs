//! What is wrong, and what to do about it: two texts from where they are made to where they are printed.

mod expected;
pub(crate) use expected::expected;

use std::borrow::Cow;
use std::fmt;

/// What is wrong, and what to do about it. Neither text holds a value of the configuration that could be a secret.
///
/// Shown, they are joined by a colon: "is not a valid vendor name: write letters, digits, `-` and `_`".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    problem: Cow<'static, str>,
    remedy: Cow<'static, str>,
}

impl Advice {
    pub(crate) const fn new(problem: &'static str, remedy: &'static str) -> Self {
        Self {
            problem: Cow::Borrowed(problem),
            remedy: Cow::Borrowed(remedy),
        }
    }

    pub(crate) fn of(
        problem: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// What is wrong, to follow the name of the field.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.problem, self.remedy)
    }
}
