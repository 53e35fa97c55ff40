//! A role for a token of an identity provider.

use std::io::Write;

use multi_auth::TokenRequestProblem;
use tempfile::NamedTempFile;

use super::*;
use crate::AwsWebIdentity;

/// The sample response of AWS, shortened
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>).
const ANSWER: &str = r#"<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>amzn1.account.AF6RHO7KZU5XRVQJGXK6HB56KR2A</SubjectFromWebIdentityToken>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/FederatedWebIdentityRole/app1</Arn>
    </AssumedRoleUser>
    <Credentials>
      <SessionToken>AQoDYXdzEE0a8ANXXXXXXXXNO1ewxE5TijQyp+IEXAMPLE</SessionToken>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>
      <Expiration>2014-10-24T23:00:23Z</Expiration>
      <AccessKeyId>ASgeIAIOSFODNN7EXAMPLE</AccessKeyId>
    </Credentials>
    <Provider>www.amazon.com</Provider>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>"#;

const ROLE: &str = "arn:aws:iam::123456789012:role/app";

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn source(file: &NamedTempFile, script: &Script) -> AwsWebIdentity {
    AwsWebIdentity::new("eu-central-1", ROLE, file.path(), script.clone()).unwrap()
}

fn failure(reply: Reply) -> AuthError {
    let (file, script) = (file("jwt"), Script::new([reply]));
    token(&source(&file, &script)).unwrap_err()
}

#[test]
fn sts_gets_the_role_and_the_token_and_returns_credentials() {
    let (file, script) = (file("a.b.c+/\n"), Script::new([reply(200, ANSWER)]));

    let token = token(&source(&file, &script)).unwrap();

    assert_eq!(
        parts(&token),
        [
            "ASgeIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY",
            "AQoDYXdzEE0a8ANXXXXXXXXNO1ewxE5TijQyp+IEXAMPLE",
        ]
    );
    assert_eq!(token.expiry(), Some(at(1_414_191_623)));
    assert_eq!(
        script.sent(),
        ["POST https://sts.eu-central-1.amazonaws.com/\n\
          content-type: application/x-www-form-urlencoded\n\n\
          Action=AssumeRoleWithWebIdentity&Version=2011-06-15\
          &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fapp&RoleSessionName=multi-auth\
          &WebIdentityToken=a.b.c%2B%2F"]
    );
}

#[test]
fn the_token_file_is_read_for_each_request() {
    let script = Script::new([reply(200, ANSWER), reply(200, ANSWER)]);
    let file = file("first");
    let source = source(&file, &script);
    token(&source).unwrap();
    std::fs::write(file.path(), "second").unwrap();
    token(&source).unwrap();
    let ends: Vec<_> = script
        .sent()
        .iter()
        .map(|text| text.rsplit_once('=').unwrap().1.to_owned())
        .collect();
    assert_eq!(ends, ["first", "second"]);
}

#[test]
fn the_settings_are_sent() {
    let (file, script) = (file("jwt"), Script::new([reply(200, ANSWER)]));
    let source = source(&file, &script)
        .with_session_name("app@1")
        .and_then(|source| source.with_duration(Duration::from_secs(900)))
        .and_then(|source| source.with_endpoint("http://127.0.0.1:5000/sts"));
    token(&source.unwrap()).unwrap();
    let sent = script.sent().remove(0);
    assert!(
        sent.starts_with("POST http://127.0.0.1:5000/sts\n"),
        "{sent}"
    );
    let settings = "&RoleSessionName=app%401&DurationSeconds=900&WebIdentityToken=jwt";
    assert!(sent.ends_with(settings), "{sent}");
}

#[test]
fn the_environment_names_the_role_the_file_and_the_region() {
    let file = file("jwt");
    let path = file.path().to_str().unwrap();
    let role = ("AWS_ROLE_ARN", ROLE);
    let path = ("AWS_WEB_IDENTITY_TOKEN_FILE", path);
    let cn = ("AWS_REGION", "cn-north-1");
    let default = ("AWS_DEFAULT_REGION", "us-east-1");
    let name = ("AWS_ROLE_SESSION_NAME", "me");
    for (all, origin, session) in [
        (
            &[role, path, cn, default][..],
            "sts.cn-north-1.amazonaws.com.cn",
            "multi-auth",
        ),
        (
            &[role, path, default, name],
            "sts.us-east-1.amazonaws.com",
            "me",
        ),
    ] {
        let script = Script::new([reply(200, ANSWER)]);
        let source = AwsWebIdentity::from_env_with(variables(all), script.clone());
        token(&source.unwrap()).unwrap();
        let sent = script.sent().remove(0);
        assert!(
            sent.starts_with(&format!("POST https://{origin}/\n")),
            "{sent}"
        );
        assert!(
            sent.contains(&format!("&RoleSessionName={session}&")),
            "{sent}"
        );
    }
    for (all, name) in [
        (&[path, cn][..], "AWS_ROLE_ARN"),
        (&[role, cn], "AWS_WEB_IDENTITY_TOKEN_FILE"),
        (&[role, path], "AWS_REGION"),
    ] {
        let error = AwsWebIdentity::from_env_with(variables(all), Script::default()).unwrap_err();
        assert_eq!(problem(&error).0, &Problem::MissingVariable { name });
    }
}

#[test]
fn a_setting_with_the_wrong_form_is_refused() {
    let new = |region, role| AwsWebIdentity::new(region, role, "f", Script::default());
    let good = || new("us-east-1", ROLE).unwrap();
    for error in [
        new("", ROLE).err(),
        new("evil.example/", ROLE).err(),
        new("us-east-1", "app").err(),
        new("us-east-1", "arn:aws:iam::1:role/a b").err(),
        good().with_session_name("a").err(),
        good().with_session_name("a b").err(),
        good().with_session_name(&"a".repeat(65)).err(),
        good().with_duration(Duration::from_secs(899)).err(),
        good().with_duration(Duration::from_secs(43_201)).err(),
    ] {
        assert!(matches!(problem(&error.unwrap()).0, Problem::Value { .. }));
    }
    let plain = good().with_endpoint("http://sts.example.com").unwrap_err();
    assert!(matches!(problem(&plain).0, Problem::Url { .. }));
}

#[test]
fn an_error_code_of_sts_says_whether_a_retry_may_help() {
    for (status, code, transient) in [
        (400, "ExpiredTokenException", false),
        (400, "InvalidIdentityToken", false),
        (403, "AccessDenied", false),
        (400, "IDPCommunicationError", true),
        (400, "Throttling", true),
    ] {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>canary</Message></Error></ErrorResponse>"
        );
        let error = failure(reply(status, &body));
        let (problem, is_transient) = problem(&error);
        assert!(matches!(problem, Problem::Denied { code: own, .. } if *own == code));
        assert_eq!(
            (is_transient, error.is_transient()),
            (transient, transient),
            "{code}"
        );
    }
}

#[test]
fn an_answer_without_a_documented_code_is_judged_by_its_status() {
    let unknown = "<Error><Code>canary</Code></Error>";
    for (answer, transient) in [
        (reply(400, unknown), false),
        (reply(302, ""), false),
        (reply(429, "<Error><Code>AccessDenied</Code></Error>"), true),
        (reply(503, "<Error><Code>AccessDenied</Code></Error>"), true),
        (reply(500, ""), true),
    ] {
        let error = failure(answer);
        let AuthError::TokenRequest {
            endpoint, problem, ..
        } = &error
        else {
            panic!("{error:?}");
        };
        assert_eq!(endpoint, "https://sts.eu-central-1.amazonaws.com");
        assert!(matches!(problem, TokenRequestProblem::Status(_)));
        assert_eq!(error.is_transient(), transient, "{error}");
    }
}

#[test]
fn a_failure_of_the_transport_is_transient() {
    let timeout = failure(Err(TransportError::timeout()));
    assert!(timeout.is_timeout() && timeout.is_transient());
    let broken = failure(Err(TransportError::connection("reset")));
    assert!(broken.is_transient() && !broken.is_timeout());
    let large = failure(reply(200, &"x".repeat(1024 * 1024 + 1)));
    assert!(large.to_string().contains("larger than"), "{large}");
}

#[test]
fn each_element_of_the_answer_is_required_and_has_plain_text() {
    for (from, to, member) in [
        ("Credentials>", "Other>", "Credentials"),
        ("AccessKeyId>", "Other>", "AccessKeyId"),
        ("SecretAccessKey>", "Other>", "SecretAccessKey"),
        ("SessionToken>", "Other>", "SessionToken"),
        ("Expiration>", "Other>", "Expiration"),
        ("2014-10-24T23:00:23Z", "soon", "Expiration"),
        ("wJalr", "&#119;Jalr", "SecretAccessKey"),
        ("wJalr", "<b>wJalr</b>", "SecretAccessKey"),
        ("ASgeIAIOSFODNN7EXAMPLE", " ", "AccessKeyId"),
        (
            "</Expiration>",
            "</Expiration><Expiration>1</Expiration>",
            "Expiration",
        ),
    ] {
        let error = failure(reply(200, &ANSWER.replace(from, to)));
        let expected = Problem::Response { who: "STS", member };
        assert_eq!(problem(&error), (&expected, false), "{from} {to}");
    }
}

#[test]
fn a_token_file_that_is_missing_or_empty_is_named() {
    let empty = file(" \n");
    let gone = std::path::Path::new("/nonexistent/token");
    for (path, kind) in [
        (empty.path(), std::io::ErrorKind::InvalidData),
        (gone, std::io::ErrorKind::NotFound),
    ] {
        let script = Script::default();
        let source = AwsWebIdentity::new("us-east-1", ROLE, path, script.clone()).unwrap();
        let error = token(&source).unwrap_err();
        let what = "web identity token file";
        let path = path.to_str().unwrap().into();
        assert_eq!(
            problem(&error),
            (&Problem::File { what, path, kind }, false)
        );
        assert_eq!(script.sent().len(), 0);
    }
}
