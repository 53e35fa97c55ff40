//! Credentials in environment variables.

use multi_auth::AuthError;

use super::variables::{self, optional, required};
use crate::AwsCredentials;

impl AwsCredentials {
    /// The credentials in the environment of the process: `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY` and, for temporary ones, `AWS_SESSION_TOKEN`
    /// ([AWS](https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html)).
    ///
    /// ```no_run
    /// use multi_auth_sign::{AwsCredentials, SigV4};
    ///
    /// # fn main() -> Result<(), multi_auth::AuthError> {
    /// let aws = SigV4::new("eu-central-1", "execute-api", AwsCredentials::from_env()?)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`AwsCredentialsProblem::MissingVariable`](crate::AwsCredentialsProblem::MissingVariable),
    /// and those of [`AwsCredentials::new`].
    pub fn from_env() -> Result<Self, AuthError> {
        Self::from_env_with(variables::process)
    }

    /// As [`from_env`](Self::from_env), with the variables that `lookup` returns.
    ///
    /// ```
    /// use multi_auth_sign::AwsCredentials;
    ///
    /// let error = AwsCredentials::from_env_with(|_| None).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the environment variable `AWS_ACCESS_KEY_ID` has no value: set it",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_env_with(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, AuthError> {
        let id = required(&lookup, "AWS_ACCESS_KEY_ID")?;
        let secret = required(&lookup, "AWS_SECRET_ACCESS_KEY")?;
        let credentials = Self::new(&id, secret.as_str())?;
        match optional(&lookup, "AWS_SESSION_TOKEN") {
            Some(token) => credentials.with_session_token(token.as_str()),
            None => Ok(credentials),
        }
    }
}
