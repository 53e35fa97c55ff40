//! A scheme that signs each request: HMAC-SHA256 over method, path, query, timestamp and body.
//!
//! `X-Timestamp: 1790000000` and `X-Signature: <hexadecimal>`. If the caller already set one of
//! the two, the scheme attaches neither: half a signature of each would verify nowhere.

use std::sync::Arc;
use std::time::SystemTime;

use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};
use http::{HeaderName, HeaderValue};
use multi_auth::{
    AuthError, Authenticator, BodyNeed, Clock, Credential, Placement, RequestHead, SecretProblem,
};

const TIMESTAMP: HeaderName = HeaderName::from_static("x-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("x-signature");

/// Signs requests with a shared key. `Debug` does not print the key.
#[derive(Debug)]
pub(crate) struct HmacSignature {
    key: Key,
    clock: Arc<dyn Clock>,
}

impl HmacSignature {
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if the key is empty.
    pub(crate) fn new(key: &[u8], clock: Arc<dyn Clock>) -> Result<Self, AuthError> {
        if key.is_empty() {
            return Err(AuthError::invalid_secret(
                "signing key",
                SecretProblem::Empty,
            ));
        }
        let key = Key::new(HMAC_SHA256, key);
        Ok(Self { key, clock })
    }

    /// The signature of `request` at `timestamp`, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if the body is not in memory.
    fn sign(&self, request: &RequestHead<'_>, timestamp: &str) -> Result<HeaderValue, AuthError> {
        let body = request.body().bytes();
        let body =
            body.ok_or_else(|| AuthError::permanent("the body is not in memory: buffer it"))?;
        let mut message = Context::with_key(&self.key);
        for part in [
            request.method().as_str(),
            request.path(),
            request.query().unwrap_or_default(),
            timestamp,
        ] {
            message.update(part.as_bytes());
            message.update(b"\n");
        }
        message.update(body);
        let signature = message.sign();
        let text: String = signature
            .as_ref()
            .iter()
            .copied()
            .map(hexadecimal)
            .collect();
        HeaderValue::try_from(text).map_err(AuthError::permanent)
    }

    fn credential(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let now = self.clock.wall().duration_since(SystemTime::UNIX_EPOCH);
        let timestamp = now.unwrap_or_default().as_secs().to_string();
        let signature = Credential::header(SIGNATURE, self.sign(request, &timestamp)?);
        let timestamp = HeaderValue::try_from(timestamp).map_err(AuthError::permanent)?;
        Credential::header(TIMESTAMP, timestamp).and(signature)
    }
}

fn hexadecimal(byte: u8) -> String {
    format!("{byte:02x}")
}

impl Authenticator for HmacSignature {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let headers = request.headers();
        if headers.contains_key(TIMESTAMP) || headers.contains_key(SIGNATURE) {
            return Some(Ok(Credential::empty())); // the caller's own wins
        }
        Some(self.credential(request))
    }

    fn placements(&self) -> Vec<Placement> {
        let names = [TIMESTAMP, SIGNATURE];
        names
            .iter()
            .filter_map(|name| Placement::header(name.as_str()).ok())
            .collect()
    }

    fn needs_body(&self) -> BodyNeed {
        BodyNeed::Bytes
    }
}
