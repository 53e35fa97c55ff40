use super::*;
use crate::{AuthError, InputProblem, UrlProblem};

#[test]
fn a_base_url_is_accepted_at_an_allowed_domain_and_its_subdomains_only() {
    let allowed =
        BaseUrls::at_domains(["https://my.vendor.example", "http://127.0.0.1:8080"]).unwrap();
    for (url, expected) in [
        ("https://my.vendor.example", true),
        ("https://acme.my.vendor.example", true),
        ("https://ACME.my.vendor.example/services", true),
        ("https://acme--dev.sandbox.my.vendor.example/", true),
        ("http://127.0.0.1:8080", true),
        ("https://vendor.example", false),
        ("https://evilmy.vendor.example", false),
        ("https://my.vendor.example.evil.example", false),
        ("https://my.vendor.example.", false),
        ("https://.my.vendor.example", false),
        ("https://acme.my.vendor.example:8443", false),
        ("http://acme.my.vendor.example", false),
        ("https://evil.example/my.vendor.example", false),
        ("https://evil.example#.my.vendor.example", false),
        ("https://evil.example?.my.vendor.example", false),
        ("https://evil.example\\.my.vendor.example", false),
        ("https://my.vendor.example@evil.example", false),
        ("https://user@acme.my.vendor.example", false),
        ("https://acme.my.vendor.example?a=b", false),
        ("//acme.my.vendor.example", false),
        ("acme.my.vendor.example", false),
        ("http://127.0.0.1:8081", false),
        ("http://a.127.0.0.1:8080", false),
        ("", false),
    ] {
        assert_eq!(allowed.parse(url).is_some(), expected, "{url}");
    }
}

#[test]
fn a_domain_that_could_be_anyones_is_refused() {
    for (url, expected) in [
        ("https://com", UrlProblem::TopLevelDomain),
        ("https://com.", UrlProblem::TopLevelDomain),
        ("https://vendor.example/v1", UrlProblem::Path),
        ("https://vendor.example?a", UrlProblem::Query),
        ("http://vendor.example", UrlProblem::PlainHttp),
        ("vendor.example", UrlProblem::NotAbsolute),
        ("https://*.vendor.example", UrlProblem::Wildcard),
        ("", UrlProblem::NotAbsolute),
    ] {
        match BaseUrls::at_domains([url]) {
            Err(AuthError::Invalid(InputProblem::Url { problem, .. })) => {
                assert_eq!(problem, expected, "{url}");
            }
            other => panic!("{url} gave {other:?}"),
        }
    }
    assert!(BaseUrls::at_domains([]).is_err());
}
