//! The names in the texts of a token request.

use super::parse;

#[test]
fn a_name_that_stands_for_nothing_and_an_unused_secret_are_errors() {
    const PIN: &str = "pin = { env = 'P' }";
    let entry = |secrets: &str, endpoint: &str| {
        format!(
            "[vendors.v]\nurl = 'https://v.example'\nscheme = 'token_endpoint'\nkey = {{ env = 'K' }}\n\
             secrets = {{ {secrets} }}\n[vendors.v.token_endpoint]\nurl = 'https://v.example/t'\n{endpoint}"
        )
    };
    for (secrets, endpoint, expected) in [
        (
            PIN,
            "key_field = 'k'\nfields = { p = '{pn}' }",
            Some("token_endpoint.fields: has a {name}"),
        ),
        (
            PIN,
            "key_field = 'k'\nfields = { p = [{ q = '{pin}' }] }",
            None,
        ),
        (
            PIN,
            "key_field = 'k'\nquery = { p = '{pin}', q = '{other}' }",
            Some("token_endpoint.query: has a {name}"),
        ),
        (
            PIN,
            "key_field = 'k'",
            Some("secrets: has a secret that the token request does not use"),
        ),
        (
            "",
            "key_field = 'k'\nfields = { p = '{key}' }",
            Some("token_endpoint.fields: has a {name}"),
        ),
        ("", "format = 'xml'\nbody = '<k>{key}</k>'", None),
        (
            "",
            "format = 'xml'\nbody = '<k>{key}{pin}</k>'",
            Some("token_endpoint.body: has a {name}"),
        ),
        ("", "key_field = 'k'\nfields = { p = '{ }{Upper}{' }", None),
        (
            "key = { env = 'P' }",
            "key_field = 'k'\nfields = { p = '{key}' }",
            Some("secrets: has an invalid name"),
        ),
        (
            PIN,
            "key_field = 'k'\nfields = { p = '{pin}' }\nkeep = { pin = '/p' }\n\
             then = { url = 'https://v.example/u', key_field = 'k' }",
            Some("token_endpoint.keep: has the name of a secret"),
        ),
        (
            "",
            "key_field = 'k'\nkeep = { a = '/a' }\n\
             [vendors.v.token_endpoint.then]\nurl = 'https://v.example/u'\nkey_field = 'k'\nkeep = { a = '/a' }\n\
             then = { url = 'https://v.example/u', key_field = 'k', fields = { a = '{a}' } }",
            Some("token_endpoint.then.keep: has the name of a secret or of another text"),
        ),
        (
            "",
            "key_field = 'k'\nkeep = { a = '/a' }\n\
             [vendors.v.token_endpoint.then]\nurl = 'https://v.example/u'\nkey_field = 'k'\nquery = { a = '{b}' }",
            Some("token_endpoint.then.query: has a {name}"),
        ),
    ] {
        let parsed = parse(&entry(secrets, endpoint));
        match expected {
            Some(expected) => {
                let error = parsed.unwrap_err().to_string();
                assert!(error.contains(expected), "{endpoint}: {error}");
            }
            None => assert!(parsed.is_ok(), "{endpoint}: {parsed:?}"),
        }
    }
}
