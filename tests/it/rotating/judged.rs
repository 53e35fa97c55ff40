//! What a key that is rotated hands out, and how its answers are judged, with no server.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use http::{HeaderMap, Request, StatusCode};
use multi_auth::{
    AuthError, Authenticator, Bearer, Credential, Placement, RequestHead, ResponseHead, Rotating,
    Rotation, Token, Verdict, source_fn,
};

use super::{OLDER, key};

#[test]
fn a_settled_keys_answers_are_judged_by_its_own_scheme() {
    let rotating = Rotating::new(key(OLDER));
    let (request, ()) = Request::new(()).into_parts();
    let headers = HeaderMap::new();
    let judged = |status| {
        let credential = rotating.ready(&RequestHead::from_parts(&request));
        let id = credential.unwrap().unwrap().id().clone();
        rotating.judge(&id, &ResponseHead::new(status, &headers))
    };
    for newer in ["second:key", "third:key"] {
        for status in [
            StatusCode::OK,
            StatusCode::UNAUTHORIZED,
            StatusCode::BAD_GATEWAY,
        ] {
            assert_eq!(judged(status), Verdict::Accept, "{status}");
        }
        rotating.rotate(key(newer)).unwrap();
        assert_eq!(judged(StatusCode::OK), Verdict::Accept);
        assert_eq!(rotating.rotation(), Rotation::Settled);
    }
}

#[test]
fn without_a_runtime_for_the_newer_keys_token_request_the_older_token_is_sent() {
    let (mut request, ()) = Request::get("https://a.example")
        .body(())
        .unwrap()
        .into_parts();
    let bearer =
        |token: &'static str| Bearer::new(source_fn(move || async move { Ok(Token::new(token)) }));
    let rotating = Rotating::new(bearer("older"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime
        .block_on(rotating.authenticate(&RequestHead::from_parts(&request)))
        .unwrap();
    rotating.rotate(bearer("newer")).unwrap();

    let head = request.clone();
    let head = RequestHead::from_parts(&head);
    let polled = pin!(rotating.authenticate(&head)).poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Ok(credential)) = polled else {
        panic!("{polled:?}");
    };
    credential.attach(&mut request).unwrap();
    assert_eq!(request.headers["authorization"], "Bearer older");
    assert_eq!(rotating.rotation(), Rotation::OnTrial);
}

/// A scheme that leaves every request as it is.
#[derive(Debug)]
struct Nothing;

#[async_trait]
impl Authenticator for Nothing {
    fn ready(&self, _: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        Some(Ok(Credential::empty()))
    }

    async fn authenticate(&self, _: &RequestHead<'_>) -> Result<Credential, AuthError> {
        Ok(Credential::empty())
    }

    fn placements(&self) -> Vec<Placement> {
        Vec::new()
    }
}

#[test]
fn a_refusal_of_a_request_without_a_credential_does_not_count_against_the_newer_key() {
    let rotating = Rotating::new(Nothing);
    rotating.rotate(Nothing).unwrap();
    let (request, ()) = Request::new(()).into_parts();
    let credential = rotating.ready(&RequestHead::from_parts(&request));
    let id = credential.unwrap().unwrap().id().clone();
    let headers = HeaderMap::new();
    for status in [StatusCode::UNAUTHORIZED, StatusCode::OK] {
        let answer = ResponseHead::new(status, &headers);
        let verdict = rotating.judge(&id, &answer);
        assert_eq!(verdict, Verdict::Accept);
        assert_eq!(rotating.rotation(), Rotation::OnTrial);
    }
}
