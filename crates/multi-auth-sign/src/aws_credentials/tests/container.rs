//! The credentials of a container.

use multi_auth::{TokenRequestProblem, UrlProblem};

use super::*;
use crate::AwsContainer;

const ANSWER: &str = r#"{"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "s\/ecret",
    "Token": "session-1", "Expiration": "2018-01-02T03:04:05Z", "RoleArn": "ignored"}"#;

const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

fn answered(answer: Reply) -> Result<Token, AuthError> {
    let source = AwsContainer::new("http://127.0.0.1/c", Script::new([answer]));
    token(&source.unwrap())
}

#[test]
fn the_endpoint_of_the_environment_is_asked() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "from-file\n").unwrap();
    let path = file.path().to_str().unwrap();
    let eks = "http://169.254.170.23/v1/credentials";
    for (all, url, authorization) in [
        (
            &[(RELATIVE, "/v2/x?id=1")][..],
            "http://169.254.170.2/v2/x?id=1",
            None,
        ),
        (
            &[(RELATIVE, "//evil.example/")],
            "http://169.254.170.2//evil.example/",
            None,
        ),
        (
            &[(RELATIVE, "/v2"), (FULL, eks)],
            "http://169.254.170.2/v2",
            None,
        ),
        (&[(FULL, eks), (TOKEN, "Basic abc")], eks, Some("Basic abc")),
        (
            &[(FULL, eks), (TOKEN, "a"), (TOKEN_FILE, path)],
            eks,
            Some("from-file"),
        ),
    ] {
        let script = Script::new([reply(200, ANSWER)]);
        let source = AwsContainer::from_env_with(variables(all), script.clone()).unwrap();
        let token = token(&source).unwrap();
        assert_eq!(parts(&token), ["ASIAEXAMPLE", "s/ecret", "session-1"]);
        assert_eq!(token.expiry(), Some(at(1_514_862_245)));
        let line = authorization.map(|value| format!("\nauthorization: {value}"));
        let line = line.unwrap_or_default();
        assert_eq!(
            script.sent(),
            [format!("GET {url}\naccept: application/json{line}")]
        );
    }
}

#[test]
fn the_authorization_file_is_read_for_each_request() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let script = Script::new([reply(200, ANSWER), reply(200, ANSWER)]);
    let source = AwsContainer::new("https://agent.example", script.clone()).unwrap();
    let source = source.with_authorization_file(file.path());
    for text in ["first", "second"] {
        std::fs::write(file.path(), text).unwrap();
        token(&source).unwrap();
    }
    let sent = script.sent();
    assert!(
        sent[0].ends_with(": first") && sent[1].ends_with(": second"),
        "{sent:?}"
    );
}

#[test]
fn plain_http_is_refused_but_for_the_addresses_of_aws_and_loopback() {
    let new = |url| AwsContainer::new(url, Script::default());
    for url in [
        "https://anywhere.example/c",
        "http://localhost/c",
        "http://127.0.0.1:8080",
        "http://[::1]/",
        "http://169.254.170.2/v2",
        "http://169.254.170.23/v1",
        "http://[fd00:ec2::23]/v1",
    ] {
        assert!(new(url).is_ok(), "{url}");
    }
    for (url, expected) in [
        ("http://169.254.169.254/latest", UrlProblem::PlainHttp),
        ("http://169.254.170.3/", UrlProblem::PlainHttp),
        ("http://[fd00:ec2::24]/", UrlProblem::PlainHttp),
        ("http://[::ffff:169.254.170.2]/", UrlProblem::PlainHttp),
        ("http://169.254.170.2.example.com/", UrlProblem::PlainHttp),
        ("http://agent.example/", UrlProblem::PlainHttp),
        ("http://a.localhost/", UrlProblem::PlainHttp),
        ("ftp://169.254.170.2/", UrlProblem::Scheme),
        ("/v2/credentials", UrlProblem::NotAbsolute),
        ("http://user@169.254.170.2/", UrlProblem::Userinfo),
        ("https://a.example/#top", UrlProblem::Fragment),
    ] {
        let error = new(url).unwrap_err();
        let Problem::Url { problem, .. } = problem(&error).0 else {
            panic!("{error}");
        };
        assert_eq!(*problem, expected, "{url}");
    }
}

#[test]
fn an_environment_without_an_endpoint_or_with_a_bad_path_is_an_error() {
    let from = |all| AwsContainer::from_env_with(variables(all), Script::default()).unwrap_err();
    let missing = from(&[(TOKEN, "abc")]);
    assert_eq!(
        problem(&missing).0,
        &Problem::MissingVariable { name: FULL }
    );
    let host = from(&[(RELATIVE, ".evil.example/")]);
    assert!(matches!(problem(&host).0, Problem::Value { .. }));
    let line = from(&[(FULL, "https://a.example"), (TOKEN, "a\r\nb: c")]);
    assert!(matches!(line, AuthError::Invalid(_)));
}

#[test]
fn credentials_without_a_session_or_an_expiry_are_accepted() {
    let body = r#"{"AccessKeyId": "AKID", "SecretAccessKey": "s", "Expiration": null}"#;
    let token = answered(reply(200, body)).unwrap();
    assert_eq!(parts(&token), ["AKID", "s", ""]);
    assert_eq!((token.expiry(), token.lifetime()), (None, None));
    let seconds = ANSWER.replace(r#""2018-01-02T03:04:05Z""#, "1514862245");
    let token = answered(reply(200, &seconds)).unwrap();
    assert_eq!(token.expiry(), Some(at(1_514_862_245)));
}

#[test]
fn a_member_that_is_missing_or_invalid_is_named() {
    let who = "the container credentials endpoint";
    for (from, to, member) in [
        ("AccessKeyId", "Other", "AccessKeyId"),
        ("SecretAccessKey", "Other", "SecretAccessKey"),
        (r#""ASIAEXAMPLE""#, "null", "AccessKeyId"),
        ("2018-01-02T03:04:05Z", "soon", "Expiration"),
        (r#""2018-01-02T03:04:05Z""#, "[]", "Expiration"),
    ] {
        let error = answered(reply(200, &ANSWER.replace(from, to))).unwrap_err();
        let expected = Problem::Response { who, member };
        assert_eq!(problem(&error), (&expected, false), "{from} {to}");
    }
    let spaced = answered(reply(200, &ANSWER.replace("session-1", "a b"))).unwrap_err();
    assert!(matches!(spaced, AuthError::Invalid(_)));
}

#[test]
fn an_answer_that_is_no_json_or_no_success_is_an_error() {
    use TokenRequestProblem as Request;
    for (answer, is_expected, transient) in [
        (
            reply(200, " "),
            (|problem| matches!(problem, Request::Empty)) as fn(&Request) -> bool,
            true,
        ),
        (
            reply(200, "<html>"),
            |problem| matches!(problem, Request::Html),
            true,
        ),
        (
            reply(200, "{"),
            |problem| matches!(problem, Request::NotJson),
            true,
        ),
        (
            reply(200, "[1]"),
            |problem| matches!(problem, Request::NotJson),
            true,
        ),
        (
            reply(301, ""),
            |problem| matches!(problem, Request::Status(_)),
            false,
        ),
        (
            reply(403, "{}"),
            |problem| matches!(problem, Request::Status(_)),
            false,
        ),
        (
            reply(429, "{}"),
            |problem| matches!(problem, Request::Status(_)),
            true,
        ),
        (
            reply(500, ANSWER),
            |problem| matches!(problem, Request::Status(_)),
            true,
        ),
    ] {
        let error = answered(answer).unwrap_err();
        let AuthError::TokenRequest { problem, .. } = &error else {
            panic!("{error:?}");
        };
        assert!(is_expected(problem), "{error}");
        assert_eq!(error.is_transient(), transient, "{error}");
    }
}
