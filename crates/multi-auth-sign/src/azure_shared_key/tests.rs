//! Requests, and what a signer adds to them.

mod refused;
mod sent;
mod signed;
mod vectors;

use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, Request};
use multi_auth::BodyView;

use super::*;
use crate::test_clock;

/// The key of the storage emulator
/// ([Microsoft](https://learn.microsoft.com/azure/storage/common/storage-connect-azurite)).
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// 26 June 2015, 23:39:12, as in Microsoft's examples.
const TIME: u64 = 1_435_361_952;

fn builder() -> AzureSharedKeyBuilder {
    let clock = test_clock::at(Duration::from_secs(TIME));
    AzureSharedKey::builder("myaccount", KEY).clock(clock)
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

/// The string to sign of a request to Blob storage.
fn text(parts: &Parts, body: &[u8]) -> String {
    text_of(Service::Blob, &head(parts, body)).unwrap()
}

fn text_of(service: Service, request: &RequestHead<'_>) -> Result<String, crate::SignError> {
    let has_version = request.headers().contains_key(X_MS_VERSION);
    let text = StringToSign {
        request,
        account: "myaccount",
        date: "Fri, 26 Jun 2015 23:39:12 GMT",
        version: Some(&b"2023-11-03"[..]).filter(|_| !has_version),
    };
    Ok(String::from_utf8(text.write(service)?).unwrap())
}

/// The fields of `parts` with those of the signature.
fn signed(signer: &AzureSharedKey, parts: &Parts, body: &[u8]) -> HeaderMap {
    let credential = signer.ready(&head(parts, body)).unwrap().unwrap();
    let mut sent = parts.clone();
    credential.attach(&mut sent).unwrap();
    sent.headers
}

fn error(error: &AuthError) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}
