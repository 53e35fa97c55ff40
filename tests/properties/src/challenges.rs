//! `WWW-Authenticate` fields, one per line of the input.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, StatusCode};
use multi_auth::{Challenge, ResponseHead};

/// Each field is read alone, and empty list elements before it change nothing (RFC 9110, 5.6.1).
pub fn challenges(input: &[u8]) {
    let fields: Vec<&[u8]> = input.split(|&byte| byte == b'\n').collect();
    let together = headers(&fields);
    let apart: Vec<HeaderMap> = fields.iter().map(|field| headers(&[field])).collect();
    let apart: Vec<_> = apart.iter().flat_map(read).collect();
    assert_eq!(read(&together), apart);

    let led: Vec<Vec<u8>> = fields
        .iter()
        .map(|field| [b", ,", *field].concat())
        .collect();
    let led: Vec<&[u8]> = led.iter().map(Vec::as_slice).collect();
    assert_eq!(apart, read(&headers(&led)));
}

fn headers(fields: &[&[u8]]) -> HeaderMap {
    let values = fields
        .iter()
        .filter_map(|field| HeaderValue::try_from(*field).ok());
    values.map(|value| (WWW_AUTHENTICATE, value)).collect()
}

fn read(headers: &HeaderMap) -> Vec<Challenge<'_>> {
    let length: usize = headers.values().map(HeaderValue::len).sum();
    let challenges = ResponseHead::new(StatusCode::UNAUTHORIZED, headers).challenges();
    assert!(challenges.len() <= length.div_ceil(2) + headers.len());
    for challenge in &challenges {
        assert!(!challenge.scheme().is_empty());
        assert!(challenge.is(&challenge.scheme().to_ascii_uppercase()));
        assert_eq!(challenge.param("realm"), challenge.param("REALM"));
    }
    challenges
}
