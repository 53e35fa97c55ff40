//! The credentials of an EC2 instance.

use super::*;
use crate::AwsInstanceMetadata;

/// The sample response of AWS
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html>).
const ANSWER: &str = r#"{
  "Code" : "Success",
  "LastUpdated" : "2012-04-26T16:39:16Z",
  "Type" : "AWS-HMAC",
  "AccessKeyId" : "ASIAIOSFODNN7EXAMPLE",
  "SecretAccessKey" : "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "Token" : "token",
  "Expiration" : "2017-05-17T15:09:54Z"
}"#;

const PATH: &str = "/latest/meta-data/iam/security-credentials/";

fn answered(replies: impl IntoIterator<Item = Reply>) -> Result<Token, AuthError> {
    token(&AwsInstanceMetadata::new(Script::new(replies)))
}

#[test]
fn a_session_is_begun_and_the_role_and_its_credentials_are_read() {
    for (source, origin) in [
        (
            AwsInstanceMetadata::new as fn(Script) -> _,
            "http://169.254.169.254",
        ),
        (AwsInstanceMetadata::ipv6, "http://[fd00:ec2::254]"),
    ] {
        let script = Script::new([
            reply(200, "s-1"),
            reply(200, "app\nother\n"),
            reply(200, ANSWER),
        ]);
        let token = token(&source(script.clone())).unwrap();
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        assert_eq!(parts(&token), ["ASIAIOSFODNN7EXAMPLE", secret, "token"]);
        assert_eq!(token.expiry(), Some(at(1_495_033_794)));
        let get = |role| {
            format!(
                "GET {origin}{PATH}{role}\naccept: application/json\nx-aws-ec2-metadata-token: s-1"
            )
        };
        let put =
            format!("PUT {origin}/latest/api/token\nx-aws-ec2-metadata-token-ttl-seconds: 60");
        assert_eq!(script.sent(), [put, get(""), get("app")]);
    }
}

#[test]
fn a_role_that_is_named_is_not_asked_for() {
    let script = Script::new([reply(200, "s-1"), reply(200, ANSWER)]);
    let source = AwsInstanceMetadata::new(script.clone())
        .with_role("app")
        .unwrap();
    token(&source).unwrap();
    assert!(script.sent()[1].contains(&format!("{PATH}app\n")));
}

#[test]
fn a_refused_session_is_an_error_and_version_1_is_not_tried() {
    for (status, transient) in [(403, false), (404, false), (503, true)] {
        let error = answered([reply(status, "")]).unwrap_err();
        assert!(matches!(error, AuthError::TokenRequest { .. }), "{error:?}");
        assert_eq!(error.is_transient(), transient);
    }
    assert!(
        answered([Err(TransportError::timeout())])
            .unwrap_err()
            .is_timeout()
    );
}

#[test]
fn an_instance_without_a_role_is_an_error() {
    let error = answered([reply(200, "s-1"), reply(404, "")]).unwrap_err();
    assert_eq!(problem(&error), (&Problem::NoRole, false));
}

#[test]
fn a_name_of_a_role_is_one_segment_of_a_path() {
    let new = || AwsInstanceMetadata::new(Script::default());
    for name in ["", "..", "a/b", "a?b", "a b", "a\nb", "é", &"a".repeat(65)] {
        let error = new().with_role(name).unwrap_err();
        assert!(matches!(problem(&error).0, Problem::Value { .. }), "{name}");
    }
    assert!(new().with_role("My_Role+=,.@-1").is_ok());
    let error = answered([reply(200, "s-1"), reply(200, "../../user-data")]).unwrap_err();
    assert!(matches!(problem(&error).0, Problem::Value { .. }));
}

#[test]
fn a_session_that_is_no_header_value_is_an_error() {
    let error = answered([reply(200, "a\nb")]).unwrap_err();
    let member = "session token";
    assert!(matches!(problem(&error).0, Problem::Response { member: own, .. } if *own == member));
}

#[test]
fn a_code_that_is_not_success_is_an_error_although_the_status_is_200() {
    for (code, transient) in [("AssumeRoleUnauthorizedAccess", false), ("Failed", true)] {
        let body = format!(r#"{{"Code": "{code}", "Message": "canary"}}"#);
        let error = answered([reply(200, "s"), reply(200, "app"), reply(200, &body)]).unwrap_err();
        let (problem, is_transient) = problem(&error);
        assert!(matches!(problem, Problem::Denied { code: own, .. } if *own == code));
        assert_eq!(is_transient, transient);
    }
    let other = r#"{"Code": "canary"}"#;
    let error = answered([reply(200, "s"), reply(200, "app"), reply(200, other)]).unwrap_err();
    assert!(matches!(
        problem(&error).0,
        Problem::Response { member: "Code", .. }
    ));
}

#[test]
fn another_address_must_be_on_this_machine() {
    let at = |url| AwsInstanceMetadata::at_loopback(url, Script::default());
    for url in [
        "http://127.0.0.1:1338",
        "http://[::1]/x",
        "https://localhost",
    ] {
        assert!(at(url).is_ok(), "{url}");
    }
    for url in [
        "http://169.254.169.254",
        "http://169.254.170.2",
        "https://metadata.example",
        "http://a.example",
        "x",
    ] {
        assert!(at(url).is_err(), "{url}");
    }
}
