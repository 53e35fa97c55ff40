//! Error codes in JSON bodies.

use http::{HeaderMap, Request, Response, StatusCode};
use multi_auth::adapter::{self, JsonBody};
use multi_auth::{BodyView, Keyring, Rejection, Token, source_fn};

use super::*;

fn credentials() -> AwsCredentials {
    let credentials = AwsCredentials::new("AKIDEXAMPLE", "secret").unwrap();
    credentials.with_session_token("session-1").unwrap()
}

fn refreshed(builder: SigV4Builder) -> SigV4 {
    let token = || std::future::ready(Ok::<Token, AuthError>(credentials().into_token()));
    builder.build_with_source(source_fn(token)).unwrap()
}

fn builder() -> SigV4Builder {
    SigV4::builder("us-east-1", "dynamodb")
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build();
    runtime.unwrap().block_on(work)
}

/// The verdict on a signature of `signer`, by a response with this body.
fn verdict(signer: &SigV4, status: u16, headers: &[(&'static str, &str)], body: &str) -> Verdict {
    let (parts, ()) = Request::post("https://dynamodb.us-east-1.amazonaws.com/")
        .body(())
        .unwrap()
        .into_parts();
    let request = RequestHead::from_parts(&parts).with_body(BodyView::Bytes(b"{}"));
    let credential = block_on(signer.authenticate(&request)).unwrap();
    let mut fields = HeaderMap::new();
    for (name, value) in headers {
        fields.insert(*name, value.parse().unwrap());
    }
    let json = JsonBody::new(body.to_owned().into());
    let status = StatusCode::from_u16(status).unwrap();
    let response = ResponseHead::new(status, &fields).with_json(Some(&json));
    signer.judge(credential.id(), &response)
}

const HEADER: &str = "x-amzn-errortype";

#[test]
fn an_expired_session_that_the_body_reports_is_refreshed() {
    for (status, headers, body, expected) in [
        (
            400,
            &[][..],
            r#"{"__type": "com.amazon.coral.service#ExpiredTokenException", "message": "m"}"#,
            Verdict::Refresh,
        ),
        (
            400,
            &[],
            r#"{"__type": "ExpiredTokenException"}"#,
            Verdict::Refresh,
        ),
        (
            403,
            &[],
            r#"{"code": "ExpiredToken:http://internal.amazon.com/"}"#,
            Verdict::Refresh,
        ),
        (
            400,
            &[],
            r#"{"__type": "a.b#ResourceNotFoundException"}"#,
            Verdict::Accept,
        ),
        (
            400,
            &[],
            r#"{"message": "ExpiredTokenException"}"#,
            Verdict::Accept,
        ),
        (
            400,
            &[],
            r#"{"Item": {"__type": "ExpiredTokenException"}}"#,
            Verdict::Accept,
        ),
        (400, &[], "<Code>ExpiredToken</Code>", Verdict::Accept),
        // Data of a success is not an error.
        (
            200,
            &[],
            r#"{"__type": "ExpiredTokenException"}"#,
            Verdict::Accept,
        ),
        // The header field precedes.
        (
            400,
            &[(HEADER, "Other")],
            r#"{"__type": "ExpiredTokenException"}"#,
            Verdict::Accept,
        ),
        (
            400,
            &[(HEADER, "ExpiredTokenException")],
            "{}",
            Verdict::Refresh,
        ),
    ] {
        let signer = refreshed(builder().read_json_errors());
        assert_eq!(
            verdict(&signer, status, headers, body),
            expected,
            "{headers:?} {body}"
        );
    }
}

#[test]
fn a_fixed_key_that_the_body_refuses_is_reported() {
    let signer = builder().read_json_errors().build(credentials()).unwrap();
    let body = r#"{"__type": "com.amazon.coral.service#UnrecognizedClientException"}"#;
    let expected = Verdict::Reject(Rejection::FixedKey);
    assert_eq!(verdict(&signer, 400, &[], body), expected);
}

#[test]
fn a_code_in_the_body_says_whether_the_time_was_wrong() {
    let id = ("x-amzn-requestid", "1");
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    for (code, expected) in [
        ("InvalidSignatureException", Verdict::Resign),
        ("ConditionalCheckFailedException", Verdict::Accept),
    ] {
        let signer = refreshed(builder().read_json_errors());
        let body = format!(r#"{{"__type": "com.amazon.coral.service#{code}"}}"#);
        assert_eq!(
            verdict(&signer, 400, &[id, date], &body),
            expected,
            "{code}"
        );
    }
}

#[test]
fn bodies_are_read_only_for_a_signer_that_asks_for_it() {
    for (signer, reads) in [
        (refreshed(builder()), false),
        (refreshed(builder().read_json_errors()), true),
    ] {
        assert_eq!(signer.reads_responses(), reads);
        let keyring = Keyring::builder()
            .bind("https://a.example", signer)
            .unwrap()
            .build();
        let request = Request::get("https://a.example/").body("").unwrap();
        // This adapter cannot read bodies.
        let sending = adapter::send_http(&keyring, request, |_| {
            std::future::ready(Ok::<_, AuthError>(Response::new(())))
        });
        assert_eq!(block_on(sending).is_err(), reads);
    }
}
