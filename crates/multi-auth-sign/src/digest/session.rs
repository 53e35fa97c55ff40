//! A nonce of a server, and signatures with it.

use std::borrow::Cow;
use std::sync::Arc;

use multi_auth::{Generation, RequestHead};

use super::algorithm::HexHash;
use super::challenge::Offer;
use super::counter::Counter;
use super::quoted::write_quoted;
use super::user::User;
use crate::{SignError, random, request_target};

const STREAM: SignError = SignError::signature(
    "the body is a stream, and the server requires `qop=auth-int`, which covers the body",
    "give the body as bytes (with tower, add `with_replay(ReplayClone)` or `BufferBody` to the layer), or offer `qop=\"auth\"` on the server",
);

/// A nonce, and all parts of a signature that do not change while it is in use.
pub(super) struct Session {
    /// Requests that are signed with the nonce have it in their ID.
    pub(super) generation: Generation,
    pub(super) offer: Offer,
    pub(super) counter: Arc<Counter>,
    key: Arc<Key>,
    /// The parameters that each request has.
    fixed: Box<[u8]>,
}

/// The hash of user and password, and the `cnonce` that it holds (`-sess`; RFC 7616, 3.4.2).
struct Key {
    hash: HexHash,
    cnonce: Option<Box<[u8]>>,
}

impl Session {
    /// Begins a session with a challenge. `cnonce` is that of the session.
    pub(super) fn begin(user: &User, offer: Offer, counter: Arc<Counter>, cnonce: &[u8]) -> Self {
        let mut hash = user.hash(&offer);
        if offer.is_session {
            let parts = [&hash, offer.nonce.as_bytes(), cnonce];
            hash = offer.function.hash_joined(&parts);
        }
        let cnonce = offer.is_session.then(|| cnonce.into());
        let key = Arc::new(Key { hash, cnonce });
        Self::new(user, offer, counter, key)
    }

    /// The same session with the next nonce (RFC 7616, 3.5). The key of a session (`-sess`) holds
    /// the nonce of its challenge and stays the same (RFC 7616, 3.4.2).
    pub(super) fn with_nonce(&self, user: &User, offer: Offer, counter: Arc<Counter>) -> Self {
        Self::new(user, offer, counter, Arc::clone(&self.key))
    }

    fn new(user: &User, offer: Offer, counter: Arc<Counter>, key: Arc<Key>) -> Self {
        let mut text = b"Digest ".to_vec();
        user.write_name(&offer, &mut text);
        write_quoted(", realm", offer.realm.as_bytes(), &mut text);
        write_quoted(", nonce", offer.nonce.as_bytes(), &mut text);
        if let Some(algorithm) = &offer.algorithm {
            text.extend_from_slice(b", algorithm=");
            text.extend_from_slice(algorithm.as_bytes());
        }
        if let Some(opaque) = &offer.opaque {
            write_quoted(", opaque", opaque.as_bytes(), &mut text);
        }
        Self {
            generation: Generation::next(),
            offer,
            counter,
            key,
            fixed: text.into(),
        }
    }

    /// The value of `Authorization` for `request`. `None` if the nonce is used up.
    pub(super) fn sign(&self, request: &RequestHead<'_>) -> Result<Option<Vec<u8>>, SignError> {
        let qop = self.qop(request)?;
        let Some(count) = self.counter.next() else {
            return Ok(None);
        };
        let text = match &self.key.cnonce {
            Some(cnonce) => self.signed(request, qop, count, cnonce),
            None => self.signed(request, qop, count, &random_cnonce()?),
        };
        Ok(Some(text))
    }

    /// The `qop` for the body of `request`. The body is covered wherever it can be.
    pub(super) fn qop(&self, request: &RequestHead<'_>) -> Result<Option<Qop>, SignError> {
        let qops = self.offer.qops;
        let has_bytes = request.body().bytes().is_some();
        match (qops.auth, qops.auth_int) {
            (_, true) if has_bytes => Ok(Some(Qop::AuthInt)),
            (true, _) => Ok(Some(Qop::Auth)),
            (false, true) => Err(STREAM),
            (false, false) => Ok(None),
        }
    }

    /// The value of `Authorization` (RFC 7616, 3.4) with this `nc` and this `cnonce`.
    pub(super) fn signed(
        &self,
        request: &RequestHead<'_>,
        qop: Option<Qop>,
        count: u32,
        cnonce: &[u8],
    ) -> Vec<u8> {
        let uri = uri(request);
        let of_request = self.request_hash(request, qop, &uri);
        let (key, nonce) = (&*self.key.hash, self.offer.nonce.as_bytes());
        let mut nc = [0; 8];
        // Four bytes have eight digits.
        let _ = hex::encode_to_slice(count.to_be_bytes(), &mut nc);
        let qop = qop.map(|qop| qop.name().as_bytes());
        let function = self.offer.function;
        let response = match qop {
            Some(qop) => function.hash_joined(&[key, nonce, &nc, cnonce, qop, &of_request]),
            None => function.hash_joined(&[key, nonce, &of_request]),
        };

        let mut text = Vec::with_capacity(self.fixed.len() + uri.len() + cnonce.len() + 128);
        text.extend_from_slice(&self.fixed);
        write_quoted(", uri", &uri, &mut text);
        write_quoted(", response", &response, &mut text);
        if let Some(qop) = qop {
            write_quoted(", cnonce", cnonce, &mut text);
            for part in [b", nc=".as_slice(), &nc, b", qop=", qop] {
                text.extend_from_slice(part);
            }
        }
        text
    }

    /// The hash of method, target and perhaps body (RFC 7616, 3.4.3).
    fn request_hash(&self, request: &RequestHead<'_>, qop: Option<Qop>, uri: &[u8]) -> HexHash {
        let function = self.offer.function;
        let method = request.method().as_str().as_bytes();
        if qop != Some(Qop::AuthInt) {
            return function.hash_joined(&[method, uri]);
        }
        let body = function.hash(request.body().bytes().unwrap_or_default());
        function.hash_joined(&[method, uri, &body])
    }
}

/// What a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qop {
    Auth,
    AuthInt,
}

impl Qop {
    fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }
}

/// The target as it is sent.
fn uri<'r>(request: &RequestHead<'r>) -> Cow<'r, [u8]> {
    let path = request_target::path(request);
    match request.query() {
        Some(query) => [path, query].join("?").into_bytes().into(),
        None => path.as_bytes().into(),
    }
}

/// A `cnonce` of 128 random bits.
pub(super) fn random_cnonce() -> Result<[u8; 32], SignError> {
    let mut text = [0; 32];
    hex::encode_to_slice(random::bits()?, &mut text).map_err(|_| SignError::Failed)?;
    Ok(text)
}
