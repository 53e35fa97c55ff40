//! Requests that are signed for AWS, with any target, fields and body.

use std::sync::{Arc, LazyLock};

use http::Request;
use http::request::Parts;
use multi_auth::{Authenticator, BodyView, RequestHead};
use multi_auth_sign::{AwsCredentials, SigV4};

use crate::TestClock;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A signer with the path rules of S3, and one with those of the other services.
static SIGNERS: LazyLock<[SigV4; 2]> = LazyLock::new(|| {
    ["s3", "execute-api"].map(|service| {
        let credentials = AwsCredentials::new("AKIDEXAMPLE", SECRET).unwrap();
        let builder = SigV4::builder("us-east-1", service).clock(Arc::new(TestClock::default()));
        builder.build(credentials).unwrap()
    })
});

/// The input is a target, lines of fields, an empty line and a body. The request is signed whole or
/// not at all; the signature names what it covers; and it depends on the body, but not on the order
/// of the parameters.
pub fn signed_requests(input: &[u8]) {
    let Some((parts, body)) = request(input) else {
        return;
    };
    for aws in &*SIGNERS {
        let Some(signed) = sign(aws, &parts, body) else {
            continue;
        };
        if is_signed_by_the_caller(&parts) {
            assert_eq!(signed.headers, parts.headers);
            continue;
        }
        check_fields(&parts, &signed);
        let signature = authorization(&signed);
        let turned = sign(aws, &with_turned_query(&parts), body).unwrap();
        assert_eq!(signature, authorization(&turned), "{parts:?}");
        if !parts.headers.contains_key("x-amz-content-sha256") {
            let longer = sign(aws, &parts, &[body, b"x"].concat()).unwrap();
            assert_ne!(signature, authorization(&longer), "{parts:?}");
        }
    }
}

fn request(input: &[u8]) -> Option<(Parts, &[u8])> {
    let end = input.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = end.map_or((input, &b""[..]), |end| (&input[..end], &input[end + 2..]));
    let mut lines = head.split(|&byte| byte == b'\n');
    // Anything else before the path would be a part of the host.
    let target = lines.next().filter(|target| target.starts_with(b"/"))?;
    let target = [b"https://api.example", target].concat();
    let mut request = Request::post(&target[..]);
    for line in lines {
        let (name, value) = line.split_at(line.iter().position(|&byte| byte == b':')?);
        request = request.header(name, &value[1..]);
    }
    Some((request.body(()).ok()?.into_parts().0, body))
}

/// The request with its credential, or `None` if it is refused.
fn sign(aws: &SigV4, parts: &Parts, body: &[u8]) -> Option<Parts> {
    let head = RequestHead::from_parts(parts).with_body(BodyView::Bytes(body));
    match aws.ready(&head).expect("the credentials are there") {
        Ok(credential) => {
            let mut signed = parts.clone();
            credential.attach(&mut signed).unwrap();
            Some(signed)
        }
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(SECRET), "{shown}");
            None
        }
    }
}

fn is_signed_by_the_caller(parts: &Parts) -> bool {
    let names = ["authorization", "x-amz-date", "x-amz-security-token"];
    let query = parts.uri.query().unwrap_or_default();
    names.iter().any(|name| parts.headers.contains_key(*name))
        || query
            .split('&')
            .any(|part| part.starts_with("X-Amz-Signature="))
}

fn authorization(signed: &Parts) -> &str {
    signed.headers["authorization"].to_str().unwrap()
}

/// Each signed name is a field of the request or the host, and stands once, in order.
fn check_fields(parts: &Parts, signed: &Parts) {
    for (name, value) in &parts.headers {
        let mut values = signed.headers.get_all(name).iter();
        assert!(values.any(|other| other == value), "{name} is lost");
    }
    let (_, names) = authorization(signed).split_once("SignedHeaders=").unwrap();
    let (names, signature) = names.split_once(", Signature=").unwrap();
    let names: Vec<_> = names.split(';').collect();
    assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
    for required in ["host", "x-amz-date"] {
        assert!(names.contains(&required), "{names:?}");
    }
    for name in names {
        assert!(
            name == "host" || signed.headers.contains_key(name),
            "{name}"
        );
    }
    assert_eq!(signature.len(), 64);
    assert!(signature.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

/// The same parameters in the opposite order.
fn with_turned_query(parts: &Parts) -> Parts {
    let mut turned = parts.clone();
    if let Some(query) = parts.uri.query() {
        let parameters: Vec<_> = query.split('&').rev().collect();
        let target = format!(
            "https://api.example{}?{}",
            parts.uri.path(),
            parameters.join("&")
        );
        turned.uri = target.parse().unwrap();
    }
    turned
}
