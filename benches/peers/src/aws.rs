//! Signatures of AWS for the same request, without a body.

use std::hint::black_box;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;
use multi_auth_benches::callgrind::measured;
use multi_auth_benches::requests;
use multi_auth_benches::stacks::at_once;
use reqsign_aws_v4::{EMPTY_STRING_SHA256, RequestSigner, StaticCredentialProvider};
use reqsign_core::{Context, Signer};

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const REGION: &str = "us-east-1";
const SERVICE: &str = "execute-api";

pub(crate) fn aws_sigv4() {
    let identity = Credentials::new(ID, SECRET, None, None, "static").into();
    repeat(|parts| {
        let params = SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(SERVICE)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let uri = parts.uri.to_string();
        let fields = parts.headers.iter();
        let fields = fields.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let body = SignableBody::Bytes(b"");
        let request = SignableRequest::new(parts.method.as_str(), uri, fields, body).unwrap();
        let (instructions, _) = sign(request, &params).unwrap().into_parts();
        let head = std::mem::take(&mut parts.headers);
        let mut request = http::Request::new(());
        *request.headers_mut() = head;
        instructions.apply_to_request_http1x(&mut request);
        parts.headers = std::mem::take(request.headers_mut());
    });
}

pub(crate) fn reqsign() {
    let credentials = StaticCredentialProvider::new(ID, SECRET);
    let signer = RequestSigner::new(SERVICE, REGION);
    let signer = Signer::new(Context::new(), credentials, signer);
    repeat(|parts| {
        // It hashes no body.
        let hash = HeaderValue::from_static(EMPTY_STRING_SHA256);
        parts.headers.insert("x-amz-content-sha256", hash);
        at_once(signer.sign(parts, None)).unwrap();
    });
}

fn repeat(sign: impl Fn(&mut Parts)) {
    requests::heads().iter_mut().for_each(&sign);
    let mut all = requests::heads();
    measured(|| {
        for parts in &mut all {
            sign(black_box(parts));
        }
    });
    assert!(
        all.iter()
            .all(|parts| parts.headers.contains_key(AUTHORIZATION))
    );
}
