//! Requests, and what a signer adds to them.

mod components;
mod digest;
mod oracle;
mod refused;
mod rfc9421;
mod sent;
mod web_bot_auth;

use std::time::{Duration, UNIX_EPOCH};

use http::request::Parts;
use http::{HeaderMap, Request};
use multi_auth::BodyView;

use super::*;
use crate::{Algorithm, test_clock};

fn at(seconds: u64) -> Arc<dyn Clock> {
    test_clock::at(Duration::from_secs(seconds))
}

fn key() -> SigningKey {
    let secret = b"a secret of 32 random bytes, say";
    SigningKey::from_secret(Algorithm::HS256, secret).unwrap()
}

/// A signer that covers `components`, without a time.
fn covering(components: &[&str]) -> HttpSignature {
    let builder = HttpSignature::builder(key()).components(components);
    builder.without_created().build().unwrap()
}

fn request(method: &str, url: &str, fields: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn head<'r>(parts: &'r Parts, body: &'r [u8]) -> RequestHead<'r> {
    RequestHead::from_parts(parts).with_body(BodyView::Bytes(body))
}

/// The fields of `parts` with those of the signature.
fn signed(signature: &HttpSignature, parts: &Parts, body: &[u8]) -> HeaderMap {
    let credential = signature.ready(&head(parts, body)).unwrap().unwrap();
    let mut sent = parts.clone();
    credential.attach(&mut sent).unwrap();
    sent.headers
}

/// The signature base (RFC 9421, 2.5).
fn base(signature: &HttpSignature, parts: &Parts, body: &[u8]) -> Result<String, SignError> {
    let (settings, head) = (&*signature.settings, head(parts, body));
    let digest = ContentDigest::of(&head, settings)?;
    let text = Text::of(&head, &digest, settings)?;
    Ok(String::from_utf8(text.base).unwrap())
}

fn error(signature: &HttpSignature, head: &RequestHead<'_>) -> String {
    let error = signature.ready(head).unwrap().unwrap_err();
    let source = std::error::Error::source(&error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}
