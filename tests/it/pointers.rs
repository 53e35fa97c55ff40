//! A pointer to an implementation of a trait is one, and a closure can be a transport.

use std::sync::Arc;

use http::{HeaderMap, Response, StatusCode};
use multi_auth::{
    Authenticator, Bearer, Clock, Keyring, Placement, RequestHead, ResponseHead, SystemClock,
    Token, TokenEndpoint, TokenSource, Transport, TransportError, Verdict, source_fn, transport_fn,
};

fn bearer() -> Bearer {
    Bearer::new(source_fn(|| async { Ok(Token::new("t-1")) }))
}

/// Does what a keyring does with an authenticator, so each method must reach the one behind the
/// pointer.
async fn is_the_bearer(authenticator: impl Authenticator) {
    let (request, ()) = http::Request::get("https://a.example/")
        .body(())
        .unwrap()
        .into_parts();
    let request = RequestHead::from_parts(&request);
    assert!(authenticator.ready(&request).is_none());
    let credential = authenticator.authenticate(&request).await.unwrap();
    assert!(authenticator.ready(&request).is_some());
    let refused = ResponseHead::new(StatusCode::UNAUTHORIZED, &HeaderMap::new()).status();
    let headers = HeaderMap::new();
    let verdict = authenticator.judge(credential.id(), &ResponseHead::new(refused, &headers));
    assert_eq!(verdict, Verdict::Refresh);
    assert!(authenticator.placements()[0].is_same_place(&Placement::bearer()));
}

#[tokio::test]
async fn a_pointer_to_an_authenticator_forwards_each_method() {
    is_the_bearer(Arc::new(bearer())).await;
    is_the_bearer(Box::new(bearer()) as Box<dyn Authenticator>).await;
    is_the_bearer(&bearer()).await;
    is_the_bearer(Box::new(Arc::new(bearer()) as Arc<dyn Authenticator>)).await;
    let chosen: Box<dyn Authenticator> = Box::new(bearer());
    assert!(Keyring::builder().bind("https://a.example", chosen).is_ok());
}

#[tokio::test]
async fn a_closure_and_a_pointer_can_be_a_transport_and_a_pointer_a_source() {
    let closure = transport_fn(|request| async move {
        match request.body().as_slice() {
            b"key=k" => Ok(Response::new(br#"{"access_token":"t"}"#.to_vec())),
            _ => Err(TransportError::timeout()),
        }
    });
    assert!(!format!("{closure:?}").is_empty());
    let transport: Box<dyn Transport> = Box::new(closure);
    let transport = Arc::new(transport);
    for (key, is_given) in [("k", true), ("x", false)] {
        let endpoint = TokenEndpoint::builder("https://a.example/token", Arc::clone(&transport));
        let source: Box<dyn TokenSource> = Box::new(endpoint.unwrap().form([("key", key)]).build());
        let by_reference = &source;
        assert_eq!(by_reference.token().await.is_ok(), is_given);
        assert_eq!(Bearer::new(source).token().await.is_ok(), is_given);
    }
}

#[test]
fn a_pointer_to_a_clock_is_a_clock() {
    fn both(clock: impl Clock) -> bool {
        clock.monotonic() <= clock.monotonic() && clock.wall() > std::time::SystemTime::UNIX_EPOCH
    }
    let pointer: &SystemClock = &SystemClock;
    assert!(both(pointer) && both(Box::new(SystemClock) as Box<dyn Clock>));
}
