//! `AllOf` judges each part alone, and only the parts that it attached.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Request, StatusCode};
use multi_auth::{
    AllOf, ApiKey, Authenticator, Bearer, Keyring, Placement, Rotating, Rotation, Token, source_fn,
};
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use crate::adapter::Client;
use crate::body::TestBody;

fn key(name: &str, value: &str) -> ApiKey {
    ApiKey::header(name, value).unwrap()
}

/// The tokens `t-1`, `t-2` and so on where `name` is `t`, and how many were obtained.
fn tokens(name: &'static str, placement: Placement) -> (Bearer, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let obtained = Arc::clone(&count);
    let source = source_fn(move || {
        let number = obtained.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok(Token::new(format!("{name}-{number}"))) }
    });
    let bearer = Bearer::builder(source).placement(placement).build();
    (bearer, count)
}

/// A server that accepts requests whose field `name` has one of `good`.
async fn accepting(name: &'static str, good: &'static [&'static str]) -> ScriptedServer {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(move |request| match request.header(name) {
        Some(value) if good.contains(&value) => ScriptedResponse::default(),
        _ => ScriptedResponse::new(StatusCode::UNAUTHORIZED),
    });
    server
}

/// Tokens in so many fields of one request, each named `x-0`, `x-1` and so on, and how many were
/// obtained.
fn tokens_in_fields(
    count: usize,
    name: &'static str,
) -> (Arc<dyn Authenticator>, Arc<AtomicUsize>) {
    let obtained = Arc::new(AtomicUsize::new(0));
    let fields = (0..count).map(|number| {
        let (obtained, issued) = (Arc::clone(&obtained), AtomicUsize::new(0));
        let source = source_fn(move || {
            obtained.fetch_add(1, Ordering::SeqCst);
            let number = issued.fetch_add(1, Ordering::SeqCst) + 1;
            async move { Ok(Token::new(format!("{name}-{number}"))) }
        });
        let field = Placement::header(&format!("x-{number}")).unwrap();
        Arc::new(Bearer::builder(source).placement(field).build()) as Arc<dyn Authenticator>
    });
    let all = fields.reduce(|all, field| Arc::new(AllOf::new(all, field)));
    (all.unwrap(), obtained)
}

async fn send(client: &Client, url: &str, own: Option<(&str, &str)>) -> StatusCode {
    let mut request = Request::get(url);
    if let Some((name, value)) = own {
        request = request.header(name, value);
    }
    let request = request.body(TestBody::default()).unwrap();
    client.send(request).await.unwrap().status
}

on_every_adapter! {
    async fn a_success_with_the_callers_own_key_does_not_settle_a_trial(adapter: Adapter) {
        let server = accepting("x-api-key", &["older", "own"]).await;
        let rotating = Rotating::new(key("x-api-key", "older"));
        let chain = AllOf::new(rotating.clone(), key("x-app", "a-1"));
        let client = adapter.client(&Keyring::builder().bind(server.url(), chain).unwrap().build());
        rotating.rotate(key("x-api-key", "mistyped")).unwrap();

        assert_eq!(send(&client, server.url(), Some(("x-api-key", "own"))).await, StatusCode::OK);
        assert_eq!(rotating.rotation(), Rotation::OnTrial);
        for _ in 0..3 {
            assert_eq!(send(&client, server.url(), None).await, StatusCode::OK);
        }
        assert_eq!(rotating.rotation(), Rotation::Refused);
    }

    async fn a_refusal_of_the_callers_own_key_does_not_end_a_trial(adapter: Adapter) {
        let server = accepting("x-api-key", &["older", "newer"]).await;
        let rotating = Rotating::new(key("x-api-key", "older"));
        let chain = AllOf::new(key("x-app", "a-1"), rotating.clone());
        let client = adapter.client(&Keyring::builder().bind(server.url(), chain).unwrap().build());
        rotating.rotate(key("x-api-key", "newer")).unwrap();

        let own = Some(("x-api-key", "own"));
        assert_eq!(send(&client, server.url(), own).await, StatusCode::UNAUTHORIZED);
        assert_eq!((rotating.rotation(), server.request_count()), (Rotation::OnTrial, 1));
    }

    async fn a_refusal_of_the_callers_own_authorization_costs_no_token(adapter: Adapter) {
        let server = accepting("authorization", &["Bearer t-1"]).await;
        let (bearer, token_requests) = tokens("t", Placement::bearer());
        let chain = AllOf::new(bearer, key("x-app", "a-1"));
        let client = adapter.client(&Keyring::builder().bind(server.url(), chain).unwrap().build());
        assert_eq!(send(&client, server.url(), None).await, StatusCode::OK);
        for _ in 0..5 {
            let own = Some(("authorization", "Bearer bad"));
            assert_eq!(send(&client, server.url(), own).await, StatusCode::UNAUTHORIZED);
            for _ in 0..5 {
                assert_eq!(send(&client, server.url(), None).await, StatusCode::OK);
            }
        }
        assert_eq!((token_requests.load(Ordering::SeqCst), server.request_count()), (1, 31));
    }

    async fn a_token_is_refreshed_though_the_caller_set_the_other_part(adapter: Adapter) {
        let server = accepting("authorization", &["Bearer t-2"]).await;
        let (bearer, token_requests) = tokens("t", Placement::bearer());
        let chain = AllOf::new(key("x-app", "a-1"), bearer);
        let client = adapter.client(&Keyring::builder().bind(server.url(), chain).unwrap().build());
        assert_eq!(send(&client, server.url(), Some(("x-app", "own"))).await, StatusCode::OK);
        assert_eq!((token_requests.load(Ordering::SeqCst), server.request_count()), (2, 2));
    }

    async fn of_two_tokens_only_the_one_that_was_attached_is_refreshed(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let (first, token_requests) = tokens("t", Placement::bearer());
        let (second, _) = tokens("u", Placement::header("x-token").unwrap());
        let chain = AllOf::new(first, second);
        let client = adapter.client(&Keyring::builder().bind(server.url(), chain).unwrap().build());
        assert_eq!(send(&client, server.url(), None).await, StatusCode::OK);

        server.respond_with(|request| match request.header("x-token") {
            Some("u-1") => ScriptedResponse::new(StatusCode::UNAUTHORIZED),
            _ => ScriptedResponse::default(),
        });
        let own = Some(("authorization", "Bearer own"));
        assert_eq!(send(&client, server.url(), own).await, StatusCode::OK);
        let last = server.requests().pop().unwrap();
        assert_eq!(last.header("authorization"), Some("Bearer own"));
        assert_eq!(last.header("x-token"), Some("u-2"));
        assert_eq!(token_requests.load(Ordering::SeqCst), 1);
    }

    async fn each_of_many_tokens_on_one_request_is_refreshed(adapter: Adapter) {
        const COUNT: usize = 20;
        let server = accepting("x-0", &["t-2"]).await;
        let (all, obtained) = tokens_in_fields(COUNT, "t");
        let client = adapter.client(&Keyring::builder().bind(server.url(), all).unwrap().build());
        assert_eq!(send(&client, server.url(), None).await, StatusCode::OK);
        assert_eq!(obtained.load(Ordering::SeqCst), 2 * COUNT);
        let last = server.requests().pop().unwrap();
        for number in 0..COUNT {
            assert_eq!(last.header(&format!("x-{number}")), Some("t-2"));
        }
    }

    async fn a_key_on_trial_with_many_tokens_is_not_taken_for_a_proven_one(adapter: Adapter) {
        let server = accepting("x-5", &["older-1"]).await;
        let rotating = Rotating::new(tokens_in_fields(6, "older").0);
        let client =
            adapter.client(&Keyring::builder().bind(server.url(), rotating.clone()).unwrap().build());
        assert_eq!(send(&client, server.url(), None).await, StatusCode::OK);
        rotating.rotate(tokens_in_fields(6, "newer").0).unwrap();

        assert_eq!(send(&client, server.url(), None).await, StatusCode::OK);
        assert_eq!(rotating.rotation(), Rotation::Refused);
        let last = server.requests().pop().unwrap();
        assert_eq!(last.header("x-5"), Some("older-1"));
    }
}
