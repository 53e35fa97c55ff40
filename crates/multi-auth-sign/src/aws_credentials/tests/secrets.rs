//! No secret is in an error or in `Debug`.

use std::error::Error;
use std::fmt::Write;

use super::*;
use crate::{AwsContainer, AwsCredentials, AwsInstanceMetadata, AwsProfile, AwsWebIdentity};

/// Everything that an error shows.
fn shown(error: &AuthError) -> String {
    let mut text = format!("{error} {error:?} {} {}", error.fact(), error.remedy());
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(text, " {error} {error:?}").unwrap();
        cause = error.source();
    }
    text
}

fn check(what: &str, text: &str) {
    assert!(!text.to_lowercase().contains("canary"), "{what}: {text}");
}

/// Bodies with a secret in each place, all of which are errors.
const BODIES: [&str; 9] = [
    "canary",
    "<canary>",
    r#"{"AccessKeyId": "CANARY", "SecretAccessKey": "canary", "Token": "ca na ry", "Expiration": "canary"}"#,
    r#"{"AccessKeyId": "CANARY", "SecretAccessKey": "canary", "Expiration": {"canary": 1}}"#,
    r#"{"AccessKeyId": "CANARY", "SecretAccessKey": ["canary"]}"#,
    r#"{"Code": "canary", "AccessKeyId": "CANARY", "SecretAccessKey": "canary"}"#,
    "<Error><Code>canary</Code><Message>canary</Message></Error>",
    "<Credentials><AccessKeyId>CANARY</AccessKeyId><SecretAccessKey>canary</SecretAccessKey>\
     <SessionToken>canary</SessionToken><Expiration>canary</Expiration></Credentials>",
    "<Credentials><AccessKeyId>CANARY</AccessKeyId><SecretAccessKey>can ary\n</SecretAccessKey>\
     <SessionToken>canary</SessionToken><Expiration>1</Expiration></Credentials>",
];

#[test]
fn no_part_of_a_request_or_a_response_is_shown() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "canary").unwrap();
    for status in [200, 302, 400, 403, 500] {
        for body in BODIES {
            let first = Script::new([reply(status, body)]);
            let second = Script::new([reply(200, "canary"), reply(status, body)]);
            let third = Script::new([reply(200, "canary"), reply(200, "r"), reply(status, body)]);
            let sources: [Box<dyn TokenSource>; 5] = [
                Box::new(
                    AwsWebIdentity::new(
                        "us-east-1",
                        "arn:aws:iam::1:role/r",
                        file.path(),
                        first.clone(),
                    )
                    .unwrap(),
                ),
                Box::new(
                    AwsContainer::new("https://a.example/canary?canary", first.clone()).unwrap(),
                ),
                Box::new(
                    AwsContainer::new("https://a.example/", first.clone())
                        .unwrap()
                        .with_authorization("canary")
                        .unwrap(),
                ),
                Box::new(AwsInstanceMetadata::new(second).with_role("r").unwrap()),
                Box::new(AwsInstanceMetadata::new(third)),
            ];
            for source in sources {
                check("source", &format!("{source:?} {source:#?}"));
                first.replies.lock().unwrap().push_back(reply(status, body));
                if let Err(error) = token(&*source) {
                    check(body, &shown(&error));
                }
            }
        }
    }
}

#[test]
fn no_part_of_a_variable_is_shown() {
    let bad = [
        "canary\n",
        "can\u{e9}canary",
        "ca/canary canary",
        "canary\u{0}",
    ];
    for value in bad {
        let all = |_: &str| Some(value.to_owned());
        let results = [
            AwsCredentials::from_env_with(all).err(),
            AwsContainer::from_env_with(all, Script::default()).err(),
            AwsWebIdentity::from_env_with(all, Script::default()).err(),
        ];
        for error in results {
            check(value, &shown(&error.unwrap()));
        }
    }
}

#[test]
fn no_part_of_a_file_is_shown() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("file");
    for text in [
        "canary",
        "[canary",
        "[p]\ncanary",
        "[p]\naws_access_key_id = /canary",
        "[p]\naws_access_key_id = ID\naws_secret_access_key = canary\n canary",
        "[p]\naws_access_key_id = ID\naws_secret_access_key = s\naws_session_token = c\u{e9}canary",
        "[p]\nrole_arn = canary",
    ] {
        std::fs::write(&path, text).unwrap();
        let source = AwsProfile::new("p", &path, &path);
        check(text, &shown(&token(&source).unwrap_err()));
    }
}
