use http::HeaderValue;

use super::*;

type Params<'a> = &'a [(&'a str, &'a str)];

#[expect(clippy::disallowed_methods, reason = "a challenge is no secret")]
fn headers(fields: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for field in fields {
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_bytes(field).unwrap());
    }
    headers
}

/// Asserts what stands in one field.
fn reads(field: &str, expected: &[(&str, Params<'_>)]) {
    let headers = headers(&[field.as_bytes()]);
    let found = challenges(&headers);
    let schemes: Vec<_> = found.iter().map(Challenge::scheme).collect();
    assert_eq!(
        schemes,
        expected
            .iter()
            .map(|(scheme, _)| *scheme)
            .collect::<Vec<_>>(),
        "{field}"
    );
    for (challenge, (_, params)) in found.iter().zip(expected) {
        assert_eq!(challenge.params.len(), params.len(), "{field}");
        for (name, value) in *params {
            assert_eq!(challenge.param(name).as_deref(), Some(*value), "{field}");
        }
    }
}

#[test]
fn a_realm_and_a_charset_are_kept_as_written() {
    reads(r#"Basic realm="a""#, &[("Basic", &[("realm", "a")])]);
    reads(
        r#"Basic realm="a", charset="UTF-8""#,
        &[("Basic", &[("realm", "a"), ("charset", "UTF-8")])],
    );
    reads(
        r#"basic Realm="a",CHARSET="latin-9""#,
        &[("basic", &[("realm", "a"), ("charset", "latin-9")])],
    );
}

#[test]
fn parameters_are_found_by_name_in_any_order() {
    reads(
        r#"Bearer error="x", realm="a""#,
        &[("Bearer", &[("realm", "a"), ("error", "x")])],
    );
    let headers = headers(&[br#"Bearer underrealm="a""#]);
    assert_eq!(challenges(&headers)[0].param("realm"), None);
}

#[test]
fn values_are_tokens_or_quoted_with_escapes_and_commas() {
    reads(
        "Bearer realm=a , scope = \"b\"",
        &[("Bearer", &[("realm", "a"), ("scope", "b")])],
    );
    reads(
        r#"Bearer realm="my, realm,""#,
        &[("Bearer", &[("realm", "my, realm,")])],
    );
    reads(
        r#"Bearer realm="a \"b\" \\ c""#,
        &[("Bearer", &[("realm", r#"a "b" \ c"#)])],
    );
}

#[test]
fn schemes_without_parameters_and_stray_commas_are_read() {
    reads("Negotiate", &[("Negotiate", &[])]);
    reads(
        ", ,Negotiate,, Basic realm=a,",
        &[("Negotiate", &[]), ("Basic", &[("realm", "a")])],
    );
    reads(
        "Negotiate YWJj/+==, Basic realm=a",
        &[("Negotiate", &[]), ("Basic", &[("realm", "a")])],
    );
    reads("", &[]);
    reads(" , ", &[]);
}

#[test]
fn several_challenges_keep_their_order_in_one_field_and_in_several() {
    reads(
        r#"Basic realm="a", Basic realm="b", Bearer error="x""#,
        &[
            ("Basic", &[("realm", "a")]),
            ("Basic", &[("realm", "b")]),
            ("Bearer", &[("error", "x")]),
        ],
    );
    let headers = headers(&[br#"Basic realm="a""#, b"Negotiate", br#"Basic realm="b""#]);
    let found = challenges(&headers);
    let realms: Vec<_> = found
        .iter()
        .map(|challenge| challenge.param("realm"))
        .collect();
    assert_eq!(realms, [Some("a".into()), None, Some("b".into())]);
}

#[test]
fn a_challenge_with_a_repeated_parameter_is_dropped() {
    reads(
        "Bearer realm=a, Realm=b, Basic realm=c",
        &[("Basic", &[("realm", "c")])],
    );
}

#[test]
fn a_malformed_challenge_is_dropped_and_those_before_it_are_kept() {
    reads(
        r#"Basic realm="a", Bearer realm="b"c", error="x""#,
        &[("Basic", &[("realm", "a")])],
    );
    reads(
        r#"Basic realm="a", Bearer realm="b"#,
        &[("Basic", &[("realm", "a")])],
    );
    reads("\"Basic\" realm=a", &[]);
    reads("Basic realm=\u{e9}", &[]);
}

#[test]
fn headers_of_real_vendors_are_read() {
    reads(
        r#"Bearer authorization_uri="https://login.example/common", error="invalid_token", error_description="It, too, has expired.", PoP nonce="n==", Bearer realm="""#,
        &[
            (
                "Bearer",
                &[
                    ("authorization_uri", "https://login.example/common"),
                    ("error", "invalid_token"),
                    ("error_description", "It, too, has expired."),
                ],
            ),
            ("PoP", &[("nonce", "n==")]),
            ("Bearer", &[("realm", "")]),
        ],
    );
}

#[test]
fn values_without_quotes_and_parameters_without_commas_are_read() {
    let azure = "Bearer authorization_uri=https://login.microsoftonline.com/2d/oauth2/authorize resource_id=https://storage.azure.com";
    let params: Params<'_> = &[
        (
            "authorization_uri",
            "https://login.microsoftonline.com/2d/oauth2/authorize",
        ),
        ("resource_id", "https://storage.azure.com"),
    ];
    reads(azure, &[("Bearer", params)]);
    reads(
        &format!(r#"{azure}, Basic realm="b""#),
        &[("Bearer", params), ("Basic", &[("realm", "b")])],
    );
    reads(
        r#"Bearer uri=https://a.example?x=1&y=2 realm="r" error=invalid_token, Basic"#,
        &[
            (
                "Bearer",
                &[
                    ("uri", "https://a.example?x=1&y=2"),
                    ("realm", "r"),
                    ("error", "invalid_token"),
                ],
            ),
            ("Basic", &[]),
        ],
    );
}

#[test]
fn a_parameter_after_a_token68_drops_no_other_challenge() {
    reads(
        r#"Other abc==, realm="r", Basic realm="b""#,
        &[("Other", &[("realm", "r")]), ("Basic", &[("realm", "b")])],
    );
    reads(
        r#"Negotiate abc, realm=r, charset="UTF-8", NTLM, Basic realm="b""#,
        &[
            ("Negotiate", &[("realm", "r"), ("charset", "UTF-8")]),
            ("NTLM", &[]),
            ("Basic", &[("realm", "b")]),
        ],
    );
    // By the grammar `realm=` is a `token68` here.
    reads(
        r#"Bearer realm=, authorization_uri="https://a.example", Basic realm="b""#,
        &[
            ("Bearer", &[("authorization_uri", "https://a.example")]),
            ("Basic", &[("realm", "b")]),
        ],
    );
}

#[test]
fn the_name_of_a_scheme_inside_a_realm_is_not_a_challenge() {
    reads(
        r#"Basic realm="Digest realm=x""#,
        &[("Basic", &[("realm", "Digest realm=x")])],
    );
}

#[test]
fn long_and_malformed_fields_cause_no_panic() {
    let many = (0..10_000).fold("Bearer a=b".to_owned(), |text, number| {
        text + &format!(",p{number}=v")
    });
    let found = headers(&[many.as_bytes()]);
    assert_eq!(challenges(&found)[0].param("P9999").as_deref(), Some("v"));
    for byte in [b'"', b'\\', b',', b'=', b'a', b' ', 0xff] {
        challenges(&headers(&[&vec![byte; 65_536]]));
        let start = [&b"Bearer realm=\""[..], &vec![byte; 65_536]].concat();
        challenges(&headers(&[&start]));
    }
    let bytes = headers(&[b"Bearer realm=\"\xff\xfe\""]);
    assert_eq!(
        challenges(&bytes)[0].param("realm").as_deref(),
        Some("\u{fffd}\u{fffd}")
    );
}
