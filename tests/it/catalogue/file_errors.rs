//! What is refused in a vendor's file.

use std::fmt::Write;

use multi_auth_config::Catalogue;

use super::format::{ACME, acme};

/// What is wrong, a text of a valid file, and the text that replaces it.
type Wrong = (&'static str, &'static str, &'static str);

const WRONG: &[Wrong] = &[
    ("a name that is not described", "", ""),
    ("another format", "format = 1", "format = 2"),
    ("no title", "title = \"Acme\"\n", ""),
    ("an unknown field", "read =", "reed ="),
    ("documentation that is no URL", "https://docs", "docs"),
    ("a syntax error", "[entry]", "[entry"),
    (
        "an example outside the list",
        "example = \"us\"",
        "example = \"uk\"",
    ),
    (
        "a default without a list",
        "example = \"parts\"",
        "example = \"parts\"\ndefault = \"a\"",
    ),
    (
        "an example that is no label",
        "example = \"parts\"",
        "example = \"a/b\"",
    ),
    (
        "a kind that is unknown",
        "kind = \"text\"",
        "kind = \"url\"",
    ),
    ("a variable that is not used", "{email}", "me"),
    (
        "a variable that chooses the host",
        "{tenant}.{region}.acme.example",
        "{tenant}.example",
    ),
    ("a text in a URL", "{tenant}.{region}", "{email}.{region}"),
    (
        "a secret in a URL",
        "login.acme.example/{tenant}",
        "login.acme.example/{password}",
    ),
    (
        "a scheme that is unknown",
        "\"token_endpoint\"",
        "\"tokens\"",
    ),
    (
        "a field that the scheme does not use",
        "token = {",
        "user = \"a\"\ntoken = {",
    ),
    ("an invalid URL", "https://login.acme", "http://login.acme"),
    ("an invalid duration", "5s", "5"),
    (
        "two places for the key",
        "key_field",
        "body = \"{key}\"\nkey_field",
    ),
    ("an input that is no field", "[inputs.key]", "[inputs.kee]"),
    ("no entry", "[entry]", "[inputs.x]\nlabel = \"\"\n[other]"),
];

/// What a file must not decide, or not hold.
const DANGEROUS: &[Wrong] = &[
    (
        "a source of the key",
        "scheme =",
        "key = { command = [\"canary\"] }\nscheme =",
    ),
    (
        "a source of a second secret",
        "scheme =",
        "secrets = { password = { file = \"/canary\" } }\nscheme =",
    ),
    (
        "a source of another credential's key",
        "scheme =",
        "also = { scheme = \"header\", name = \"x\", key = { env = \"canary\" } }\nscheme =",
    ),
    ("an expiry", "scheme =", "expires_at = 2030-01-01\nscheme ="),
    ("a brace in a value", "\"us\"]", "\"us\", \"{password}\"]"),
    (
        "a control character",
        "title = \"Acme\"",
        "title = \"Ac\\u001b[2Jme\"",
    ),
    ("the key outside a body", "note = \"", "note = \"{key}"),
    (
        "a text in XML",
        "key_field = \"application\"\nfields = { user = { email = \"{email}\", password = \"{password}\" }, note = \"{}\" }",
        "format = \"xml\"\nbody = \"<a>{key}{password}{email}</a>\"",
    ),
];

#[test]
fn each_error_of_a_vendors_file_names_line_field_and_remedy() {
    let right = ACME.replace("{other} ", "");
    let mut shown = String::new();
    for (what, from, to) in WRONG.iter().chain(DANGEROUS) {
        let text = if from.is_empty() {
            ACME.to_owned()
        } else {
            right.replace(from, to)
        };
        assert!(from.is_empty() || right.contains(from), "{what}");
        let error = Catalogue::empty().with_vendor("acme", &text);
        let error = error.map(drop).expect_err(what).to_string();
        assert!(
            !error.contains("canary") && !error.contains(char::is_control),
            "{error}"
        );
        let _ = writeln!(shown, "{what}\n    {error}");
    }
    for name in ["", "Acme", "a.b", "../a", "immuta"] {
        let error = Catalogue::embedded().with_vendor(name, &right).unwrap_err();
        let _ = writeln!(shown, "the name {name:?}\n    {error}");
    }
    let twice = acme().with_vendor("acme", &right).unwrap_err();
    let _ = writeln!(shown, "a name twice\n    {twice}");
    insta::assert_snapshot!("vendor_file_errors", shown);
}

/// Each of the lists is short, and all their combinations are many.
#[test]
fn a_template_with_too_many_combinations_is_refused_at_once() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let values: Vec<_> = (0..10).map(|number| format!("\"v{number}\"")).collect();
    let table = |name: &&str| {
        let values = values.join(", ");
        format!("[variables.{name}]\nlabel = \"\"\nexample = \"v1\"\nvalues = [{values}]\n")
    };
    let tables: String = names.iter().map(table).collect();
    let text = format!(
        "format = 1\ntitle = \"Acme\"\n{tables}\n[entry]\nurl = \"https://{{a}}.{{b}}.{{c}}.{{d}}.{{e}}.{{f}}.acme.example\"\nscheme = \"bearer\"\n"
    );
    let error = Catalogue::empty().with_vendor("acme", &text).unwrap_err();
    assert!(error.to_string().contains("entry.url"), "{error}");
}
