//! What is wrong, and what to do about it.

mod expected;
pub(crate) use expected::expected;

use std::borrow::Cow;
use std::fmt;

/// What is wrong, and what to do about it. Neither text contains a value that could be a secret.
///
/// `Display` joins them: "is not a path: write it as in /v1/me".
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

    /// What is wrong; it reads on from the name of the field.
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
