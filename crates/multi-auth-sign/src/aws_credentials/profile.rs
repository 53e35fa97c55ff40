//! The access key of a profile in the files that AWS's tools share.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::{AuthError, Token, TokenSource};

use super::AwsCredentialsProblem as Problem;
use super::file;
use super::ini::{self, Kind, Settings};
use super::variables::{self, optional, required};
use crate::{AwsCredentials, SignError};

/// The access key of a profile in `~/.aws/credentials` and `~/.aws/config`
/// ([AWS](https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html)).
///
/// ```
/// use multi_auth::AuthError;
/// use multi_auth_sign::{AwsProfile, SigV4};
///
/// fn s3() -> Result<SigV4, AuthError> {
///     SigV4::builder("eu-central-1", "s3").build_with_source(AwsProfile::from_env()?)
/// }
/// # fn main() {}
/// ```
///
/// It reads `aws_access_key_id`, `aws_secret_access_key` and `aws_session_token`. A setting in the
/// credentials file precedes the same one in the config file. A profile with another way to obtain
/// credentials, such as `role_arn`, `sso_session` or `credential_process`, is an error, even beside
/// an access key: AWS's tools would use the other way.
///
/// The files are read again at least every five minutes while requests are sent, so that a key that
/// another program renews is used. To read them once, call [`credentials`](Self::credentials).
#[derive(Clone, Debug)]
pub struct AwsProfile {
    name: Box<str>,
    credentials_file: PathBuf,
    config_file: PathBuf,
}

impl AwsProfile {
    /// The profile `name` in these two files. One of them need not exist.
    pub fn new(
        name: &str,
        credentials_file: impl Into<PathBuf>,
        config_file: impl Into<PathBuf>,
    ) -> Self {
        Self {
            name: name.into(),
            credentials_file: credentials_file.into(),
            config_file: config_file.into(),
        }
    }

    /// The profile that the environment of the process names: `AWS_PROFILE`, or else `default`, in
    /// the files `AWS_SHARED_CREDENTIALS_FILE`, or else `~/.aws/credentials`, and
    /// `AWS_CONFIG_FILE`, or else `~/.aws/config`.
    ///
    /// # Errors
    ///
    /// [`SignError::AwsCredentials`] if a file is in the home directory, and neither `HOME` nor
    /// `USERPROFILE` names it.
    pub fn from_env() -> Result<Self, AuthError> {
        Self::from_env_with(variables::process)
    }

    /// As [`from_env`](Self::from_env), with the variables that `lookup` returns.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_env_with(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, AuthError> {
        let name = optional(&lookup, "AWS_PROFILE");
        Ok(Self::new(
            name.as_ref().map_or("default", |name| name.as_str()),
            path(&lookup, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")?,
            path(&lookup, "AWS_CONFIG_FILE", "~/.aws/config")?,
        ))
    }

    /// Reads the access key.
    ///
    /// # Errors
    ///
    /// [`SignError::AwsCredentials`] if a file cannot be read, the profile is in neither, or it has
    /// no access key; and those of [`AwsCredentials::new`].
    pub fn credentials(&self) -> Result<AwsCredentials, AuthError> {
        let profile = self.read()?;
        let id = profile.required("aws_access_key_id")?;
        let credentials = AwsCredentials::new(id, profile.required("aws_secret_access_key")?)?;
        match profile.get("aws_session_token") {
            Some(token) => credentials.with_session_token(token),
            None => Ok(credentials),
        }
    }

    fn read(&self) -> Result<Profile<'_>, SignError> {
        let credentials = self.section(Kind::Credentials, &self.credentials_file)?;
        let config = self.section(Kind::Config, &self.config_file)?;
        if credentials.is_none() && config.is_none() {
            let profile = self.name.clone();
            return Err(Problem::NoProfile { profile }.into());
        }
        let profile = Profile {
            name: &self.name,
            files: [credentials, config].map(Option::unwrap_or_default),
        };
        profile.check_supported()?;
        Ok(profile)
    }

    fn section(&self, kind: Kind, path: &Path) -> Result<Option<Settings>, SignError> {
        let what = match kind {
            Kind::Config => "AWS config file",
            Kind::Credentials => "AWS credentials file",
        };
        let Some(text) = file::read_if_present(what, path)? else {
            return Ok(None);
        };
        let path = path.display().to_string();
        Ok(ini::read(&text, kind, &self.name, &path)?)
    }
}

/// How long the access key is used before the files are read again.
const AGE: Duration = Duration::from_secs(5 * 60);

/// The settings that say how to obtain credentials in another way.
const UNSUPPORTED: [&str; 9] = [
    "credential_process",
    "credential_source",
    "login_session",
    "role_arn",
    "sso_account_id",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];

struct Profile<'p> {
    name: &'p str,
    /// Those of the credentials file first.
    files: [Settings; 2],
}

impl Profile<'_> {
    fn get(&self, setting: &str) -> Option<&str> {
        self.files.iter().find_map(|file| file.get(setting))
    }

    fn required(&self, setting: &'static str) -> Result<&str, SignError> {
        let profile = self.name.into();
        let missing = Problem::MissingSetting { profile, setting };
        self.get(setting).ok_or_else(|| missing.into())
    }

    fn check_supported(&self) -> Result<(), SignError> {
        let found = UNSUPPORTED
            .into_iter()
            .find(|name| self.get(name).is_some());
        let profile = self.name.into();
        match found {
            Some(setting) => Err(Problem::Unsupported { profile, setting }.into()),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl TokenSource for AwsProfile {
    async fn token(&self) -> Result<Token, AuthError> {
        Ok(self.credentials()?.into_token().with_lifetime(AGE))
    }
}

/// The path in the variable `name`, or else `default`. `~/` is the home directory.
fn path(
    lookup: &impl Fn(&str) -> Option<String>,
    name: &str,
    default: &str,
) -> Result<PathBuf, SignError> {
    let named = optional(lookup, name);
    let text = named.as_ref().map_or(default, |path| path.as_str());
    let Some(rest) = text.strip_prefix("~/") else {
        return Ok(text.into());
    };
    let home = match optional(lookup, "USERPROFILE") {
        Some(windows) => optional(lookup, "HOME").unwrap_or(windows),
        None => required(lookup, "HOME")?,
    };
    Ok(Path::new(home.as_str()).join(rest))
}
