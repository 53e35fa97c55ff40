use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{HeaderValue, Request};

use super::*;
use crate::{InputProblem, Placement};

fn parts(uri: &str) -> Parts {
    Request::get(uri).body(()).unwrap().into_parts().0
}

fn query(name: &str, value: &str) -> Credential {
    Placement::query(name)
        .unwrap()
        .credential(&value.into())
        .unwrap()
}

fn cookie(name: &str, value: &str) -> Credential {
    Placement::cookie(name)
        .unwrap()
        .credential(&value.into())
        .unwrap()
}

fn bearer(token: &str) -> Credential {
    Placement::bearer().credential(&token.into()).unwrap()
}

#[test]
fn a_query_key_is_appended_and_the_other_parameters_stay_unchanged() {
    for (before, after) in [
        ("https://a.example/p", "https://a.example/p?api_key=k%261"),
        ("https://a.example/p?", "https://a.example/p?api_key=k%261"),
        (
            "https://a.example/p?b=%20&a=1&&c",
            "https://a.example/p?b=%20&a=1&&c&api_key=k%261",
        ),
        ("https://a.example", "https://a.example/?api_key=k%261"),
    ] {
        let mut parts = parts(before);
        query("api_key", "k&1").attach(&mut parts).unwrap();
        assert_eq!(parts.uri, after);
    }
}

#[test]
fn the_callers_own_field_parameter_or_cookie_wins_and_is_not_doubled() {
    let mut request = parts("https://a.example/p?api%5Fkey=own");
    request
        .headers
        .insert(AUTHORIZATION, HeaderValue::from_static("Bearer own"));
    request
        .headers
        .insert(COOKIE, HeaderValue::from_static("a=1; session=own"));
    let before = (request.uri.clone(), request.headers.clone());

    bearer("ours").attach(&mut request).unwrap();
    query("api_key", "ours").attach(&mut request).unwrap();
    cookie("session", "ours").attach(&mut request).unwrap();

    assert_eq!((request.uri, request.headers), before);
}

#[test]
fn a_cookie_joins_the_callers_cookies_in_one_sensitive_field() {
    let mut request = parts("https://a.example/");
    request
        .headers
        .insert(COOKIE, HeaderValue::from_static("a=1; xsession=2"));
    cookie("session", "s-1").attach(&mut request).unwrap();
    assert_eq!(request.headers[COOKIE], "a=1; xsession=2; session=s-1");
    assert!(request.headers[COOKIE].is_sensitive());
    assert_eq!(request.headers.get_all(COOKIE).iter().count(), 1);
}

#[test]
fn attaching_twice_sets_a_field_once() {
    let mut request = parts("https://a.example/");
    bearer("t-1").attach(&mut request).unwrap();
    bearer("t-2").attach(&mut request).unwrap();
    assert_eq!(request.headers.get_all(AUTHORIZATION).iter().count(), 1);
}

#[test]
fn two_credentials_combine_in_either_order() {
    let key = || {
        Placement::header("x-api-key")
            .unwrap()
            .credential(&"k-1".into())
            .unwrap()
    };
    for joined in [key().and(bearer("t-1")), bearer("t-1").and(key())] {
        let mut request = parts("https://a.example/");
        joined.unwrap().attach(&mut request).unwrap();
        assert_eq!(request.headers["x-api-key"], "k-1");
        assert_eq!(request.headers[AUTHORIZATION], "Bearer t-1");
    }
}

#[test]
fn two_credentials_for_one_field_are_refused() {
    assert!(matches!(
        bearer("a").and(bearer("b")),
        Err(AuthError::Invalid(InputProblem::Unsupported { .. }))
    ));
}

/// The second would vanish, and nothing would say so.
#[test]
fn two_credentials_for_one_query_parameter_or_cookie_are_refused() {
    let pairs = [
        (query("api_key", "a"), query("api_key", "b")),
        (query("api key", "a"), query("api key", "b")),
        (cookie("session", "a"), cookie("session", "b")),
    ];
    for (one, other) in pairs {
        let refused = one.and(other);
        assert!(matches!(
            refused,
            Err(AuthError::Invalid(InputProblem::Unsupported { .. }))
        ));
    }
    assert!(query("a", "1").and(query("b", "2")).is_ok());
    assert!(cookie("a", "1").and(cookie("b", "2")).is_ok());
    assert!(query("a", "1").and(cookie("a", "2")).is_ok());
}

#[test]
fn a_full_header_map_is_an_error_and_no_panic() {
    let mut request = parts("https://a.example/");
    for number in 0.. {
        let name = format!("x-{number}").parse::<HeaderName>().unwrap();
        if request
            .headers
            .try_insert(name, HeaderValue::from_static(""))
            .is_err()
        {
            break;
        }
    }
    assert!(matches!(
        bearer("t").attach(&mut request),
        Err(AuthError::Attach { .. })
    ));
}

#[test]
fn debug_prints_the_place_of_a_secret_and_not_the_secret() {
    let shown = format!(
        "{:?}",
        bearer("canary").and(query("key", "canary")).unwrap()
    );
    assert!(shown.contains("header authorization") && shown.contains("query parameter key"));
    assert!(!shown.contains("canary"));
}

#[test]
fn every_cookie_field_of_the_callers_stays() {
    let mut request = parts("https://a.example/");
    for own in ["a=1", "b=2"] {
        request
            .headers
            .append(COOKIE, HeaderValue::from_static(own));
    }
    let credential = cookie("session", "k-1");
    assert!(credential.attach(&mut request).unwrap());
    let cookies: Vec<_> = request.headers.get_all(COOKIE).iter().collect();
    assert_eq!(cookies, ["a=1; b=2; session=k-1"]);
}
