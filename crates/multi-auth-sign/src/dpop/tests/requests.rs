//! What a request carries.

use multi_auth::Placement;

use super::*;

#[tokio::test]
async fn a_request_carries_the_token_and_its_proof() {
    let found = attached(credential(&numbered(&dpop()), &get("https://a.example/p?q")).await);
    assert_eq!(found["authorization"], "DPoP t-1");
    let claims = part(proof(&found), 1);
    assert_eq!(
        (&claims["htm"], &claims["htu"]),
        (&"GET".into(), &"https://a.example/p".into())
    );
    // SHA-256 of `t-1`.
    assert_eq!(claims["ath"], "Rum8NHbJLqJPsXraxs2c2s_3o0pcdTEAeH2lopmE-DY");
    assert!(found.values().all(http::HeaderValue::is_sensitive));
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn a_request_with_a_part_of_the_credential_is_sent_as_it_is() {
    for name in ["authorization", "dpop"] {
        let bearer = numbered(&dpop());
        let mut parts = get("https://a.example/");
        parts.headers.insert(name, "own".parse().unwrap());
        let request = RequestHead::from_parts(&parts);
        for found in [
            bearer.ready(&request).unwrap(),
            bearer.authenticate(&request).await,
        ] {
            let found = found.unwrap();
            assert!(found.is_empty() && !found.id().is_refreshable(), "{name}");
        }
        // No token was fetched.
        assert!(bearer.tokens().ready_token().is_none());
    }
}

#[tokio::test]
async fn a_credential_is_ready_once_there_is_a_token() {
    let (bearer, parts) = (numbered(&dpop()), get("https://a.example/"));
    let request = RequestHead::from_parts(&parts);
    assert!(bearer.ready(&request).is_none());
    bearer.authenticate(&request).await.unwrap();
    assert!(bearer.ready(&request).unwrap().is_ok());
}

#[test]
fn both_places_are_named() {
    let places = numbered(&dpop()).placements();
    let expected = [
        Placement::authorization(),
        Placement::header("dpop").unwrap(),
    ];
    assert_eq!(format!("{places:?}"), format!("{expected:?}"));
}

#[tokio::test]
async fn the_placement_of_the_bearer_is_not_used() {
    let source = source_fn(|| std::future::ready(Ok(Token::new("t-1"))));
    let elsewhere = Bearer::builder(source).placement(Placement::header("x-token").unwrap());
    let bearer = dpop().bearer_from(elsewhere);
    let found = attached(credential(&bearer, &get("https://a.example/")).await);
    assert_eq!(found["authorization"], "DPoP t-1");
    assert!(!found.contains_key("x-token"));
}
