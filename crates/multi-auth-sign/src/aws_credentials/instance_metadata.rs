//! The credentials of the role of an EC2 instance.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::header::ACCEPT;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use multi_auth::{AuthError, Token, TokenSource, Transport};
use url::Url;

use super::AwsCredentialsProblem as Problem;
use super::client::{self, Answer};
use super::{endpoint, is_part_of_name, json};
use crate::{SignError, header};

/// Credentials of the role of the EC2 instance that this program runs on, from the instance
/// metadata service, version 2.
///
/// `PUT /latest/api/token`, then `GET /latest/meta-data/iam/security-credentials/<role>` with
/// `X-aws-ec2-metadata-token`
/// ([AWS](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html)).
///
/// ```
/// use multi_auth::{AuthError, Transport};
/// use multi_auth_sign::{AwsInstanceMetadata, SigV4};
///
/// # fn main() {}
/// fn s3(transport: impl Transport + 'static) -> Result<SigV4, AuthError> {
///     SigV4::builder("eu-central-1", "s3").build_with_source(AwsInstanceMetadata::new(transport))
/// }
/// ```
///
/// There is no fallback to version 1, which any program that can be made to send a GET can read
/// out. The requests are plain http to a link-local address, which does not leave the instance:
/// [`new`](Self::new) and [`ipv6`](Self::ipv6) are for exactly those two addresses. Do not give a
/// transport with a proxy.
///
/// In a container on the instance, the PUT times out if the hop limit of the instance is 1. Set it
/// to 2, or give the container its own role: see [`AwsContainer`](crate::AwsContainer).
///
/// AWS offers new credentials at least five minutes before the old ones expire.
/// [`SigV4`](crate::SigV4) refreshes earlier than that and asks again if they are not new yet.
pub struct AwsInstanceMetadata {
    /// Without a path.
    origin: Cow<'static, str>,
    role: Option<Box<str>>,
    transport: Arc<dyn Transport>,
}

const WHO: &str = "the instance metadata service";

const TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");

/// The lifetime of a session, in seconds. Each call begins one, and ends with its two requests.
const SESSION: HeaderValue = HeaderValue::from_static("60");

impl AwsInstanceMetadata {
    /// The service at `http://169.254.169.254`.
    #[must_use]
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self::of("http://169.254.169.254".into(), transport)
    }

    /// The service at `http://[fd00:ec2::254]`, if the instance has it turned on.
    #[must_use]
    pub fn ipv6(transport: impl Transport + 'static) -> Self {
        Self::of("http://[fd00:ec2::254]".into(), transport)
    }

    /// A service on this machine, for tests. The path of `url` does not count.
    ///
    /// # Errors
    ///
    /// [`SignError::AwsCredentials`] if `url` has no loopback address.
    pub fn at_loopback(url: &str, transport: impl Transport + 'static) -> Result<Self, AuthError> {
        let url = endpoint::parse_loopback("instance metadata endpoint", url)?;
        Ok(Self::of(endpoint::shown(&url).into(), transport))
    }

    fn of(origin: Cow<'static, str>, transport: impl Transport + 'static) -> Self {
        Self {
            origin,
            role: None,
            transport: Arc::new(transport),
        }
    }

    /// Names the role, which saves the request that asks for its name.
    ///
    /// # Errors
    ///
    /// [`SignError::AwsCredentials`] if it is not a name of a role.
    pub fn with_role(self, name: &str) -> Result<Self, AuthError> {
        let role = Some(role(name)?);
        Ok(Self { role, ..self })
    }

    /// Begins a session: its token.
    async fn session(&self) -> Result<HeaderValue, AuthError> {
        let request = Request::builder().method(Method::PUT).header(TTL, SESSION);
        let answer = self.send(request, "/latest/api/token").await?.success()?;
        let member = "session token";
        let invalid = |_| SignError::from(Problem::Response { who: WHO, member });
        Ok(header::secret(answer.text()?).map_err(invalid)?)
    }

    /// The name of the instance's role.
    async fn role(&self, session: &HeaderValue) -> Result<Box<str>, AuthError> {
        if let Some(role) = &self.role {
            return Ok(role.clone());
        }
        let answer = self.get("", session).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Err(SignError::from(Problem::NoRole).into());
        }
        let answer = answer.success()?;
        // There is one role, in a list.
        let first = answer.text()?.lines().next();
        Ok(role(first.unwrap_or_default())?)
    }

    async fn get(&self, role: &str, session: &HeaderValue) -> Result<Answer, AuthError> {
        let json = HeaderValue::from_static("application/json");
        let request = Request::builder().method(Method::GET).header(ACCEPT, json);
        let path = format!("/latest/meta-data/iam/security-credentials/{role}");
        self.send(request.header(TOKEN, session), &path).await
    }

    async fn send(&self, request: http::request::Builder, path: &str) -> Result<Answer, AuthError> {
        let url = Url::parse(&format!("{}{path}", self.origin)).map_err(AuthError::permanent)?;
        client::send(&self.transport, &url, request, Vec::new()).await
    }
}

#[async_trait]
impl TokenSource for AwsInstanceMetadata {
    async fn token(&self) -> Result<Token, AuthError> {
        let session = self.session().await?;
        let role = self.role(&session).await?;
        let answer = self.get(&role, &session).await?;
        json::read(&answer.success()?, WHO)
    }
}

/// A name of a role, which is a segment of a path
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html)).
fn role(name: &str) -> Result<Box<str>, SignError> {
    let is_dots = name.bytes().all(|byte| byte == b'.');
    if name.len() <= 64 && !is_dots && name.bytes().all(is_part_of_name) {
        return Ok(name.into());
    }
    let remedy = "it has up to 64 letters, digits or characters of `_+=,.@-`";
    Err(Problem::Value {
        what: "name of the instance's role",
        remedy,
    }
    .into())
}

impl fmt::Debug for AwsInstanceMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsInstanceMetadata")
            .field("endpoint", &self.origin)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}
