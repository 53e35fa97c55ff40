//! Signers that cannot be built, and requests that cannot be signed.

use super::*;

fn refused(builder: HttpSignatureBuilder) -> String {
    builder.build().unwrap_err().to_string()
}

fn builder() -> HttpSignatureBuilder {
    HttpSignature::builder(key())
}

#[test]
fn components_that_no_request_has_are_refused() {
    for (component, expected) in [
        (
            "@status",
            "a component has an `@` name that a request does not have: use @method, ",
        ),
        (
            "@signature-params",
            "a component has an `@` name that a request does not have: ",
        ),
        (
            "@Method",
            "a component has an `@` name that a request does not have: ",
        ),
        (
            "@method;req",
            "a component with an `@` name has a parameter: write the name alone",
        ),
        (
            "@query-param",
            "the component @query-param has no valid name: write ",
        ),
        (
            "@query-param;name=id",
            "the component @query-param has no valid name: write ",
        ),
        (
            r#"@query-param;name="a"b""#,
            "the component @query-param has no valid name: write ",
        ),
        (
            r#"@query-param;name="%ff""#,
            "the component @query-param has no valid name: write ",
        ),
        (
            r#"@query-param;name="a";req"#,
            "the component @query-param has no valid name: write ",
        ),
        (
            "",
            "a component is not the name of a header field: write it as ",
        ),
        (
            "content type",
            "a component is not the name of a header field: write it as ",
        ),
        (
            r#""date""#,
            "a component is not the name of a header field: write it as ",
        ),
        (
            "Signature",
            "a component is a field that the signature itself sets: leave ",
        ),
        (
            "signature-input;bs",
            "a component is a field that the signature itself sets: leave ",
        ),
        (
            "example-dict;sf",
            "a component has a parameter that is not supported: use `;bs`",
        ),
        (
            r#"example-dict;key="a""#,
            "a component has a parameter that is not supported: ",
        ),
        (
            "date;tr",
            "a component has a parameter that is not supported: ",
        ),
        (
            "date;req",
            "a component has a parameter that is not supported: ",
        ),
        (
            "date;bs;bs",
            "a component has a parameter that is not supported: ",
        ),
    ] {
        for builder in [
            builder().components([component]),
            builder().optional_components([component]),
        ] {
            let error = refused(builder);
            assert!(error.starts_with(expected), "{component}: {error}");
        }
    }
}

#[test]
fn values_that_a_structured_field_cannot_hold_are_refused() {
    for label in ["", "Sig", "1sig", "sig 1", "-sig", "sig\n", "sîg"] {
        let error = refused(builder().label(label));
        assert!(
            error.starts_with("the label of the signature is not a key: "),
            "{label:?}: {error}"
        );
    }
    for tag in ["tâg", "a\nb", "\u{7f}"] {
        let error = refused(builder().tag(tag));
        let expected = "the tag has other characters than visible ASCII: ";
        assert!(error.starts_with(expected), "{tag:?}: {error}");
    }
    let key = key().with_key_id("kéy").unwrap();
    let error = refused(HttpSignature::builder(key));
    assert!(
        error.starts_with("the key's ID has other characters than visible ASCII: "),
        "{error}"
    );
    for lifetime in [Duration::ZERO, Duration::from_millis(999), Duration::MAX] {
        let error = refused(builder().expires_after(lifetime));
        assert!(
            error.starts_with("a signature is valid for less than a second"),
            "{error}"
        );
    }
}

/// RFC 9421, 6.2.2, registers RSASSA-PSS with SHA-512 alone.
#[test]
fn ps256_has_no_name() {
    let jwk = include_str!("../../../tests/it/vectors/rfc7515-rsa.json");
    let key = SigningKey::from_jwk(Algorithm::PS256, jwk).unwrap();
    let expected = "HTTP message signatures have no name for the algorithm of the key: \
                    use the key with PS512 or RS256, as the server prescribes";
    assert_eq!(refused(HttpSignature::builder(key)), expected);
    let key = SigningKey::from_jwk(Algorithm::PS512, jwk).unwrap();
    HttpSignature::builder(key).build().unwrap();
}

#[test]
fn a_request_without_a_required_component_is_refused() {
    let parts = request("GET", "https://a.example/?other=1", &[]);
    for (component, id) in [
        ("x-tenant", r#""x-tenant""#),
        ("content-type;bs", r#""content-type";bs"#),
        (r#"@query-param;name="id""#, r#""@query-param";name="id""#),
    ] {
        let error = error(&covering(&["@method", component]), &head(&parts, b""));
        let expected = format!(
            "the request lacks {id}, which is signed: set it before the request reaches the \
             signer, or name it with `optional_components`"
        );
        assert_eq!(error, expected);
    }
}

#[test]
fn a_parameter_that_occurs_twice_is_refused() {
    let parts = request("GET", "https://a.example/?id=1&%69d=2", &[]);
    let error = error(
        &covering(&[r#"@query-param;name="id""#]),
        &head(&parts, b""),
    );
    let expected = "the query has several parameters of the name that the signature covers: \
                    send one of them, or sign `@query` in place of `@query-param`";
    assert_eq!(error, expected);
}

#[test]
fn a_value_that_is_not_ascii_is_refused() {
    let parts = request("GET", "https://a.example/", &[("x-name", "Zoë")]);
    let error = error(&covering(&["x-name"]), &head(&parts, b""));
    let expected = "the value of \"x-name\" is not ASCII: encode it, or cover a field with the \
                    parameter `;bs`";
    assert_eq!(error, expected);
    assert!(base(&covering(&["x-name;bs"]), &parts, b"").is_ok());
}

#[test]
fn a_request_without_an_origin_is_refused() {
    let parts = request("GET", "/v1", &[]);
    for (component, expected) in [
        (
            "@authority",
            "the request names no host, which is signed: give the layer a default origin, or set `Host`",
        ),
        (
            "@scheme",
            "the request names no scheme, which is signed: give the layer a default origin",
        ),
        (
            "@target-uri",
            "the request names no scheme, which is signed: give the layer a default origin",
        ),
    ] {
        assert_eq!(error(&covering(&[component]), &head(&parts, b"")), expected);
    }
    let parts = request("GET", "https://a.example/", &[("host", "")]);
    assert!(base(&covering(&["@authority"]), &parts, b"").is_err());
}

#[test]
fn a_nonce_that_cannot_be_written_is_refused() {
    let parts = request("GET", "https://a.example/", &[]);
    let signer = builder()
        .nonce_from(|| Ok("n\n".to_owned()))
        .build()
        .unwrap();
    let expected = "a nonce has other characters than visible ASCII: return base64 or hexadecimal \
                    from `nonce_from`";
    assert_eq!(error(&signer, &head(&parts, b"")), expected);
    let signer = builder()
        .nonce_from(|| Err(SignError::Failed))
        .build()
        .unwrap();
    assert_eq!(
        error(&signer, &head(&parts, b"")),
        SignError::Failed.to_string()
    );
}

#[test]
fn a_clock_before_1970_is_an_error() {
    let clock = Arc::new(test_clock::At(UNIX_EPOCH - Duration::from_secs(1)));
    let parts = request("GET", "https://a.example/", &[]);
    let signer = builder().clock(clock).build().unwrap();
    assert_eq!(
        error(&signer, &head(&parts, b"")),
        SignError::Clock.to_string()
    );
    let years = Duration::from_secs(999_999_999_999_998);
    let signer = builder().clock(at(2)).expires_after(years).build().unwrap();
    assert_eq!(
        error(&signer, &head(&parts, b"")),
        SignError::Clock.to_string()
    );
}
