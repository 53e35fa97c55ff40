//! A key is replaced while requests use it.

mod judged;
mod tokens;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, StatusCode};
use multi_auth::{
    AllOf, AuthError, Basic, Bearer, InputProblem, Keyring, RequestHead, ResponseHead, Rotating,
    Rotation, Token, TokenEndpoint, source_fn,
};
use multi_auth_testing::{
    AlphamoonKey, AlphamoonSimulator, Fault, ScriptedResponse, ScriptedServer,
};

use crate::adapter::{Adapter, Client};
use crate::body::TestBody;
use crate::clock::ManualClock;
use crate::rig::processes;

const OLDER: &str = "older:key";
const NEWER: &str = "newer:key";

fn key(pair: &str) -> Basic {
    Basic::from_pair(pair).unwrap()
}

/// A vendor that knows the older key, and a client whose binding can be rotated.
async fn vendor(adapter: Adapter) -> (AlphamoonSimulator, Rotating, Client) {
    let server = AlphamoonSimulator::start().await.unwrap();
    server.add_key(AlphamoonKey::new(OLDER));
    let rotating = Rotating::new(key(OLDER));
    let keyring = Keyring::builder()
        .bind(server.url(), rotating.clone())
        .unwrap()
        .build();
    (server, rotating, adapter.client(&keyring))
}

/// How often the vendor saw each of the two keys.
fn seen(server: &AlphamoonSimulator) -> (usize, usize) {
    let requests = server.requests();
    let with = |pair: &str| {
        let expected = format!("Basic {}", base64(pair));
        let carries = |field: Option<&str>| field == Some(expected.as_str());
        requests
            .iter()
            .filter(|request| carries(request.header("authorization")))
            .count()
    };
    (with(OLDER), with(NEWER))
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

on_each_adapter! {
    async fn a_newer_key_is_used_at_once_and_settles_with_its_first_success(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
        server.add_key(AlphamoonKey::new(NEWER));
        rotating.rotate(key(NEWER)).unwrap();
        assert_eq!(rotating.rotation(), Rotation::OnTrial);
        for _ in 0..3 {
            assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
            assert_eq!(rotating.rotation(), Rotation::Settled);
        }
        assert_eq!(seen(&server), (1, 3));
    }

    async fn a_replaced_key_is_never_sent_again_even_if_the_newer_one_is_refused(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
        rotating.replace(key(NEWER)).unwrap();
        assert_eq!(rotating.rotation(), Rotation::Settled);
        for _ in 0..3 {
            assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(seen(&server), (1, 3));
        // Nor does it come back with a rotation that fails.
        rotating.rotate(key("newest:key")).unwrap();
        assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::UNAUTHORIZED);
        assert_eq!(seen(&server).0, 1);
        server.add_key(AlphamoonKey::new(NEWER));
        assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
    }

    async fn a_replacement_ends_a_trial_and_neither_of_its_keys_is_sent(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        rotating.rotate(key(NEWER)).unwrap();
        rotating.replace(key("newest:key")).unwrap();
        server.add_key(AlphamoonKey::new("newest:key"));
        for _ in 0..3 {
            assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
        }
        assert_eq!((seen(&server), rotating.rotation()), ((0, 0), Rotation::Settled));
    }

    async fn if_the_newer_key_is_refused_the_older_one_stays_in_use(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        rotating.rotate(key(NEWER)).unwrap();
        for _ in 0..3 {
            let request = Request::post(processes(&server)).body(TestBody::whole("{}"));
            let answer = client.send(request.unwrap()).await.unwrap();
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED);
            assert_eq!(rotating.rotation(), Rotation::Refused);
        }
        // The newer key is not tried again: accounts get locked so.
        assert_eq!(seen(&server), (3, 1));
        rotating.rotate(key(NEWER)).unwrap();
        server.add_key(AlphamoonKey::new(NEWER));
        assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
        assert_eq!(rotating.rotation(), Rotation::Settled);
    }

    async fn no_request_under_way_fails_for_a_newer_key_that_is_refused(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        rotating.rotate(key(NEWER)).unwrap();
        let url = processes(&server);
        let gets = (0..20).map(|_| { let (client, url) = (client.clone(), url.clone()); tokio::spawn(async move { client.get(&url).await }) });
        for get in gets.collect::<Vec<_>>() {
            assert_eq!(get.await.unwrap().unwrap().status, StatusCode::OK);
        }
        assert_eq!(seen(&server).0, 20);
    }

    async fn a_response_that_does_not_concern_the_key_settles_nothing(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        server.add_key(AlphamoonKey::new(NEWER));
        rotating.rotate(key(NEWER)).unwrap();
        let missing = format!("{}/no/such/path", server.url());
        assert_eq!(client.get(&missing).await.unwrap().status, StatusCode::NOT_FOUND);
        assert_eq!(rotating.rotation(), Rotation::OnTrial);
    }

    async fn of_a_key_that_is_still_on_trial_nothing_is_left(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        rotating.rotate(key("wrong:key")).unwrap();
        rotating.rotate(key(NEWER)).unwrap();
        assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
        assert_eq!(rotating.rotation(), Rotation::Refused);
        assert_eq!(seen(&server), (1, 1));
    }

    async fn a_request_under_way_with_a_key_that_was_replaced_on_trial_is_sent_again(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        rotating.rotate(key("wrong:key")).unwrap();
        let hold = server.hold("/");
        let url = processes(&server);
        let under_way = tokio::spawn({ let client = client.clone(); async move { client.get(&url).await } });
        hold.arrived(1).await;
        server.add_key(AlphamoonKey::new(NEWER));
        rotating.rotate(key(NEWER)).unwrap();
        hold.release();
        assert_eq!(under_way.await.unwrap().unwrap().status, StatusCode::OK);
        assert_eq!(seen(&server), (0, 1));
    }

    async fn a_newer_key_that_was_refused_is_used_when_the_older_one_is_refused_too(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        rotating.rotate(key(NEWER)).unwrap();
        assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
        assert_eq!(rotating.rotation(), Rotation::Refused);
        server.add_key(AlphamoonKey::new(NEWER));
        server.revoke_key(OLDER);
        for _ in 0..2 {
            assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
        }
        assert_eq!(rotating.rotation(), Rotation::Settled);
    }

    async fn if_both_keys_are_refused_the_vendors_response_is_delivered(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        server.revoke_key(OLDER);
        rotating.rotate(key(NEWER)).unwrap();
        for _ in 0..10 {
            let answer = client.get(&processes(&server)).await.unwrap();
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            assert!(answer.outcome.is_some());
        }
        // Two turns, and from then on one attempt for each request: with the newer key, which is
        // wanted.
        assert_eq!(server.request_count(), 12);
        server.add_key(AlphamoonKey::new(NEWER));
        assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
        assert_eq!(rotating.rotation(), Rotation::Settled);
    }

    async fn after_both_keys_were_refused_the_one_that_becomes_valid_is_used(adapter: Adapter) {
        let (server, _, _) = vendor(adapter).await;
        let clock = Arc::new(ManualClock::default());
        let rotating = Rotating::new(key(OLDER)).with_clock(Arc::<ManualClock>::clone(&clock));
        let keyring = Keyring::builder().bind(server.url(), rotating.clone()).unwrap().build();
        let client = adapter.client(&keyring);
        server.revoke_key(OLDER);
        rotating.rotate(key(NEWER)).unwrap();
        for _ in 0..5 {
            client.get(&processes(&server)).await.unwrap();
        }
        server.add_key(AlphamoonKey::new(OLDER));
        assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::UNAUTHORIZED);
        clock.advance(Duration::from_secs(61));
        for _ in 0..3 {
            assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
        }
        assert_eq!(rotating.rotation(), Rotation::Refused);
    }

    async fn a_missing_permission_does_not_count_against_the_newer_key(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let lacking = ScriptedResponse::new(StatusCode::UNAUTHORIZED)
            .with_header("www-authenticate", "Bearer error=\"insufficient_scope\"");
        server.push(lacking.unwrap());
        server.push(ScriptedResponse::new(StatusCode::FORBIDDEN));
        let rotating = Rotating::new(key(OLDER));
        let keyring = Keyring::builder().bind(server.url(), rotating.clone()).unwrap().build();
        let client = adapter.client(&keyring);
        rotating.rotate(key(NEWER)).unwrap();
        for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
            assert_eq!(client.get(server.url()).await.unwrap().status, status);
            assert_eq!(rotating.rotation(), Rotation::OnTrial);
        }
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::OK);
        assert_eq!(rotating.rotation(), Rotation::Settled);
    }

    async fn a_wrong_refusal_of_the_older_key_fails_one_request(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        rotating.rotate(key("wrong:key")).unwrap();
        let url = processes(&server);
        for _ in 0..3 {
            assert_eq!(client.get(&url).await.unwrap().status, StatusCode::OK);
        }
        server.inject(Fault::status(StatusCode::UNAUTHORIZED).times(1));
        assert_eq!(client.get(&url).await.unwrap().status, StatusCode::UNAUTHORIZED);
        for _ in 0..3 {
            assert_eq!(client.get(&url).await.unwrap().status, StatusCode::OK);
        }
        assert_eq!(rotating.rotation(), Rotation::Refused);
    }

    async fn a_newer_key_beside_another_token_has_its_trial_too(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let token = |field: &'static str, token: &'static str| {
            let source = source_fn(move || async move { Ok(Token::new(token)) });
            Bearer::builder(source).placement(multi_auth::Placement::header(field).unwrap()).build()
        };
        let rotating = Rotating::new(token("x-a", "a-1"));
        let both = AllOf::new(rotating.clone(), token("x-b", "b-1"));
        let keyring = Keyring::builder().bind(server.url(), both).unwrap().build();
        let client = adapter.client(&keyring);
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::OK);
        rotating.rotate(token("x-a", "a-2")).unwrap();
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::OK);
        assert_eq!(rotating.rotation(), Rotation::Settled);
        let last = server.requests().pop().unwrap();
        assert_eq!((last.header("x-a"), last.header("x-b")), (Some("a-2"), Some("b-1")));
    }

    async fn a_refusal_by_the_scheme_counts_for_any_status(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(|request| {
            let is_spent = request.header("authorization") == Some("Bearer newer");
            ScriptedResponse::default().with_header("x-spent", if is_spent { "yes" } else { "no" }).unwrap()
        });
        let token = |token: &'static str| {
            let source = source_fn(move || async move { Ok(Token::new(token)) });
            let is_spent = |response: &ResponseHead<'_>| {
                response.headers().get("x-spent").is_some_and(|value| value == "yes")
            };
            Bearer::builder(source).refresh_when(is_spent).build()
        };
        let rotating = Rotating::new(token("older"));
        let keyring = Keyring::builder().bind(server.url(), rotating.clone()).unwrap().build();
        let client = adapter.client(&keyring);
        client.get(server.url()).await.unwrap();
        rotating.rotate(token("newer")).unwrap();
        client.get(server.url()).await.unwrap();
        assert_eq!(rotating.rotation(), Rotation::Refused);
        let last = server.requests().pop().unwrap();
        assert_eq!(last.header("authorization"), Some("Bearer older"));
    }

    async fn a_newer_keys_token_that_was_refused_is_not_tried_again(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let accept = |accepted: &'static [&'static str]| {
            server.respond_with(move |request| match request.header("authorization") {
                Some(token) if accepted.contains(&token) => ScriptedResponse::default(),
                _ => ScriptedResponse::new(StatusCode::UNAUTHORIZED),
            });
        };
        let tokens = |name: &'static str| {
            let count = Arc::new(AtomicUsize::new(0));
            Bearer::new(source_fn(move || {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                async move { Ok(Token::new(format!("{name}-{number}"))) }
            }))
        };
        accept(&["Bearer older-1", "Bearer newer-2"]);
        let rotating = Rotating::new(tokens("older"));
        let keyring = Keyring::builder().bind(server.url(), rotating.clone()).unwrap().build();
        let client = adapter.client(&keyring);
        client.get(server.url()).await.unwrap();
        rotating.rotate(tokens("newer")).unwrap();
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::OK);
        assert_eq!(rotating.rotation(), Rotation::Refused);
        // The older key is revoked with the vendor: the newer one is tried again, with another
        // token.
        accept(&["Bearer newer-2"]);
        for _ in 0..8 {
            let _ = client.get(server.url()).await;
        }
        let last = server.requests().pop().unwrap();
        assert_ne!(last.header("authorization"), Some("Bearer newer-1"));
    }

    async fn a_key_with_another_placement_cannot_rotate(adapter: Adapter) {
        let (_server, rotating, _client) = vendor(adapter).await;
        let elsewhere = multi_auth::ApiKey::header("x-key", "k-1").unwrap();
        assert!(matches!(rotating.rotate(elsewhere), Err(AuthError::Invalid(InputProblem::Unsupported { .. }))));
        assert_eq!(rotating.rotation(), Rotation::Settled);
    }
}
