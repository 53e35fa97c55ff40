//! An environment variable.

use async_trait::async_trait;
use multi_auth::SecretString;

use super::{SecretSource, SourceError, SourceProblem, origin, secret, variable};

/// A secret in an environment variable.
///
/// Other processes of the same user can read the environment, and child processes inherit it. A
/// file is safer.
///
/// ```
/// use multi_auth_config::EnvSource;
///
/// let source = EnvSource::new("REPORTS_KEY");
/// ```
#[derive(Clone, Debug)]
pub struct EnvSource {
    name: String,
}

impl EnvSource {
    /// The variable `name`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    fn look(&self) -> Result<SecretString, SourceProblem> {
        let value = variable::value(&self.name).ok_or(SourceProblem::Missing)?;
        secret(value.into_encoded_bytes().into())
    }
}

#[async_trait]
impl SecretSource for EnvSource {
    async fn read(&self) -> Result<SecretString, SourceError> {
        let what = || origin::variable(&self.name);
        self.look()
            .map_err(|problem| SourceError::new(what(), problem))
    }
}
