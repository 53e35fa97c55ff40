//! Default headers at a redirect.

use http::{HeaderMap, HeaderValue, StatusCode};
use multi_auth::Anonymous;
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::ScriptedResponse;

use crate::redirect::{OWN_HEADER, bound_to, key, key_of, redirect_to, servers};

/// Also where two redirects lie between the origin of the key and the one that must not get it.
#[tokio::test]
async fn a_default_header_in_the_place_of_a_credential_stays_behind() {
    for hops in 1..=2 {
        let (home, away) = servers().await;
        let mut headers = HeaderMap::new();
        headers.insert(OWN_HEADER, HeaderValue::from_static("default"));
        headers.insert("x-plain", HeaderValue::from_static("plain"));
        let client = guarded_client(bound_to(home.url(), key())).with_default_headers(headers);
        let client = client.build().unwrap();
        if hops == 2 {
            home.push(ScriptedResponse::redirect(StatusCode::FOUND, "/next").unwrap());
        }
        home.push(redirect_to(&away, "/"));
        away.push(ScriptedResponse::redirect(StatusCode::FOUND, "/further").unwrap());

        let request = client.get(home.url()).with_extension(Anonymous);
        request.send().await.unwrap();

        assert!(
            home.requests()
                .iter()
                .all(|hop| key_of(hop) == Some("default"))
        );
        for reached in away.requests() {
            assert_eq!(key_of(&reached), None, "{hops}");
            assert_eq!(reached.header("x-plain"), Some("plain"));
        }
        assert_eq!(away.request_count(), 2);
    }
}

#[tokio::test]
async fn sensitive_default_headers_stay_behind() {
    let (home, away) = servers().await;
    let mut headers = HeaderMap::new();
    let mut secret = HeaderValue::from_static("secret");
    secret.set_sensitive(true);
    headers.insert("authorization", secret.clone());
    headers.insert("x-secret", secret);
    headers.insert("user-agent", HeaderValue::from_static("ours"));
    let client = guarded_client(bound_to(home.url(), key())).with_default_headers(headers);
    home.push(redirect_to(&away, "/"));

    let request = client
        .build()
        .unwrap()
        .get(home.url())
        .header("user-agent", "own");
    request.send().await.unwrap();

    let (first, next) = (&home.requests()[0], &away.requests()[0]);
    assert_eq!(first.header("authorization"), Some("secret"));
    assert_eq!(first.header_values("user-agent"), ["own"]);
    assert_eq!(next.header_values("user-agent"), ["own"]);
    assert_eq!(
        (next.header("authorization"), next.header("x-secret")),
        (None, None)
    );
}
