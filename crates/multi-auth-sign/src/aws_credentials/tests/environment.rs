//! Credentials in environment variables.

use super::*;
use crate::AwsCredentials;

const ID: (&str, &str) = ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
const SECRET: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", "s/e+cret");
const SESSION: (&str, &str) = ("AWS_SESSION_TOKEN", "session-1");

#[test]
fn an_access_key_is_read_from_the_variables() {
    for (all, session) in [
        (&[ID, SECRET, SESSION][..], "session-1"),
        (&[ID, SECRET], ""),
        (&[ID, SECRET, ("AWS_SESSION_TOKEN", "")], ""),
    ] {
        let credentials = AwsCredentials::from_env_with(variables(all)).unwrap();
        let token = credentials.into_token();
        assert_eq!(parts(&token), ["AKIDEXAMPLE", "s/e+cret", session]);
    }
}

#[test]
fn a_variable_without_a_value_is_named() {
    for (all, missing) in [
        (&[SECRET, SESSION][..], "AWS_ACCESS_KEY_ID"),
        (&[ID, SESSION], "AWS_SECRET_ACCESS_KEY"),
        (
            &[ID, ("AWS_SECRET_ACCESS_KEY", "")],
            "AWS_SECRET_ACCESS_KEY",
        ),
    ] {
        let error = AwsCredentials::from_env_with(variables(all)).unwrap_err();
        let expected = Problem::MissingVariable { name: missing };
        assert_eq!(problem(&error), (&expected, false));
    }
}
