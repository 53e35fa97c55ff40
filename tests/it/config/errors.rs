//! Errors of a file name the line and field and what to write, and never contain a secret.

use std::fmt::Write as _;

use super::{keyring, parse};

/// Invalid files, each with `canary` wherever a secret could be.
const WRONG: [(&str, &str); 50] = [
    (
        "a command in one piece",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { command = ['curl -H canary'] }",
    ),
    (
        "a key in the place of a variable's name",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'sk-canary' }",
    ),
    (
        "a key in the place of a source's name",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { canary = 'x' }",
    ),
    (
        "a vendor's name of two lines",
        "[vendors.\"a\\nb\"]\npreset = 'alphamoon'\nkey = { env = 'K' }",
    ),
    (
        "a field's name of two lines",
        "[vendors.v]\n\"a\\nb\" = 'x'",
    ),
    (
        "a number in the place of a text",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { dangerous_inline = 1 }",
    ),
    (
        "a pointer that is none",
        "[vendors.v]\nscheme = 'token_endpoint'\nurl = 'https://v.example'\nkey = { env = 'K' }\n\
         token_endpoint = { url = 'https://v.example/login', key_field = 'k', token_at = 'canary' }",
    ),
    (
        "the key's field twice",
        "[vendors.v]\nscheme = 'token_endpoint'\nurl = 'https://v.example'\nkey = { env = 'K' }\n\
         token_endpoint = { url = 'https://v.example/login', key_field = 'k', fields = { k = 'canary' } }",
    ),
    (
        "a path that is none",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'K' }\nverify = 'https://canary.example'",
    ),
    (
        "a length of time that is none",
        "[vendors.v]\npreset = 'immuta'\nurl = 'https://v.example'\nkey = { env = 'K' }\ntoken = { window = 'canary' }",
    ),
    (
        "a status that says nothing of tokens",
        "[vendors.v]\npreset = 'immuta'\nurl = 'https://v.example'\nkey = { env = 'K' }\ntoken.refresh_on = [500]",
    ),
    (
        "settings of a token that is none",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'K' }\ntoken = { window = '5m' }",
    ),
    (
        "a value that reads like a message",
        "[vendors.v]\nscheme = 'x, expected canary'",
    ),
    ("no TOML", "[vendors.v\nkey = 'canary'"),
    ("a string without its end", "[vendors.v]\nkey = 'canary"),
    (
        "a field twice",
        "[vendors.v]\nurl = 'canary'\nurl = 'canary'",
    ),
    ("an unknown table", "[vendor.v]\nkey = 'canary'"),
    (
        "an unknown field",
        "[vendors.v]\npreset = 'alphamoon'\nulr = 'canary'",
    ),
    ("no scheme", "[vendors.v]\nkey = { env = 'K' }"),
    ("an unknown preset", "[vendors.v]\npreset = 'canary'"),
    (
        "preset and scheme",
        "[vendors.v]\npreset = 'immuta'\nscheme = 'basic'\nkey = { env = 'K' }",
    ),
    (
        "a secret in the file",
        "[vendors.v]\npreset = 'alphamoon'\nkey = 'canary'",
    ),
    (
        "a number as the key",
        "[vendors.v]\npreset = 'alphamoon'\nkey = 846943",
    ),
    ("no key", "[vendors.v]\npreset = 'alphamoon'"),
    (
        "two sources",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'K', file = 'F' }",
    ),
    (
        "an unknown source",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { enf = 'canary' }",
    ),
    (
        "an empty command",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { command = [] }",
    ),
    (
        "no url",
        "[vendors.v]\npreset = 'immuta'\nkey = { env = 'K' }",
    ),
    (
        "a url without its scheme",
        "[vendors.v]\npreset = 'immuta'\nkey = { env = 'K' }\nurl = 'immuta.example'",
    ),
    (
        "a plain http url",
        "[vendors.v]\npreset = 'immuta'\nkey = { env = 'K' }\nurl = 'http://immuta.example'",
    ),
    (
        "a url with a password",
        "[vendors.v]\npreset = 'immuta'\nkey = { env = 'K' }\nurl = 'https://u:canary@immuta.example'",
    ),
    (
        "no name",
        "[vendors.v]\nscheme = 'header'\nurl = 'https://v.example'\nkey = { env = 'K' }",
    ),
    (
        "a name that is none",
        "[vendors.v]\nscheme = 'header'\nname = 'a b'\nurl = 'https://v.example'\nkey = { env = 'K' }",
    ),
    (
        "a field of no use",
        "[vendors.v]\nscheme = 'bearer'\nname = 'x-key'\nurl = 'https://v.example'\nkey = { env = 'K' }",
    ),
    (
        "a moment without its offset",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'K' }\nexpires_at = 2027-03-01T12:00:00",
    ),
    (
        "a type that is none",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'K' }\naccount = ['canary']",
    ),
    (
        "no token endpoint",
        "[vendors.v]\nscheme = 'token_endpoint'\nurl = 'https://v.example'\nkey = { env = 'K' }",
    ),
    (
        "vault without its table",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { vault = 's/canary#f' }",
    ),
    (
        "a place in Vault that is none",
        "[vault]\nurl = 'https://v.example'\ntoken = { env = 'T' }\n[vendors.v]\npreset = 'alphamoon'\nkey = { vault = 'canary' }",
    ),
    (
        "a Vault by plain http",
        "[vault]\nurl = 'http://v.example'\ntoken = { env = 'T' }",
    ),
    (
        "a token in the file",
        "[vault]\nurl = 'https://v.example'\ntoken = 'canary'",
    ),
    (
        "a name that is a token",
        "[vault]\nurl = 'https://v.example'\ntoken = { canary = 'T' }",
    ),
    (
        "two sources of a token",
        "[vault]\nurl = 'https://v.example'\ntoken = { env = 'T', file = 'canary' }",
    ),
    (
        "a token as the name of a variable",
        "[vault]\nurl = 'https://v.example'\ntoken = { env = 'hvs.canary' }",
    ),
    (
        "a token out of Vault",
        "[vault]\nurl = 'https://v.example'\ntoken = { vault = 's/canary#f' }",
    ),
    ("no token", "[vault]\nurl = 'https://v.example'"),
    (
        "a namespace that is none",
        "[vault]\nurl = 'https://v.example'\ntoken = { env = 'T' }\nnamespace = '/canary/'",
    ),
    (
        "a mount that is none",
        "[vault]\nurl = 'https://v.example'\ntoken = { env = 'T' }\nmount = '../canary'",
    ),
    (
        "an unknown field of Vault",
        "[vault]\nurl = 'https://v.example'\ntokens = 'canary'",
    ),
    (
        "an entry of the keyring without its user",
        "[vendors.v]\npreset = 'alphamoon'\nkey = { os_keyring = { service = 'canary' } }",
    ),
];

#[test]
fn each_error_names_line_field_and_remedy_and_not_the_value() {
    let mut list = String::new();
    for (name, text) in WRONG {
        let error = parse(text).expect_err(name);
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(
            !shown.contains("canary") && !shown.contains("846943"),
            "{name}: {shown}"
        );
        let _ = writeln!(list, "{name}\n    {error}");
    }
    insta::assert_snapshot!("config_errors", list);
}

#[tokio::test]
async fn errors_of_secrets_are_reported_at_their_location() {
    for (text, expected) in [
        (
            "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'MULTI_AUTH_NO_SUCH_VARIABLE' }",
            "multi-auth.toml:3:7: vendors.v.key: the environment variable was not found: create it, or correct its name",
        ),
        (
            "[vendors.v]\npreset = 'alphamoon'\nkey = { dangerous_inline = 'canary' }",
            "multi-auth.toml:3:7: vendors.v.key: the Alphamoon key has no colon: give the whole key, in the form \
             `user:pass`",
        ),
        (
            "[vendors.a]\npreset = 'alphamoon'\nkey = { dangerous_inline = 'c:k' }\n\
             [vendors.b]\npreset = 'alphamoon'\nkey = { dangerous_inline = 'c:k' }",
            "multi-auth.toml:4:1: vendors.b: has the same protection space as vendors.a: remove one, or give one a \
             path in `url` or an `account`",
        ),
    ] {
        assert_eq!(keyring(text).await.unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = multi_auth_config::Config::read("/no/such/file.toml").unwrap_err();
    assert_eq!(
        error.to_string(),
        "/no/such/file.toml: was not found: create one with `multi-auth init`, or name another file"
    );
}

#[test]
fn a_file_that_breaks_off_or_is_damaged_anywhere_shows_no_value() {
    const MARKS: [&str; 10] = ["'", "\"", "=", "[", "]", "{", "}", "\n", "\u{0}", "'''"];
    let deep = format!("[vendors.v]\nkey = {}'canary'", "[".repeat(100_000));
    assert!(parse(&deep).is_err());
    for (_, text) in WRONG {
        let cut = (0..text.len().min(200)).map(|at| text[..at].to_owned());
        let damaged = (0..text.len().min(200))
            .flat_map(|at| MARKS.map(|mark| format!("{}{mark}{}", &text[..at], &text[at..])));
        for text in cut.chain(damaged).chain([text.to_owned()]) {
            let Err(error) = parse(&text) else { continue };
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("canary"), "{text}: {shown}");
        }
    }
}
