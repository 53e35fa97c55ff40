//! Responses of a token endpoint. The first byte of the input selects status and media type, the
//! second selects where the lifetime is read. The rest is the body.

use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Request, Response, StatusCode};
use multi_auth::{AuthError, Authenticator, Bearer, RequestHead, TokenEndpoint};

use crate::token_request::{KEY, answered_with, block_on};

const STATUSES: [u16; 8] = [200, 201, 302, 400, 401, 403, 429, 503];
const TYPES: [&str; 4] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "text/html",
    "",
];

/// A response gives a token that can be sent, or an error that does not repeat the request.
pub fn token_responses(input: &[u8]) {
    let &[form, life, ref body @ ..] = input else {
        return;
    };
    let endpoint = endpoint(form, life, body);
    let (mut request, ()) = Request::get("https://api.example/")
        .body(())
        .unwrap()
        .into_parts();
    let bearer = Bearer::new(endpoint);

    match block_on(bearer.authenticate(&RequestHead::from_parts(&request))) {
        Ok(credential) => {
            assert!(!format!("{bearer:?}{credential:?}").contains(KEY));
            credential.attach(&mut request).unwrap();
            let value = &request.headers[AUTHORIZATION];
            let sent = value.to_str().unwrap();
            assert!(value.is_sensitive() && sent.len() > "Bearer ".len());
            assert!(
                sent.bytes()
                    .all(|byte| byte == b' ' || byte.is_ascii_graphic())
            );
        }
        Err(error) => check(&error),
    }
}

fn endpoint(form: u8, life: u8, body: &[u8]) -> TokenEndpoint {
    let mut answer = Response::new(body.to_vec());
    *answer.status_mut() = StatusCode::from_u16(STATUSES[usize::from(form % 8)]).unwrap();
    let media_type = TYPES[usize::from(form / 8 % 4)];
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(location) = HeaderValue::try_from(body) {
        answer.headers_mut().insert(LOCATION, location);
    }
    let endpoint = answered_with(answer);
    match life % 4 {
        0 => endpoint.build(),
        1 => endpoint
            .token_at("/data/token")
            .expires_in("/data/life")
            .build(),
        2 => endpoint.token_at("").expires_at("/expires_at").build(),
        _ => endpoint
            .refused_unless("/authenticated")
            .expires_at("/0")
            .build(),
    }
}

fn check(error: &AuthError) {
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(KEY), "{shown}");
    assert!(!shown.contains(['\r', '\n']), "{shown}");
    // A transient error differs from one that needs a person.
    assert!(matches!(error, AuthError::TokenRequest { .. }), "{shown}");
}
