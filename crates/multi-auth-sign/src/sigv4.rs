//! AWS Signature Version 4: `Authorization: AWS4-HMAC-SHA256 Credential=.., SignedHeaders=..,
//! Signature=..` and `X-Amz-Date`.

mod builder;
mod canonical;
mod credentials;
mod identity;
mod key;
mod payload;
mod presign;
mod refusal;
mod skew;
mod timestamp;

pub use builder::SigV4Builder;
pub(crate) use builder::is_name;
pub use credentials::AwsCredentials;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use multi_auth::{
    AuthError, Authenticator, BodyNeed, Clock, Credential, CredentialId, Placement, RequestHead,
    ResponseHead, Verdict,
};

use self::canonical::{Canonical, Field, PathRules};
use self::identity::{Signer, Source};
use self::payload::{Payload, PayloadChoice};
use self::skew::{Lesson, Skew};
use self::timestamp::Timestamp;
use crate::header;
use crate::host::Host;

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// Signs requests with AWS Signature Version 4
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)).
///
/// ```
/// use multi_auth::Keyring;
/// use multi_auth_sign::{AwsCredentials, SigV4};
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let credentials = AwsCredentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let aws = SigV4::new("eu-central-1", "execute-api", credentials)?;
/// let keyring = Keyring::builder()
///     .bind("https://abc123.execute-api.eu-central-1.amazonaws.com", aws)?
///     .build();
/// # Ok(())
/// # }
/// ```
///
/// # What is signed
///
/// The method, the path, the query, the host, the body, and every header field that the request has
/// when it reaches the adapter, except those that proxies and clients change: `User-Agent`,
/// `Accept-Encoding`, `Content-Length`, `Expect`, `Forwarded`, `Via`, `X-Forwarded-*`, the
/// hop-by-hop fields and those of tracing. A layer below the adapter must not change what is
/// signed.
///
/// If the request has `Authorization`, `X-Amz-Date`, `X-Amz-Security-Token` or a presigned query,
/// it is sent as it is. If it has `X-Amz-Content-Sha256`, that value is signed in place of the hash
/// of the body.
///
/// # Bodies
///
/// A body in memory is hashed. A body that is a stream has no hash: for S3 over https it is sent
/// with `UNSIGNED-PAYLOAD`, for every other service the request fails. Give the bytes, or build
/// with
/// [`unsigned_payload`](SigV4Builder::unsigned_payload) for a service that accepts it.
///
/// # Clock
///
/// A refusal of AWS whose `Date` differs from this machine's clock by more than four minutes
/// corrects the time of later signatures, and the request is signed and sent once more.
#[derive(Clone)]
pub struct SigV4 {
    settings: Arc<Settings>,
    credentials: Source,
    skew: Arc<Skew>,
}

struct Settings {
    region: Box<str>,
    service: Box<str>,
    is_s3: bool,
    payload: PayloadChoice,
    /// Whether requests have `X-Amz-Content-Sha256`.
    has_content_sha256: bool,
    /// Whether error codes in JSON bodies are read.
    reads_json: bool,
    clock: Arc<dyn Clock>,
}

impl SigV4 {
    /// Signs requests to `service` in `region`, such as `execute-api` in `eu-central-1`.
    ///
    /// # Errors
    ///
    /// [`SignError::Signature`](crate::SignError::Signature) in [`AuthError::Other`] if the region or
    /// the service is not a lower-case name, or if they are exchanged.
    pub fn new(
        region: &str,
        service: &str,
        credentials: AwsCredentials,
    ) -> Result<Self, AuthError> {
        Self::builder(region, service).build(credentials)
    }

    /// Starts a signer for `service` in `region`, with settings.
    #[must_use]
    pub fn builder(region: &str, service: &str) -> SigV4Builder {
        SigV4Builder::new(region, service)
    }

    /// Signs `request` with `identity`.
    fn sign(
        &self,
        request: &RequestHead<'_>,
        (identity, token): Signer,
    ) -> Result<Credential, AuthError> {
        let settings = &*self.settings;
        let (skew, epoch) = self.skew.current();
        let time = Timestamp::of(settings.clock.wall(), skew)?;
        let payload = Payload::of(request, settings)?;
        let added = Added {
            date: time.text(),
            token: identity.session_token(),
            content: payload.header(settings)?,
            host: Host::of(request)?,
        };
        let mut fields = canonical::fields(request.headers());
        added.add_to(&mut fields);
        let mut text = Vec::with_capacity(512);
        let names = Canonical {
            method: request.method().as_str(),
            path: request.path(),
            rules: PathRules::of(settings.is_s3),
            query: request.query().unwrap_or_default(),
            fields: &mut fields,
            payload: payload.text(),
        }
        .write(&mut text);
        let key = identity.key(&time, settings);
        let signature = key.sign(&time, &text);
        let authorization = key.authorization(identity.access_key_id(), &text[names], &signature);
        let signed = added.credential(authorization)?;
        match token {
            // Both the token and the time are judged.
            Some(token) => signed.with_id(token).and(Credential::watching(epoch)),
            None => Ok(signed.with_id(CredentialId::refreshable(epoch))),
        }
    }
}

/// The fields that the signature adds to a request.
struct Added<'r> {
    date: [u8; 16],
    token: Option<&'r HeaderValue>,
    content: Option<HeaderValue>,
    host: Option<Host<'r>>,
}

impl Added<'_> {
    fn add_to<'f>(&'f self, fields: &mut Vec<Field<'f>>) {
        fields.push(("x-amz-date", &self.date));
        let token = self
            .token
            .map(|token| ("x-amz-security-token", token.as_bytes()));
        fields.extend(token);
        let content = self.content.as_ref();
        fields.extend(content.map(|hash| ("x-amz-content-sha256", hash.as_bytes())));
        // The HTTP client adds it.
        fields.extend(self.host.as_ref().map(|host| ("host", host.as_bytes())));
    }

    fn credential(self, authorization: Vec<u8>) -> Result<Credential, AuthError> {
        let fields = [
            (AUTHORIZATION, header::value(authorization)?),
            (DATE, header::value(self.date)?),
        ];
        let token = self.token.map(|token| (TOKEN, token.clone()));
        let content = self.content.map(|hash| (CONTENT_SHA256, hash));
        Credential::headers(fields.into_iter().chain(token).chain(content))
    }
}

#[async_trait]
impl Authenticator for SigV4 {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        if has_signature(request) {
            return Some(Ok(Credential::empty()));
        }
        let signer = self.credentials.ready()?;
        Some(signer.and_then(|signer| self.sign(request, signer)))
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        if has_signature(request) {
            return Ok(Credential::empty());
        }
        let signer = self.credentials.obtain().await?;
        self.sign(request, signer)
    }

    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let now = self.settings.clock.wall();
        match self.skew.learn(id, response, now) {
            Lesson::Corrected if !response.is_after_resign() => Verdict::Resign,
            Lesson::Foreign => Verdict::Accept,
            _ => self.credentials.judge(id, response),
        }
    }

    fn placements(&self) -> Vec<Placement> {
        header::placements(&[AUTHORIZATION, DATE, TOKEN, CONTENT_SHA256])
    }

    fn needs_body(&self) -> BodyNeed {
        match self.settings.payload {
            PayloadChoice::Signed => BodyNeed::Digest,
            PayloadChoice::Unsigned => BodyNeed::Nothing,
        }
    }

    fn reads_responses(&self) -> bool {
        self.settings.reads_json
    }

    /// A hash that the caller gives is signed in place of the body's.
    fn needs_body_of(&self, request: &RequestHead<'_>) -> BodyNeed {
        if has_signature(request) || request.headers().contains_key(CONTENT_SHA256) {
            return BodyNeed::Nothing;
        }
        self.needs_body()
    }
}

/// Whether the caller has signed the request, in its header or in its query.
fn has_signature(request: &RequestHead<'_>) -> bool {
    // One pass costs less than three look-ups.
    let mut names = request.headers().keys();
    let query = request.query().unwrap_or_default();
    names.any(|name| [AUTHORIZATION, DATE, TOKEN].contains(name))
        || query
            .split('&')
            .any(|part| part.starts_with("X-Amz-Signature="))
}

impl fmt::Debug for SigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigV4")
            .field("region", &self.settings.region)
            .field("service", &self.settings.service)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
