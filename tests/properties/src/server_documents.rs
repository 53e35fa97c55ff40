//! Documents of an authorization server: its metadata (RFC 8414) and a device authorization
//! (RFC 8628).

use http::Response;
use multi_auth::oauth::{Client, DeviceAuthorization, Discovery};
use multi_auth::transport_fn;
use url::Url;

use crate::token_request::block_on;

const ISSUER: &str = "https://auth.example";

/// The secret of the client, which no error shows.
const SECRET: &str = "key-0123456789abcdef";

/// A document is refused, or its endpoints are those of the issuer and its texts can be shown.
pub fn server_documents(input: &[u8]) {
    let body = input.to_vec();
    let transport = transport_fn(move |_| {
        let response = Response::new(body.clone());
        async { Ok(response) }
    });
    metadata(&Discovery::new(ISSUER, transport).unwrap());
    device(input);
}

fn metadata(discovery: &Discovery) {
    match block_on(discovery.metadata()) {
        Ok(metadata) => {
            assert_eq!(metadata.issuer, ISSUER);
            let more = [
                &metadata.authorization_endpoint,
                &metadata.device_authorization_endpoint,
                &metadata.revocation_endpoint,
            ];
            let endpoints = more.into_iter().flatten().chain([&metadata.token_endpoint]);
            for endpoint in endpoints {
                let issuer = Url::parse(ISSUER).unwrap();
                assert_eq!(endpoint.origin(), issuer.origin(), "{endpoint}");
                assert!(endpoint.username().is_empty() && endpoint.password().is_none());
            }
            assert!(metadata.grant_types.len() <= 256);
        }
        Err(error) => assert!(!error.to_string().contains(['\r', '\n']), "{error}"),
    }
}

fn device(input: &[u8]) {
    let body = input.to_vec();
    let transport = transport_fn(move |_| {
        let response = Response::new(body.clone());
        async { Ok(response) }
    });
    let client = Client::secret_post("my-app", SECRET).unwrap();
    let url = format!("{ISSUER}/device");
    let device = DeviceAuthorization::request(&url, ["s"], &client, transport);
    match block_on(device) {
        Ok(device) => {
            let is_shown = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
            assert!(device.user_code.bytes().all(is_shown) && !device.user_code.is_empty());
            assert!(device.verification_uri.as_str().bytes().all(is_shown));
            assert!(device.interval.as_secs() <= 60 && device.expires_in.as_secs() <= 3600);
        }
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains(SECRET) && !shown.contains(['\r', '\n']),
                "{shown}"
            );
        }
    }
}
