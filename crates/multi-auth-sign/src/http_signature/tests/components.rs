//! The values of components: the examples of RFC 9421, 2.1 and 2.2, and their neighbours.

use super::*;

/// The value of the only component of a signature over a request.
fn value(component: &str, parts: &Parts) -> String {
    let base = base(&covering(&[component]), parts, b"").unwrap();
    let (line, rest) = base.split_once('\n').unwrap();
    assert!(rest.starts_with(r#""@signature-params": ("#), "{rest}");
    line.split_once(": ").unwrap().1.to_owned()
}

#[test]
fn derived_components_have_the_values_of_the_rfc() {
    let www = "https://www.example.com";
    for (component, method, target, expected) in [
        ("@method", "POST", "/path?param=value", "POST"),
        (
            "@target-uri",
            "POST",
            "/path?param=value",
            "https://www.example.com/path?param=value",
        ),
        ("@authority", "POST", "/path?param=value", "www.example.com"),
        ("@scheme", "POST", "/path?param=value", "https"),
        (
            "@request-target",
            "POST",
            "/path?param=value",
            "/path?param=value",
        ),
        ("@path", "GET", "/path?param=value", "/path"),
        (
            "@query",
            "GET",
            "/path?param=value&foo=bar&baz=bat%2Dman",
            "?param=value&foo=bar&baz=bat%2Dman",
        ),
        ("@query", "POST", "/path?queryString", "?queryString"),
        ("@query", "POST", "/path?", "?"),
        ("@query", "POST", "/path", "?"),
        ("@path", "POST", "", "/"),
        ("@request-target", "POST", "", "/"),
        ("@target-uri", "POST", "", "https://www.example.com/"),
        (
            "@target-uri",
            "POST",
            "/path?",
            "https://www.example.com/path?",
        ),
        ("@path", "GET", "/a%2fb//c/../d", "/a%2fb//c/../d"),
    ] {
        let parts = request(method, &format!("{www}{target}"), &[]);
        assert_eq!(
            value(component, &parts),
            expected,
            "{component} of {target}"
        );
    }
}

/// RFC 9421, 2.2.6. A `Uri` always has the slash. A `Url` of an unusual scheme does not.
#[test]
fn an_empty_path_is_a_slash() {
    let url = "coap://a.example?x".parse().unwrap();
    let parts = request("GET", "/", &[]);
    let head = RequestHead::from_url(&parts.method, &url, &parts.headers, &parts.extensions);
    let signer = covering(&["@path", "@request-target", "@target-uri"]);
    let text = Text::of(&head, &ContentDigest::Uncovered, &signer.settings).unwrap();
    let expected = "\"@path\": /\n\"@request-target\": /?x\n\"@target-uri\": coap://a.example/?x\n";
    assert!(text.base.starts_with(expected.as_bytes()));
}

/// RFC 9421, 2.2.8.
#[test]
fn query_parameters_are_decoded_and_encoded_again() {
    for (name, query, expected) in [
        ("baz", "param=value&foo=bar&baz=batman&qux=", "batman"),
        ("qux", "param=value&foo=bar&baz=batman&qux=", ""),
        ("param", "param=value&foo=bar&baz=batman&qux=", "value"),
        (
            "var",
            "var=this%20is%20a%20big%0Amultiline%20value",
            "this%20is%20a%20big%0Amultiline%20value",
        ),
        (
            "bar",
            "bar=with+plus+whitespace",
            "with%20plus%20whitespace",
        ),
        (
            "fa%C3%A7ade%22%3A%20",
            "fa%C3%A7ade%22%3A%20=something",
            "something",
        ),
        ("a", "b=1&a=*-._~!'()%2a%7e&c", "*-._%7E%21%27%28%29*%7E"),
        ("c", "b=1&c", ""),
        ("", "=1", "1"),
        ("%2B", "a=1&%2b=x%3Dy=z", "x%3Dy%3Dz"),
    ] {
        let parts = request("GET", &format!("https://www.example.com/p?{query}"), &[]);
        let component = format!(r#"@query-param;name="{name}""#);
        let base = base(&covering(&[&component]), &parts, b"").unwrap();
        let line = format!("\"@query-param\";name=\"{name}\": {expected}\n");
        assert!(base.starts_with(&line), "{base}");
        let list = format!("(\"@query-param\";name=\"{name}\")");
        assert!(base.ends_with(&list), "{base}");
    }
}

#[test]
fn a_name_in_the_configuration_need_not_be_encoded() {
    let parts = request("GET", "https://a.example/?fa%C3%A7ade+1=x", &[]);
    let base = base(&covering(&[r#"@query-param;name="façade 1""#]), &parts, b"").unwrap();
    assert!(
        base.starts_with("\"@query-param\";name=\"fa%C3%A7ade%201\": x\n"),
        "{base}"
    );
}

/// RFC 9421, 2.2.3 and RFC 9110, 4.2.3.
#[test]
fn the_authority_is_in_lower_case_without_its_default_port() {
    for (url, host, expected) in [
        ("https://WWW.Example.COM/", None, "www.example.com"),
        ("https://www.example.com:443/", None, "www.example.com"),
        ("http://www.example.com:80/", None, "www.example.com"),
        ("https://www.example.com:80/", None, "www.example.com:80"),
        ("http://www.example.com:443/", None, "www.example.com:443"),
        (
            "https://www.example.com:8443/",
            None,
            "www.example.com:8443",
        ),
        ("https://[::1]/", None, "[::1]"),
        ("https://[::1]:8443/", None, "[::1]:8443"),
        (
            "https://user:pass@www.example.com/",
            None,
            "www.example.com",
        ),
        ("wss://www.example.com:443/", None, "www.example.com"),
        (
            "https://10.0.0.1:8443/",
            Some("API.example.com"),
            "api.example.com",
        ),
        (
            "https://10.0.0.1/",
            Some("api.example.com:443"),
            "api.example.com",
        ),
        (
            "https://10.0.0.1/",
            Some("api.example.com:80"),
            "api.example.com:80",
        ),
        (
            "https://10.0.0.1/",
            Some("api.example.com:"),
            "api.example.com",
        ),
        (
            "https://10.0.0.1/",
            Some("[2001:db8::443]"),
            "[2001:db8::443]",
        ),
        (
            "https://10.0.0.1/",
            Some("[2001:db8::443]:443"),
            "[2001:db8::443]",
        ),
        ("/", Some("api.example.com:443"), "api.example.com:443"),
    ] {
        let fields: Vec<_> = host.iter().map(|host| ("host", *host)).collect();
        let parts = request("GET", url, &fields);
        assert_eq!(value("@authority", &parts), expected, "{url} {host:?}");
    }
}

/// RFC 9421, 2.1 and 2.1.3. Line folding reaches no signer: `HeaderValue` refuses line breaks.
#[test]
fn fields_have_the_values_of_the_rfc() {
    let parts = request(
        "GET",
        "https://www.example.com/",
        &[
            ("date", "Tue, 20 Apr 2021 02:07:56 GMT"),
            ("x-ows-header", "   Leading and trailing whitespace.   "),
            ("x-obs-fold-header", "Obsolete line folding."),
            ("cache-control", "max-age=60"),
            ("cache-control", "\t   must-revalidate"),
            ("example-dict", "a=1,    b=2;x=1;y=2,   c=(a   b   c), d"),
            ("x-empty-header", ""),
            ("example-header", "value, with, lots"),
            ("example-header", "of, commas"),
        ],
    );
    for (component, expected) in [
        ("date", "Tue, 20 Apr 2021 02:07:56 GMT"),
        ("X-OWS-Header", "Leading and trailing whitespace."),
        ("x-obs-fold-header", "Obsolete line folding."),
        ("Cache-Control", "max-age=60, must-revalidate"),
        ("example-dict", "a=1,    b=2;x=1;y=2,   c=(a   b   c), d"),
        ("x-empty-header", ""),
        ("example-header", "value, with, lots, of, commas"),
        (
            "example-header;bs",
            ":dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:",
        ),
        (
            "x-ows-header;bs",
            ":TGVhZGluZyBhbmQgdHJhaWxpbmcgd2hpdGVzcGFjZS4=:",
        ),
    ] {
        assert_eq!(value(component, &parts), expected, "{component}");
    }
    let one = request(
        "GET",
        "https://a.example/",
        &[("example-header", "value, with, lots, of, commas")],
    );
    let expected = ":dmFsdWUsIHdpdGgsIGxvdHMsIG9mLCBjb21tYXM=:";
    assert_eq!(value("example-header;bs", &one), expected);
}
