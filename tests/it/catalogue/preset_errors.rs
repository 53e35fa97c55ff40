//! What is refused in an entry with a preset.

use std::fmt::Write;

use super::format::{KEY, parse};

/// What is wrong, and the lines of an entry with it.
type Wrong = Vec<(&'static str, String)>;

fn wrong_variables(rest: &str) -> Wrong {
    vec![
        ("an unknown preset", format!("preset = 'canary-x'\n{KEY}")),
        (
            "a misspelled preset",
            format!("preset = 'freshdesc'\n{KEY}"),
        ),
        (
            "a preset of another case",
            format!("preset = 'Acme'\n{KEY}"),
        ),
        ("a preset that is a number", format!("preset = 7\n{KEY}")),
        (
            "a scheme besides",
            format!("preset = 'acme'\nscheme = 'bearer'\n{KEY}"),
        ),
        (
            "another credential with a scheme",
            format!("preset = 'datadog'\nalso = {{ scheme = 'bearer', {KEY} }}\n{KEY}"),
        ),
        ("a missing variable", format!("preset = 'acme'\n{rest}")),
        (
            "a text that is missing",
            format!("preset = 'acme'\nvariables = {{ tenant = 'a' }}\n{rest}"),
        ),
        (
            "an unknown variable",
            format!("preset = 'acme'\nvariables = {{ tenant = 'a', canary = 'b' }}\n{rest}"),
        ),
        (
            "a value that is a number",
            format!("preset = 'acme'\nvariables = {{ tenant = 7 }}\n{rest}"),
        ),
        (
            "a value outside the list",
            format!("preset = 'acme'\nvariables = {{ tenant = 'a', region = 'canary' }}\n{rest}"),
        ),
        (
            "a host for a label",
            format!("preset = 'acme'\nvariables = {{ tenant = 'canary.example/' }}\n{rest}"),
        ),
        (
            "a secret as a variable",
            format!("preset = 'acme'\nvariables = {{ password = 'canary' }}\n{rest}"),
        ),
    ]
}

fn wrong_secrets(rest: &str) -> Wrong {
    vec![
        (
            "variables that are no table",
            format!("preset = 'acme'\nvariables = 'canary'\n{rest}"),
        ),
        (
            "a missing secret",
            format!("preset = 'acme'\nvariables = {{ tenant = 'a', email = 'b' }}\n{KEY}"),
        ),
        (
            "an unknown secret",
            format!(
                "preset = 'acme'\nvariables = {{ tenant = 'a', email = 'b' }}\n{KEY}\n\
                 secrets = {{ password = {{ env = 'P' }}, canary = {{ env = 'P' }} }}"
            ),
        ),
        (
            "a secret itself",
            format!(
                "preset = 'acme'\nvariables = {{ tenant = 'a', email = 'b' }}\n{KEY}\n\
                 secrets = {{ password = 'canary' }}"
            ),
        ),
        (
            "a missing key",
            "preset = 'acme'\nvariables = { tenant = 'a', email = 'b' }\n\
             secrets = { password = { env = 'P' } }"
                .to_owned(),
        ),
        ("a missing second key", format!("preset = 'datadog'\n{KEY}")),
        ("a missing client", format!("preset = 'spotify'\n{KEY}")),
        ("a missing URL", format!("preset = 'mattermost'\n{KEY}")),
        (
            "a URL that is not https",
            format!("preset = 'mattermost'\nurl = 'http://canary.example'\n{KEY}"),
        ),
        (
            "a URL with a query",
            format!("preset = 'mattermost'\nurl = 'https://canary.example?x'\n{KEY}"),
        ),
        (
            "variables without a preset",
            format!(
                "url = 'https://v.example'\nscheme = 'bearer'\nvariables = {{ a = 'canary' }}\n{KEY}"
            ),
        ),
        (
            "secrets without a token request",
            format!(
                "url = 'https://v.example'\nscheme = 'bearer'\nsecrets = {{ a = {{ env = 'P' }} }}\n{KEY}"
            ),
        ),
        (
            "a value besides a key",
            format!("url = 'https://v.example'\nscheme = 'bearer'\nvalue = 'canary'\n{KEY}"),
        ),
        (
            "a value for a token",
            "url = 'https://v.example'\nscheme = 'basic'\nvalue = 'canary'".to_owned(),
        ),
        (
            "both halves of a pair",
            format!(
                "url = 'https://v.example'\nscheme = 'basic'\nuser = 'canary'\npassword = 'canary'\n{KEY}"
            ),
        ),
    ]
}

#[test]
fn each_error_of_a_preset_names_line_field_and_remedy() {
    const REST: &str = "key = { env = 'K' }\nsecrets = { password = { env = 'P' } }";
    let mut shown = String::new();
    for (what, lines) in wrong_variables(REST).into_iter().chain(wrong_secrets(REST)) {
        let error = parse(&lines).map(drop).expect_err(what).to_string();
        assert!(!error.contains("canary"), "{what}: {error}");
        let _ = writeln!(shown, "{what}\n    {error}");
    }
    insta::assert_snapshot!("preset_errors", shown);
}
