//! A signature by AWS Signature Version 4, and the scheme built from it.

use std::env;
use std::sync::Arc;

use multi_auth::{AuthError, Transport};
use multi_auth_sign::{
    AwsContainer, AwsCredentials, AwsInstanceMetadata, AwsProfile, AwsWebIdentity, SigV4,
    SigV4Builder,
};
use secrecy::ExposeSecret;

use super::Secrets;
use crate::document::AwsSource;

/// The secrets that an entry may have besides the key.
pub(crate) const ACCESS_KEY_ID: &str = "access_key_id";
pub(crate) const SESSION_TOKEN: &str = "session_token";

/// A signature as an entry describes it. It holds no secret.
#[derive(Clone, Debug)]
pub(crate) struct SigV4Settings {
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) credentials: AwsCredentialSettings,
    pub(crate) is_unsigned: bool,
    pub(crate) has_content_sha256: bool,
    pub(crate) reads_json: bool,
}

/// Where the credentials come from.
#[derive(Clone, Debug)]
pub(crate) enum AwsCredentialSettings {
    /// The key of the entry, with this ID if it is no secret of the entry.
    Entry(Option<String>),
    /// Where AWS's own tools find them, and the name of the profile.
    Aws(AwsSource, Option<String>),
}

impl SigV4Settings {
    /// Checks all that is not a secret.
    pub(crate) fn check(&self) -> Result<(), AuthError> {
        let id = match &self.credentials {
            AwsCredentialSettings::Entry(Some(id)) => id,
            _ => "AKIDEXAMPLE",
        };
        let credentials = AwsCredentials::new(id, "any")?;
        self.builder().build(credentials).map(drop)
    }

    /// Whether the credentials are not the entry's.
    pub(crate) fn has_own_credentials(&self) -> bool {
        matches!(self.credentials, AwsCredentialSettings::Aws(..))
    }

    pub(super) fn signer(
        &self,
        secrets: &Secrets,
        transport: &Arc<dyn Transport>,
    ) -> Result<SigV4, AuthError> {
        let (builder, transport) = (self.builder(), Arc::clone(transport));
        let (source, profile) = match &self.credentials {
            AwsCredentialSettings::Entry(id) => {
                return builder.build(of_entry(id.as_deref(), secrets)?);
            }
            AwsCredentialSettings::Aws(source, profile) => (source, profile),
        };
        match source {
            AwsSource::Environment => builder.build(AwsCredentials::from_env()?),
            AwsSource::Profile => builder.build_with_source(self::profile(profile.as_deref())?),
            AwsSource::WebIdentity => {
                builder.build_with_source(AwsWebIdentity::from_env(transport)?)
            }
            AwsSource::Container => builder.build_with_source(AwsContainer::from_env(transport)?),
            AwsSource::InstanceMetadata => {
                builder.build_with_source(AwsInstanceMetadata::new(transport))
            }
        }
    }

    fn builder(&self) -> SigV4Builder {
        let mut builder = SigV4::builder(&self.region, &self.service);
        if self.is_unsigned {
            builder = builder.unsigned_payload();
        }
        if self.has_content_sha256 {
            builder = builder.content_sha256();
        }
        if self.reads_json {
            builder = builder.read_json_errors();
        }
        builder
    }
}

/// The credentials in the secrets of the entry.
fn of_entry(id: Option<&str>, secrets: &Secrets) -> Result<AwsCredentials, AuthError> {
    let other = |name: &str| secrets.others.get(name);
    let secret_id = other(ACCESS_KEY_ID).map(ExposeSecret::expose_secret);
    let id = id.or(secret_id).unwrap_or_default();
    let credentials = AwsCredentials::new(id, secrets.key.clone())?;
    match other(SESSION_TOKEN) {
        Some(token) => credentials.with_session_token(token.clone()),
        None => Ok(credentials),
    }
}

/// The profile `name`, or that of the environment.
fn profile(name: Option<&str>) -> Result<AwsProfile, AuthError> {
    AwsProfile::from_env_with(|variable| match (variable, name) {
        ("AWS_PROFILE", Some(name)) => Some(name.to_owned()),
        _ => env::var(variable).ok(),
    })
}
