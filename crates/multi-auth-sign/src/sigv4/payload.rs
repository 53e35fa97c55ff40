//! What a signature says about the body.

use aws_lc_rs::digest::{SHA256, digest};
use http::HeaderValue;
use multi_auth::{AuthError, BodyView, RequestHead};

use super::key::hexadecimal;
use super::{CONTENT_SHA256, Settings};
use crate::{SignError, header};

/// Whether bodies are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PayloadChoice {
    Signed,
    Unsigned,
}

/// What a signature says about the body of a request.
pub(super) enum Payload<'r> {
    Empty,
    Hash([u8; 64]),
    Unsigned,
    /// The caller's `X-Amz-Content-Sha256`.
    Given(&'r str),
}

/// The hash of no bytes.
pub(super) const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub(super) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

const STREAM: SignError = SignError::signature(
    "the body is a stream, which has no hash to sign",
    "give the body as bytes (with tower, add `with_replay(ReplayClone)` or `BufferBody` to the layer), or give its hash as `X-Amz-Content-Sha256`, or build the signer with `unsigned_payload` if the service accepts it",
);

const NO_HASH: SignError = SignError::signature(
    "the request's `X-Amz-Content-Sha256` is no hash",
    "give the SHA-256 hash of the body in hexadecimal or `UNSIGNED-PAYLOAD`, or leave it out",
);

impl<'r> Payload<'r> {
    pub(super) fn of(request: &RequestHead<'r>, settings: &Settings) -> Result<Self, AuthError> {
        if let Some(given) = request.headers().get(CONTENT_SHA256) {
            let given = given.to_str().ok().filter(|given| is_hash(given));
            return Ok(Self::Given(given.ok_or(NO_HASH)?));
        }
        if settings.payload == PayloadChoice::Unsigned {
            return Ok(Self::Unsigned);
        }
        let is_https = request.scheme() == Some("https");
        match request.body() {
            BodyView::Empty => Ok(Self::Empty),
            BodyView::Bytes(bytes) => Ok(Self::Hash(hexadecimal(digest(&SHA256, bytes).as_ref()))),
            _ if settings.is_s3 && is_https => Ok(Self::Unsigned),
            _ => Err(STREAM.into()),
        }
    }

    /// The last line of the canonical request.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Empty => EMPTY,
            // It is hexadecimal.
            Self::Hash(hash) => str::from_utf8(hash).unwrap_or_default(),
            Self::Unsigned => UNSIGNED,
            Self::Given(given) => given,
        }
    }

    /// The value of `X-Amz-Content-Sha256` that the signature adds, if it does.
    pub(super) fn header(&self, settings: &Settings) -> Result<Option<HeaderValue>, SignError> {
        if !settings.has_content_sha256 {
            return Ok(None);
        }
        Ok(match self {
            Self::Empty => Some(HeaderValue::from_static(EMPTY)),
            Self::Unsigned => Some(HeaderValue::from_static(UNSIGNED)),
            Self::Hash(hash) => Some(header::value(*hash)?),
            Self::Given(_) => None,
        })
    }
}

/// A SHA-256 hash in hexadecimal, or one of the constants of AWS.
fn is_hash(text: &str) -> bool {
    let is_hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    // Other constants need a signature of each chunk.
    let is_constant = [UNSIGNED, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"].contains(&text);
    is_constant || text.len() == 64 && text.bytes().all(is_hexadecimal)
}
