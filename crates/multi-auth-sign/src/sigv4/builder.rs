//! Settings of a signer.

use std::sync::Arc;

use multi_auth::{AuthError, Clock, SystemClock, TokenSource};

use super::identity::Source;
use super::payload::PayloadChoice;
use super::{AwsCredentials, Settings, SigV4};
use crate::SignError;

/// Settings of a [`SigV4`], from [`SigV4::builder`].
///
/// ```
/// use multi_auth_sign::{AwsCredentials, SigV4};
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let credentials = AwsCredentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let lattice = SigV4::builder("eu-central-1", "vpc-lattice-svcs")
///     .unsigned_payload()
///     .build(credentials)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SigV4Builder {
    region: Box<str>,
    service: Box<str>,
    payload: PayloadChoice,
    has_content_sha256: bool,
    reads_json: bool,
    clock: Arc<dyn Clock>,
}

impl SigV4Builder {
    pub(super) fn new(region: &str, service: &str) -> Self {
        Self {
            region: region.into(),
            service: service.into(),
            payload: PayloadChoice::Signed,
            has_content_sha256: is_s3(service) || service == "aoss",
            reads_json: false,
            clock: Arc::new(SystemClock),
        }
    }

    /// Signs `UNSIGNED-PAYLOAD` in place of the hash of the body, so that bodies may be streams.
    /// Only some services accept it, such as S3 and VPC Lattice. Anyone on the path who can change
    /// the body can then do so unnoticed.
    #[must_use]
    pub fn unsigned_payload(self) -> Self {
        Self {
            payload: PayloadChoice::Unsigned,
            has_content_sha256: true,
            ..self
        }
    }

    /// Sends the hash of the body as `X-Amz-Content-Sha256`, for a service that requires it, such
    /// as `OpenSearch` Serverless. Requests to S3 always have it.
    #[must_use]
    pub fn content_sha256(self) -> Self {
        Self {
            has_content_sha256: true,
            ..self
        }
    }

    /// Reads the error code in JSON bodies, for a service that does not name it in a header field,
    /// such as `DynamoDB`, Kinesis and KMS. With a source of credentials, a session that expires
    /// early, or is revoked, is then refreshed and the request is sent again.
    ///
    /// The adapter then reads a JSON body before it delivers the response: at most 64 KiB, and not
    /// if it has a content coding. A body that arrives slowly delays its response. An adapter that
    /// cannot read bodies fails the request before it is sent: in `multi-auth-tower`, call
    /// `AuthLayer::read_responses`. That is why this is off by default: S3 and the services with
    /// XML gain nothing from it.
    #[must_use]
    pub fn read_json_errors(self) -> Self {
        Self {
            reads_json: true,
            ..self
        }
    }

    /// The clock for the time of signatures. Default: [`SystemClock`].
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Builds the signer with fixed credentials.
    ///
    /// # Errors
    ///
    /// As [`SigV4::new`].
    pub fn build(self, credentials: AwsCredentials) -> Result<SigV4, AuthError> {
        self.with_credentials(Source::fixed(credentials)?)
    }

    /// Builds the signer with credentials that expire. `source` returns
    /// [tokens](AwsCredentials::into_token) of them. They are cached, and refreshed before they expire.
    /// Always give the expiry: only some services, such as API Gateway, report an expired session
    /// in a header field, after which it is refreshed too. For those with JSON, see
    /// [`read_json_errors`](Self::read_json_errors).
    ///
    /// Sources: [`AwsProfile`](crate::AwsProfile), [`AwsWebIdentity`](crate::AwsWebIdentity),
    /// [`AwsContainer`](crate::AwsContainer), [`AwsInstanceMetadata`](crate::AwsInstanceMetadata).
    ///
    /// # Errors
    ///
    /// As [`SigV4::new`].
    pub fn build_with_source(self, source: impl TokenSource + 'static) -> Result<SigV4, AuthError> {
        let credentials = Source::refreshed(source, Arc::clone(&self.clock))?;
        self.with_credentials(credentials)
    }

    fn with_credentials(self, credentials: Source) -> Result<SigV4, AuthError> {
        if !is_name(&self.region) || !is_name(&self.service) {
            return Err(SignError::signature(NOT_NAME.0, NOT_NAME.1).into());
        }
        if is_region(&self.service) && !is_region(&self.region) {
            return Err(SignError::signature(SWAPPED.0, SWAPPED.1).into());
        }
        Ok(SigV4 {
            settings: Arc::new(Settings {
                is_s3: is_s3(&self.service),
                region: self.region,
                service: self.service,
                payload: self.payload,
                has_content_sha256: self.has_content_sha256,
                reads_json: self.reads_json,
                clock: self.clock,
            }),
            credentials,
            skew: Arc::default(),
        })
    }
}

const NOT_NAME: (&str, &str) = (
    "the region or the service is not a name",
    "write lower-case names, such as eu-central-1 and execute-api",
);

const SWAPPED: (&str, &str) = (
    "the service has the form of a region",
    "give the region first and then the service",
);

/// The services with the rules of S3.
fn is_s3(service: &str) -> bool {
    matches!(service, "s3" | "s3-object-lambda" | "s3-outposts")
}

/// Whether `text` has the form of a name of a region or a service.
pub(crate) fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_part)
}

/// Whether `text` has the form of a region, such as `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_partition = parts.next().is_some_and(|first| first.len() == 2);
    let number = parts.next_back();
    let is_number =
        number.is_some_and(|last| last.len() == 1 && last.as_bytes()[0].is_ascii_digit());
    is_partition && is_number && parts.count() >= 1
}
