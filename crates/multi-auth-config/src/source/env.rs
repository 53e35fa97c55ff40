//! An environment variable.

use std::ffi::OsString;

use async_trait::async_trait;
use multi_auth::SecretString;

use super::{SecretSource, SourceError, SourceProblem, origin, secret};

/// A secret in an environment variable.
///
/// The environment of a process is shown to its user's other processes and handed to its children: a file is safer.
#[derive(Clone, Debug)]
pub struct EnvSource {
    name: String,
}

impl EnvSource {
    /// The variable called `name`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    fn look(&self) -> Result<SecretString, SourceProblem> {
        let value = value(&self.name).ok_or(SourceProblem::Missing)?;
        secret(value.into_encoded_bytes().into())
    }
}

/// What the variable `name` holds. What no variable can be called is not there either.
pub(super) fn value(name: &str) -> Option<OsString> {
    let is_name = !name.is_empty() && !name.contains(['=', '\0']);
    is_name.then(|| std::env::var_os(name)).flatten()
}

#[async_trait]
impl SecretSource for EnvSource {
    async fn read(&self) -> Result<SecretString, SourceError> {
        let what = || origin::variable(&self.name);
        self.look()
            .map_err(|problem| SourceError::new(what(), problem))
    }
}
