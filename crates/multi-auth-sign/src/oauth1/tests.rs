//! Requests, and how they are signed.

mod oauthlib;
mod refused;
mod rfc5849;
mod sent;
mod signed;

use std::time::{Duration, UNIX_EPOCH};

use http::Request;
use http::request::Parts;
use multi_auth::BodyView;

use super::*;
use crate::{NonceFormat, test_clock};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// `builder` at this time and with this nonce.
fn fixed(builder: OAuth1Builder, time: u64, nonce: &str) -> OAuth1Builder {
    let nonce = nonce.to_owned();
    builder
        .clock(test_clock::at(Duration::from_secs(time)))
        .nonce(NonceFormat::Custom(Arc::new(move || nonce.clone())))
}

fn builder() -> OAuth1Builder {
    let builder = OAuth1::builder("consumer", "consumer secret").token("token", "token secret");
    fixed(builder, 7, "nonce")
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

/// The signature base string.
fn base(signer: &OAuth1, request: &RequestHead<'_>) -> String {
    let protocol = signer.0.protocol(request).unwrap();
    let mut parameters = Parameters::of(request).unwrap();
    parameters.extend(&protocol);
    let text = base_string::write(request, parameters).unwrap();
    String::from_utf8(text).unwrap()
}

/// The value of `Authorization`.
fn authorization(signer: &OAuth1, parts: &Parts, body: &[u8]) -> String {
    let credential = signer.ready(&head(parts, body)).unwrap().unwrap();
    let mut sent = parts.clone();
    credential.attach(&mut sent).unwrap();
    sent.headers["authorization"].to_str().unwrap().to_owned()
}

fn error(error: &AuthError) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}
