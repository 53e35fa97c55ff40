//! The caller's own credential wins, and none is ever there twice.

use http::{Request, StatusCode};
use multi_auth::{AllOf, ApiKey, Bearer, Keyring, Placement, Token, source_fn};
use multi_auth_testing::{AlphamoonKey, ScriptedServer};

use crate::body::TestBody;
use crate::rig::{ImmutaRig, alphamoon, processes};

on_each_adapter! {
    async fn the_documented_pair_goes_out_in_one_request(adapter: Adapter) {
        let (server, _) = alphamoon(adapter).await;
        server.add_key(AlphamoonKey::new("user:password123"));
        let basic = multi_auth::Basic::new("user", "password123").unwrap();
        let keyring = Keyring::builder().bind(server.url(), basic).unwrap().build();

        let answer = adapter.client(&keyring).get(&processes(&server)).await.unwrap();

        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(server.request_count(), 1);
        let sent = &server.requests()[0];
        assert_eq!(sent.header_values("authorization"), ["Basic dXNlcjpwYXNzd29yZDEyMw=="]);
    }

    async fn the_callers_own_authorization_wins(adapter: Adapter) {
        let (server, client) = alphamoon(adapter).await;
        server.add_key(AlphamoonKey::new("own:key"));
        let request = Request::get(processes(&server))
            .header("authorization", "Basic b3duOmtleQ==")
            .body(TestBody::default()).unwrap();

        assert_eq!(client.send(request).await.unwrap().status, StatusCode::OK);

        let sent = &server.requests()[0];
        assert_eq!(sent.header_values("authorization"), ["Basic b3duOmtleQ=="]);
    }

    async fn no_token_is_obtained_or_refreshed_if_the_caller_set_a_credential(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        let request = Request::get(rig.audit())
            .header("authorization", "Bearer nonsense")
            .body(TestBody::default()).unwrap();

        let answer = rig.client.send(request).await.unwrap();

        assert_eq!((answer.status, answer.outcome), (StatusCode::UNAUTHORIZED, None));
        assert_eq!((rig.server.tokens_issued(), rig.api_requests()), (0, 1));
    }

    async fn a_streamed_body_is_authenticated_like_any(adapter: Adapter) {
        let (server, client) = alphamoon(adapter).await;
        let answer = client.post(&processes(&server), TestBody::stream(r#"{"name": "x"}"#)).await.unwrap();
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(server.requests()[0].header("authorization").unwrap().starts_with("Basic "));
    }

    async fn a_query_key_joins_the_callers_parameters_once(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let key = ApiKey::query("api_key", "k 1").unwrap();
        let client = adapter.client(&Keyring::builder().bind(server.url(), key).unwrap().build());
        for (target, expected) in [
            ("/p?b=%20&a=1", "b=%20&a=1&api_key=k%201"),
            ("/p?api_key=own", "api_key=own"),
            ("/p", "api_key=k%201"),
        ] {
            client.get(&format!("{}{target}", server.url())).await.unwrap();
            assert_eq!(server.requests().last().unwrap().query.as_deref(), Some(expected));
        }
    }

    async fn a_prefix_goes_out_once(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let placement = Placement::authorization().with_prefix("Token ").unwrap();
        let key = ApiKey::new(placement, "k-1").unwrap();
        let client = adapter.client(&Keyring::builder().bind(server.url(), key).unwrap().build());
        client.get(server.url()).await.unwrap();
        assert_eq!(server.requests()[0].header_values("authorization"), ["Token k-1"]);
    }

    async fn a_key_and_a_token_go_out_together_in_either_order(adapter: Adapter) {
        let key = || ApiKey::header("x-api-key", "k-1").unwrap();
        let token = || Bearer::new(source_fn(|| async { Ok(Token::new("t-1")) }));
        let bound: [fn(&str, ApiKey, Bearer) -> Keyring; 2] = [
            |url, key, token| Keyring::builder().bind(url, AllOf::new(key, token)).unwrap().build(),
            |url, key, token| Keyring::builder().bind(url, AllOf::new(token, key)).unwrap().build(),
        ];
        for bind in bound {
            let server = ScriptedServer::start().await.unwrap();
            let client = adapter.client(&bind(server.url(), key(), token()));
            client.get(server.url()).await.unwrap();
            let sent = &server.requests()[0];
            assert_eq!(sent.header_values("x-api-key"), ["k-1"]);
            assert_eq!(sent.header_values("authorization"), ["Bearer t-1"]);
        }
    }

    async fn all_of_refreshes_its_token_and_keeps_its_key(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        let chain = AllOf::new(ApiKey::header("x-api-key", "k-1").unwrap(), rig.bearer.clone());
        let keyring = Keyring::builder().bind(rig.server.url(), chain).unwrap().build();
        let client = adapter.client(&keyring);
        client.get(&rig.audit()).await.unwrap();
        rig.server.expire_tokens();
        let answer = client.get(&rig.audit()).await.unwrap();
        assert_eq!((answer.status, answer.outcome.unwrap().attempts()), (StatusCode::OK, 2));
        let replayed = rig.server.requests_to("/audit").pop().unwrap();
        assert_eq!(replayed.header_values("x-api-key"), ["k-1"]);
    }

    async fn a_cookie_joins_the_callers_cookies(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let key = ApiKey::cookie("session", "s-1").unwrap();
        let client = adapter.client(&Keyring::builder().bind(server.url(), key).unwrap().build());
        let request = Request::get(server.url()).header("cookie", "a=1").body(TestBody::default());
        client.send(request.unwrap()).await.unwrap();
        assert_eq!(server.requests()[0].header_values("cookie"), ["a=1; session=s-1"]);
    }

    async fn a_cookie_joins_what_any_client_sends_as_cookies(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let key = ApiKey::cookie("session", "s-1").unwrap();
        let client = adapter.client(&Keyring::builder().bind(server.url(), key).unwrap().build());
        for (own, expected) in [
            // Strict readers end at an empty pair, and would miss the key behind it.
            ("", "session=s-1"),
            ("a=1; ", "a=1; session=s-1"),
            ("city=Köln", "city=Köln; session=s-1"),
            ("city=Köln; session=own", "city=Köln; session=own"),
            ("session=müde", "session=müde"),
        ] {
            let own = http::HeaderValue::try_from(own).unwrap();
            let request = Request::get(server.url()).header("cookie", own).body(TestBody::default());
            client.send(request.unwrap()).await.unwrap();
            assert_eq!(server.requests().pop().unwrap().header_values("cookie"), [expected]);
        }
    }
}

#[tokio::test]
async fn a_query_key_is_in_no_url_that_reqwest_shows() {
    let server = ScriptedServer::start().await.unwrap();
    let url = server.url().to_owned();
    let key = ApiKey::query("api_key", "canary").unwrap();
    let keyring = Keyring::builder().bind(&url, key).unwrap().build();
    let client = multi_auth_reqwest::guarded_client(keyring).build().unwrap();
    let target = format!("{url}/p?a=1");

    server.push(
        multi_auth_testing::ScriptedResponse::new(StatusCode::IM_A_TEAPOT).with_body("short"),
    );
    let response = client.get(&target).send().await.unwrap();
    assert!(format!("{:?}", server.requests()[0]).contains("canary"));
    assert_eq!(response.url().as_str(), target);
    assert!(response.remote_addr().is_some());
    assert!(!format!("{response:?}").contains("canary"));
    let error = response.error_for_status_ref().unwrap_err();
    assert!(error.to_string().contains(&target) && !error.to_string().contains("canary"));
    assert_eq!(response.text().await.unwrap(), "short");

    drop(server);
    let error = client.get(&target).send().await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("/p") && !shown.contains("canary"), "{shown}");
}

/// Wraps what comes up from below, as a middleware that retries does.
struct Wrapping;

#[async_trait::async_trait]
impl reqwest_middleware::Middleware for Wrapping {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: reqwest_middleware::Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let answer = next.run(request, extensions).await;
        answer.map_err(reqwest_middleware::Error::middleware)
    }
}

#[tokio::test]
async fn a_query_key_is_in_no_error_that_a_middleware_below_made() {
    for secret in ["canary", "canary-0123456789"] {
        let server = ScriptedServer::start().await.unwrap();
        let url = server.url().to_owned();
        drop(server);
        let key = ApiKey::query("api_key", secret).unwrap();
        let keyring = Keyring::builder().bind(&url, key).unwrap().build();
        let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
            .with(multi_auth_reqwest::AuthMiddleware::new(keyring))
            .with(Wrapping)
            .build();
        let error = client.get(&url).send().await.unwrap_err();
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}
