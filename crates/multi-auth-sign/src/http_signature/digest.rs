//! The digest of the body: `Content-Digest: sha-256=:..:` (RFC 9530, 2).

use aws_lc_rs::digest::{Algorithm, SHA256, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use multi_auth::{BodyView, RequestHead};

use super::Settings;
use crate::SignError;

pub(super) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// The hash of a computed digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha512,
}

/// What a signature says about the body.
pub(super) enum ContentDigest {
    /// Nothing: the signature does not cover it, or there is no content.
    Uncovered,
    /// The caller's `Content-Digest`.
    Given,
    /// The value of the field that the signature adds.
    Computed(Vec<u8>),
}

const STREAM: SignError = SignError::signature(
    "the body is a stream, which has no digest to sign",
    "give the body as bytes (with tower, add `with_replay(ReplayClone)` or `BufferBody` to the layer), or give its digest as `Content-Digest`, or build the signer with `components` that have no `content-digest`",
);

impl ContentDigest {
    pub(super) fn of(request: &RequestHead<'_>, settings: &Settings) -> Result<Self, SignError> {
        let components = &settings.components;
        let Some(covered) = components.iter().find(|one| one.is_content_digest()) else {
            return Ok(Self::Uncovered);
        };
        if request.headers().contains_key(CONTENT_DIGEST) {
            return Ok(Self::Given);
        }
        match request.body() {
            BodyView::Empty if !covered.is_required => Ok(Self::Uncovered),
            body => Ok(Self::Computed(
                settings.hash.digest(body.bytes().ok_or(STREAM)?),
            )),
        }
    }
}

impl Hash {
    /// The value of `Content-Digest` for `body`.
    pub(super) fn digest(self, body: &[u8]) -> Vec<u8> {
        let (name, hash): (&[u8], &Algorithm) = match self {
            Self::Sha256 => (b"sha-256=:", &SHA256),
            Self::Sha512 => (b"sha-512=:", &SHA512),
        };
        let mut text = Vec::with_capacity(98);
        text.extend_from_slice(name);
        write_base64(digest(hash, body).as_ref(), &mut text);
        text.push(b':');
        text
    }
}

/// Writes `bytes` in base64 (RFC 8941, 3.3.5).
pub(super) fn write_base64(bytes: &[u8], text: &mut Vec<u8>) {
    let start = text.len();
    text.resize(start + bytes.len().div_ceil(3) * 4, 0);
    // The room is that of the text.
    let written = STANDARD.encode_slice(bytes, &mut text[start..]);
    debug_assert_eq!(written.ok(), Some(text.len() - start));
}
