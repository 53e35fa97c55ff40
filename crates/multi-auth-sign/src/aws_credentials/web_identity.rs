//! A role that a token of an identity provider may assume.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request};
use multi_auth::{AuthError, Token, TokenSource, Transport};
use url::{Url, form_urlencoded};

use super::AwsCredentialsProblem as Problem;
use super::variables::{self, optional, required};
use super::{client, endpoint, file, is_part_of_name, sts};
use crate::SignError;
use crate::sigv4::is_name;

/// Credentials of a role that a token of an identity provider may assume, as pods on EKS have it
/// (IAM roles for service accounts).
///
/// `POST https://sts.<region>.amazonaws.com/`, with
/// `Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=..&WebIdentityToken=..`
/// ([AWS](https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html)).
///
/// ```
/// use multi_auth::{AuthError, Transport};
/// use multi_auth_sign::{AwsWebIdentity, SigV4};
///
/// # fn main() {}
/// fn dynamodb(transport: impl Transport + 'static) -> Result<SigV4, AuthError> {
///     SigV4::builder("eu-central-1", "dynamodb")
///         .read_json_errors()
///         .build_with_source(AwsWebIdentity::from_env(transport)?)
/// }
/// ```
///
/// The token file is read for each request to STS, because Kubernetes replaces it. The request is
/// not signed: the token authenticates it.
pub struct AwsWebIdentity {
    endpoint: Url,
    role_arn: Box<str>,
    session_name: Box<str>,
    token_file: PathBuf,
    duration: Option<Duration>,
    transport: Arc<dyn Transport>,
}

const ENDPOINT: &str = "STS endpoint";
const TOKEN_FILE: &str = "web identity token file";

impl AwsWebIdentity {
    /// The role with the ARN `role_arn`, for the token in `token_file`, from STS in `region`.
    ///
    /// # Errors
    ///
    /// [`SignError::AwsCredentials`] if the region is not a name, or the ARN is not an ARN.
    pub fn new(
        region: &str,
        role_arn: &str,
        token_file: impl Into<PathBuf>,
        transport: impl Transport + 'static,
    ) -> Result<Self, AuthError> {
        if !role_arn.starts_with("arn:") || !role_arn.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid(
                "role ARN",
                "write it as arn:aws:iam::123456789012:role/NAME",
            )
            .into());
        }
        Ok(Self {
            endpoint: regional_endpoint(region)?,
            role_arn: role_arn.into(),
            session_name: "multi-auth".into(),
            token_file: token_file.into(),
            duration: None,
            transport: Arc::new(transport),
        })
    }

    /// The role in the environment of the process: `AWS_ROLE_ARN`, `AWS_WEB_IDENTITY_TOKEN_FILE`,
    /// `AWS_REGION` (or `AWS_DEFAULT_REGION`) and, if it is set, `AWS_ROLE_SESSION_NAME`.
    ///
    /// # Errors
    ///
    /// [`SignError::AwsCredentials`] if a variable is missing or invalid.
    pub fn from_env(transport: impl Transport + 'static) -> Result<Self, AuthError> {
        Self::from_env_with(variables::process, transport)
    }

    /// As [`from_env`](Self::from_env), with the variables that `lookup` returns.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_env_with(
        lookup: impl Fn(&str) -> Option<String>,
        transport: impl Transport + 'static,
    ) -> Result<Self, AuthError> {
        let role_arn = required(&lookup, "AWS_ROLE_ARN")?;
        let token_file = required(&lookup, "AWS_WEB_IDENTITY_TOKEN_FILE")?;
        let region = match optional(&lookup, "AWS_DEFAULT_REGION") {
            Some(default) => optional(&lookup, "AWS_REGION").unwrap_or(default),
            None => required(&lookup, "AWS_REGION")?,
        };
        let source = Self::new(&region, &role_arn, token_file.as_str(), transport)?;
        match optional(&lookup, "AWS_ROLE_SESSION_NAME") {
            Some(name) => source.with_session_name(&name),
            None => Ok(source),
        }
    }

    /// Sets the name of the session, which AWS logs. Default: `multi-auth`.
    ///
    /// # Errors
    ///
    /// [`SignError::AwsCredentials`] if it has fewer than 2 or more than 64 characters, or one that
    /// is not a letter, a digit or in `_+=,.@-`.
    pub fn with_session_name(self, name: &str) -> Result<Self, AuthError> {
        if !(2..=64).contains(&name.len()) || !name.bytes().all(is_part_of_name) {
            let remedy = "write 2 to 64 letters, digits or characters of `_+=,.@-`";
            return Err(invalid("role session name", remedy).into());
        }
        let session_name = name.into();
        Ok(Self {
            session_name,
            ..self
        })
    }

    /// Sets how long the credentials are valid: 15 minutes to 12 hours, in whole seconds. Default:
    /// that of STS, one hour.
    ///
    /// # Errors
    ///
    /// [`SignError::AwsCredentials`] if it is shorter or longer.
    pub fn with_duration(self, duration: Duration) -> Result<Self, AuthError> {
        if !(15 * 60..=12 * 60 * 60).contains(&duration.as_secs()) {
            let remedy = "give 15 minutes to 12 hours";
            return Err(invalid("duration of the session", remedy).into());
        }
        let duration = Some(duration);
        Ok(Self { duration, ..self })
    }

    /// Sets another endpoint of STS, such as a VPC endpoint, one with FIPS, or that of an isolated
    /// partition.
    ///
    /// # Errors
    ///
    /// [`SignError::AwsCredentials`] if `url` is not https and not a loopback address.
    pub fn with_endpoint(self, url: &str) -> Result<Self, AuthError> {
        let endpoint = endpoint::parse(ENDPOINT, url, &[])?;
        Ok(Self { endpoint, ..self })
    }

    fn body(&self, token: &str) -> Vec<u8> {
        // A buffer that grows leaves an unwiped copy. An encoded byte has three characters.
        let length = 256 + 3 * (token.len() + self.role_arn.len() + self.session_name.len());
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(length));
        form.append_pair("Action", "AssumeRoleWithWebIdentity")
            .append_pair("Version", "2011-06-15")
            .append_pair("RoleArn", &self.role_arn)
            .append_pair("RoleSessionName", &self.session_name);
        if let Some(duration) = self.duration {
            form.append_pair("DurationSeconds", &duration.as_secs().to_string());
        }
        form.append_pair("WebIdentityToken", token);
        form.finish().into_bytes()
    }
}

#[async_trait]
impl TokenSource for AwsWebIdentity {
    async fn token(&self) -> Result<Token, AuthError> {
        let token = file::token(TOKEN_FILE, &self.token_file)?;
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let request = Request::builder()
            .method(Method::POST)
            .header(CONTENT_TYPE, form);
        let body = self.body(&token);
        let answer = client::send(&self.transport, &self.endpoint, request, body).await?;
        sts::read(answer)
    }
}

/// The endpoint of STS in `region`
/// ([AWS](https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html)).
fn regional_endpoint(region: &str) -> Result<Url, SignError> {
    if !is_name(region) {
        return Err(invalid(
            "region",
            "write a lower-case name, such as eu-central-1",
        ));
    }
    let domain = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    endpoint::parse(ENDPOINT, &format!("https://sts.{region}.{domain}/"), &[])
}

fn invalid(what: &'static str, remedy: &'static str) -> SignError {
    Problem::Value { what, remedy }.into()
}

impl fmt::Debug for AwsWebIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsWebIdentity")
            .field("endpoint", &endpoint::shown(&self.endpoint))
            .field("role_arn", &self.role_arn)
            .field("session_name", &self.session_name)
            .field("token_file", &self.token_file)
            .finish_non_exhaustive()
    }
}
