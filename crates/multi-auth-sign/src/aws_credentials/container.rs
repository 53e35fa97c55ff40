//! The credentials of a container on ECS or EKS.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Method, Request};
use multi_auth::{AuthError, SecretProblem, SecretString, Token, TokenSource, Transport};
use secrecy::ExposeSecret;
use url::Url;

use super::AwsCredentialsProblem as Problem;
use super::endpoint::{ECS, EKS, EKS_IPV6};
use super::variables::{self, optional, required};
use super::{client, endpoint, file, json};
use crate::{SignError, header};

/// Credentials of a container on ECS or on EKS with Pod Identity.
///
/// `GET <url>`, with the `Authorization` that the environment names
/// ([AWS](https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html)).
///
/// ```
/// use multi_auth::{AuthError, Transport};
/// use multi_auth_sign::{AwsContainer, SigV4};
///
/// # fn main() {}
/// fn s3(transport: impl Transport + 'static) -> Result<SigV4, AuthError> {
///     SigV4::builder("eu-central-1", "s3").build_with_source(AwsContainer::from_env(transport)?)
/// }
/// ```
///
/// Errors and `Debug` show the endpoint without its path, which identifies the credentials.
pub struct AwsContainer {
    url: Url,
    authorization: Authorization,
    transport: Arc<dyn Transport>,
}

/// The value of the field `Authorization`.
enum Authorization {
    None,
    Fixed(HeaderValue),
    File(PathBuf),
}

const ENDPOINT: &str = "container credentials endpoint";
const TOKEN: &str = "container authorization token";
const TOKEN_FILE: &str = "container authorization token file";

impl AwsContainer {
    /// The endpoint at `url`: https, or http to a loopback address, to ECS (169.254.170.2) or to
    /// the agent of EKS (169.254.170.23 or `[fd00:ec2::23]`).
    ///
    /// # Errors
    ///
    /// [`SignError::AwsCredentials`] if it is plain http to another host, or is invalid.
    pub fn new(url: &str, transport: impl Transport + 'static) -> Result<Self, AuthError> {
        Ok(Self {
            url: endpoint::parse(ENDPOINT, url, &[ECS, EKS, EKS_IPV6])?,
            authorization: Authorization::None,
            transport: Arc::new(transport),
        })
    }

    /// The endpoint in the environment of the process: `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, or
    /// else `AWS_CONTAINER_CREDENTIALS_FULL_URI`. `Authorization` is the content of the file
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, or else `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
    ///
    /// # Errors
    ///
    /// [`SignError::AwsCredentials`] if neither URI is set, or one is invalid.
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
        let source = match optional(&lookup, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            Some(path) => Self::new(&on_ecs(&path)?, transport),
            None => Self::new(
                &required(&lookup, "AWS_CONTAINER_CREDENTIALS_FULL_URI")?,
                transport,
            ),
        }?;
        if let Some(path) = optional(&lookup, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            return Ok(source.with_authorization_file(path.as_str()));
        }
        match optional(&lookup, "AWS_CONTAINER_AUTHORIZATION_TOKEN") {
            Some(token) => source.with_authorization(token.as_str()),
            None => Ok(source),
        }
    }

    /// Sends `value` as `Authorization`.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if it is not a value of a header field.
    pub fn with_authorization(self, value: impl Into<SecretString>) -> Result<Self, AuthError> {
        let authorization = Authorization::Fixed(authorization(value.into().expose_secret())?);
        Ok(Self {
            authorization,
            ..self
        })
    }

    /// Sends the content of the file at `path` as `Authorization`. The file is read for each
    /// request, because Kubernetes replaces it.
    #[must_use]
    pub fn with_authorization_file(self, path: impl Into<PathBuf>) -> Self {
        let authorization = Authorization::File(path.into());
        Self {
            authorization,
            ..self
        }
    }
}

impl Authorization {
    fn value(&self) -> Result<Option<HeaderValue>, AuthError> {
        match self {
            Self::None => Ok(None),
            Self::Fixed(value) => Ok(Some(value.clone())),
            Self::File(path) => Ok(Some(authorization(&file::token(TOKEN_FILE, path)?)?)),
        }
    }
}

#[async_trait]
impl TokenSource for AwsContainer {
    async fn token(&self) -> Result<Token, AuthError> {
        let json = HeaderValue::from_static("application/json");
        let mut request = Request::builder().method(Method::GET).header(ACCEPT, json);
        if let Some(value) = self.authorization.value()? {
            request = request.header(AUTHORIZATION, value);
        }
        let answer = client::send(&self.transport, &self.url, request, Vec::new()).await?;
        json::read(&answer.success()?, "the container credentials endpoint")
    }
}

/// The URL of a path at ECS. Without the slash, the path could name another host.
fn on_ecs(path: &str) -> Result<String, SignError> {
    if path.starts_with('/') {
        return Ok(format!("http://{ECS}{path}"));
    }
    let what = "value of `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`";
    let remedy = "write a path that begins with `/`";
    Err(Problem::Value { what, remedy }.into())
}

fn authorization(text: &str) -> Result<HeaderValue, AuthError> {
    let problem = match text {
        "" => SecretProblem::Empty,
        text if text.bytes().any(|byte| byte.is_ascii_control()) => SecretProblem::ControlCharacter,
        text if !text.is_ascii() => SecretProblem::NotAscii,
        text => return Ok(header::secret(text)?),
    };
    Err(AuthError::invalid_secret(TOKEN, problem))
}

impl fmt::Debug for AwsContainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsContainer")
            .field("endpoint", &endpoint::shown(&self.url))
            .finish_non_exhaustive()
    }
}
