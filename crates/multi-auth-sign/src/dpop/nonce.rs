//! The nonces of servers: `DPoP-Nonce: <nonce>` (RFC 9449, 8 and 9).

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use multi_auth::{
    AuthError, Credential, CredentialId, Generation, Rejection, RequestHead, ResponseHead, Verdict,
};

use super::DPOP;
use crate::SignError;
use crate::origins::{OriginState, Origins};
use crate::sync::ArcSwap;
use crate::target::Target;

const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The most bytes of a nonce, which each request repeats.
const LONGEST: usize = 2048;

/// The newest nonce of each server.
#[derive(Default)]
pub(super) struct Nonces(Origins<Origin>);

struct Origin {
    target: Target,
    /// Requests to this server have it in their ID.
    generation: Generation,
    nonce: ArcSwap<Nonce>,
}

/// The newest nonce of a server. It has none before the first response.
struct Nonce {
    text: Option<Box<str>>,
    /// Requests with this nonce have it in their ID.
    generation: Generation,
}

impl Nonces {
    /// The proof for `request` with the newest nonce of its server, which `prove` makes.
    pub(super) fn proof(
        &self,
        request: &RequestHead<'_>,
        prove: impl FnOnce(Option<&str>) -> Result<HeaderValue, SignError>,
    ) -> Result<Credential, AuthError> {
        let origin = self.0.at(request);
        let nonce = origin.nonce.load();
        let proof = Credential::header(DPOP, prove(nonce.text.as_deref())?);
        let proof = proof.with_id(CredentialId::refreshable(nonce.generation));
        // The nonce may be an earlier one when the response arrives.
        proof.and(Credential::watching(origin.generation))
    }

    /// Learns the nonce in `response`. Returns the verdict on the proof of the request with the ID
    /// `id`; `is_refused` says whether the server refused that proof.
    pub(super) fn judge(
        &self,
        id: &CredentialId,
        response: &ResponseHead<'_>,
        is_refused: bool,
    ) -> Verdict {
        let Some(origin) = self.0.of(id) else {
            return Verdict::Accept;
        };
        match origin.learn(id, offered(response.headers())) {
            _ if !is_refused => Verdict::Accept,
            Known::Newer => Verdict::Resign,
            Known::Same => Verdict::Reject(Rejection::Proof),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.0.count()
    }
}

/// The newest nonce, compared with that of a request.
enum Known {
    Same,
    Newer,
}

impl Origin {
    /// Keeps `offered`, the nonce in the response to the request with the ID `id`. A late response
    /// does not replace a newer nonce.
    fn learn(&self, id: &CredentialId, offered: Option<&str>) -> Known {
        let nonce = self.nonce.load();
        if !nonce.is_of(id) {
            return Known::Newer;
        }
        let Some(text) = offered.filter(|text| !nonce.is(text)) else {
            return Known::Same;
        };
        // If another response brings a nonce at the same time, that one stays.
        let newer = Arc::new(Nonce::new(Some(text)));
        self.nonce.compare_and_swap(&nonce, newer);
        Known::Newer
    }
}

impl OriginState for Origin {
    fn new(target: Target) -> Self {
        Self {
            target,
            generation: Generation::next(),
            nonce: ArcSwap::from_pointee(Nonce::new(None)),
        }
    }

    fn target(&self) -> &Target {
        &self.target
    }

    fn is_current(&self, id: &CredentialId) -> bool {
        id.holds(self.generation)
    }
}

impl Nonce {
    fn new(text: Option<&str>) -> Self {
        Self {
            text: text.map(Into::into),
            generation: Generation::next(),
        }
    }

    /// Whether the request with the ID `id` has this nonce.
    fn is_of(&self, id: &CredentialId) -> bool {
        id.holds(self.generation)
    }

    fn is(&self, text: &str) -> bool {
        self.text.as_deref() == Some(text)
    }
}

/// The nonce in `headers`, if there is exactly one (RFC 9449, 8) and it is valid (RFC 9449, 8.1).
fn offered(headers: &HeaderMap) -> Option<&str> {
    let mut fields = headers.get_all(DPOP_NONCE).iter();
    let (nonce, None) = (fields.next()?.to_str().ok()?, fields.next()) else {
        return None;
    };
    let is_valid = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    let is_nonce = (1..=LONGEST).contains(&nonce.len()) && nonce.bytes().all(is_valid);
    is_nonce.then_some(nonce)
}
