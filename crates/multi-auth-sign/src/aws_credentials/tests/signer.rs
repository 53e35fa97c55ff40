//! A signer with credentials of a source.

use http::Request;
use multi_auth::{Authenticator, BodyView, RequestHead};

use super::*;
use crate::{AwsContainer, SigV4};

#[test]
fn a_signer_signs_with_the_credentials_of_its_source() {
    let answer = r#"{"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "secret",
        "Token": "session-1", "Expiration": "2999-01-02T03:04:05Z"}"#;
    let script = Script::new([reply(200, answer)]);
    let source = AwsContainer::new("http://127.0.0.1/c", script.clone()).unwrap();
    let signer = SigV4::builder("us-east-1", "execute-api").build_with_source(source);
    let request = Request::get("https://a.example/").body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();

    let head = RequestHead::from_parts(&parts).with_body(BodyView::Empty);
    let signer = signer.unwrap();
    let credential = runtime.block_on(signer.authenticate(&head)).unwrap();
    assert!(signer.ready(&head).is_some(), "the credentials are cached");
    credential.attach(&mut parts).unwrap();

    let authorization = parts.headers["authorization"].to_str().unwrap();
    let begin = "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/";
    assert!(authorization.starts_with(begin), "{authorization}");
    assert_eq!(parts.headers["x-amz-security-token"], "session-1");
    assert_eq!(script.sent().len(), 1);
}
