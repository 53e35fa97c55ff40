//! Keys that obtain tokens, while the keys rotate.

use super::*;

on_each_adapter! {
    async fn a_token_request_that_hangs_delays_no_request_while_the_older_token_is_valid(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let rotating = Rotating::new(Bearer::new(source_fn(|| async { Ok(Token::new("older")) })));
        let keyring = Keyring::builder().bind(server.url(), rotating.clone()).unwrap().build();
        let client = adapter.client(&keyring);
        client.get(server.url()).await.unwrap();
        rotating.rotate(Bearer::new(source_fn(std::future::pending))).unwrap();
        tokio::time::timeout(Duration::from_secs(20), client.get(server.url())).await.unwrap().unwrap();
        let last = server.requests().pop().unwrap();
        assert_eq!(last.header("authorization"), Some("Bearer older"));
        assert_eq!(rotating.rotation(), Rotation::OnTrial);
    }

    async fn a_limit_of_this_program_does_not_count_against_the_key(adapter: Adapter) {
        let (server, _, _) = vendor(adapter).await;
        let rotating = Rotating::new(key(OLDER));
        let keyring = Keyring::builder().bind(server.url(), rotating.clone()).unwrap().build();
        let none = source_fn(|| async { Err(AuthError::NoRuntime) });
        let scheme = multi_auth::Placement::authorization();
        rotating.rotate(Bearer::builder(none).placement(scheme).build()).unwrap();
        let client = adapter.client(&keyring);
        assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
        assert_eq!(rotating.rotation(), Rotation::OnTrial);
    }

    async fn two_tokens_at_once_have_a_trial(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let token = |field: &'static str| {
            let source = source_fn(|| async { Ok(Token::new("t-1")) });
            Bearer::builder(source).placement(multi_auth::Placement::header(field).unwrap()).build()
        };
        let rotating = Rotating::new(AllOf::new(token("x-a"), token("x-b")));
        let keyring = Keyring::builder().bind(server.url(), rotating.clone()).unwrap().build();
        rotating.rotate(AllOf::new(token("x-a"), token("x-b"))).unwrap();
        assert_eq!(adapter.client(&keyring).get(server.url()).await.unwrap().status, StatusCode::OK);
        assert_eq!(rotating.rotation(), Rotation::Settled);
    }

    async fn a_settled_key_that_is_refused_is_a_fixed_key(adapter: Adapter) {
        let (server, rotating, client) = vendor(adapter).await;
        server.revoke_key(OLDER);
        let answer = client.get(&processes(&server)).await.unwrap();
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.outcome.is_some());
        assert_eq!(rotating.rotation(), Rotation::Settled);
        assert_eq!(server.request_count(), 1);
    }

    async fn a_busy_token_endpoint_does_not_count_against_the_newer_key(adapter: Adapter) {
        let (server, _, _) = vendor(adapter).await;
        server.add_key(AlphamoonKey::new(OLDER));
        let older = Basic::from_pair(OLDER).unwrap();
        let endpoint = ScriptedServer::start().await.unwrap();
        for code in ["temporarily_unavailable", "slow_down", "server_error"] {
            let denial = ScriptedResponse::new(StatusCode::BAD_REQUEST).with_json(&serde_json::json!({ "error": code }));
            endpoint.respond_with(move |_| denial.clone());
            let rotating = Rotating::new(older.clone());
            let client = adapter.client(&Keyring::builder().bind(server.url(), rotating.clone()).unwrap().build());
            let endpoint = TokenEndpoint::builder(endpoint.url(), adapter.transport()).unwrap().build();
            rotating.rotate(Bearer::new(endpoint)).unwrap();

            assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
            assert_eq!(rotating.rotation(), Rotation::OnTrial, "{code}");
        }
    }

    async fn if_the_newer_keys_token_request_fails_the_older_keys_tokens_are_used(adapter: Adapter) {
        let (server, _, _) = vendor(adapter).await;
        server.add_key(AlphamoonKey::new(OLDER));
        let token = Token::new(base64(OLDER));
        let scheme = || multi_auth::Placement::authorization().with_prefix("Basic ").unwrap();
        let older = Bearer::builder(source_fn(move || { let token = token.clone(); async { Ok(token) } }));
        let rotating = Rotating::new(older.placement(scheme()).build());
        let keyring = Keyring::builder().bind(server.url(), rotating.clone()).unwrap().build();
        let client = adapter.client(&keyring);
        for (error, expected) in [
            (AuthError::transient("down"), Rotation::OnTrial),
            (AuthError::permanent("refused"), Rotation::Refused),
        ] {
            let source = source_fn(move || { let error = error.clone(); async { Err(error) } });
            rotating.rotate(Bearer::builder(source).placement(scheme()).build()).unwrap();
            assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
            assert_eq!(rotating.rotation(), expected);
        }
    }
}

/// A source whose first token request waits for `gate`.
fn gated(text: &'static str, gate: &Arc<tokio::sync::Notify>) -> Bearer {
    let gate = Arc::clone(gate);
    Bearer::new(source_fn(move || {
        let gate = Arc::clone(&gate);
        async move {
            gate.notified().await;
            Ok(Token::new(text))
        }
    }))
}

/// A request that waits for a token of the compromised key, or would fall back to it, gets one of
/// the newer key.
#[tokio::test]
async fn the_token_of_a_replaced_key_is_not_used() {
    for is_on_trial in [false, true] {
        let gate = Arc::new(tokio::sync::Notify::new());
        let rotating = if is_on_trial {
            let rotating = Rotating::new(gated("older", &gate));
            rotating.rotate(gated("on trial", &gate)).unwrap();
            rotating
        } else {
            Rotating::new(gated("older", &gate))
        };
        let keyring = Keyring::builder().bind("https://a.example", rotating.clone());
        let keyring = keyring.unwrap().build();
        let request = tokio::spawn(async move {
            let (mut parts, ()) = Request::get("https://a.example/")
                .body(())
                .unwrap()
                .into_parts();
            let credential = keyring
                .authenticate(&RequestHead::from_parts(&parts))
                .await
                .unwrap();
            credential.attach(&mut parts).unwrap();
            parts.headers["authorization"].to_str().unwrap().to_owned()
        });
        tokio::task::yield_now().await;
        rotating
            .replace(Bearer::new(source_fn(|| async { Ok(Token::new("newer")) })))
            .unwrap();
        gate.notify_one();
        assert_eq!(request.await.unwrap(), "Bearer newer", "{is_on_trial}");
    }
}

#[test]
fn a_key_with_another_placement_cannot_replace_one() {
    let rotating = Rotating::new(key(OLDER));
    let elsewhere = multi_auth::ApiKey::header("x-key", "k-1").unwrap();
    let refused = rotating.replace(elsewhere);
    assert!(matches!(
        refused,
        Err(AuthError::Invalid(InputProblem::Unsupported { .. }))
    ));
    assert_eq!(rotating.rotation(), Rotation::Settled);
}
