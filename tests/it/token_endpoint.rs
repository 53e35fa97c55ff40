//! What a token request can answer, each with its own error, through both
//! transports and against a real server.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::StatusCode;
use multi_auth::{AuthError, Bearer, Immuta, Keyring, TokenEndpoint, TokenRequestProblem};
use multi_auth_testing::{Fault, ImmutaSimulator, ScriptedResponse, ScriptedServer};

use crate::adapter::{Adapter, auth_error};
use crate::rig::ImmutaRig;

fn json(text: &'static str) -> ScriptedResponse {
    ScriptedResponse::default()
        .with_header("content-type", "application/json")
        .unwrap()
        .with_body(text)
}

/// What callers see when the token request answers with `answer`.
async fn error_for(adapter: Adapter, answer: ScriptedResponse) -> AuthError {
    let server = ScriptedServer::start().await.unwrap();
    server.push(answer);
    let immuta = Immuta::new(server.url()).unwrap();
    let bearer = immuta.bearer("canary-key", adapter.transport()).unwrap();
    let keyring = Keyring::builder()
        .bind(immuta.protection_space(), bearer)
        .unwrap()
        .build();
    let error = auth_error(
        adapter
            .client(&keyring)
            .get(&format!("{}/audit", server.url()))
            .await,
    );
    assert_eq!(server.requests_to("/audit").len(), 0);
    assert!(
        !format!("{error} {error:?}").contains("canary"),
        "{error:?}"
    );
    error
}

fn answers() -> Vec<(&'static str, ScriptedResponse)> {
    let status = |code| ScriptedResponse::new(StatusCode::from_u16(code).unwrap());
    vec![
        ("401", status(401)),
        ("403", status(403)),
        ("404", status(404)),
        ("429", status(429).with_header("retry-after", "7").unwrap()),
        ("500", status(500).with_body("canary")),
        (
            "redirect",
            ScriptedResponse::redirect(StatusCode::FOUND, "https://elsewhere.example/?canary")
                .unwrap(),
        ),
        ("HTML with 200", ScriptedResponse::html()),
        ("empty", status(200)),
        ("not JSON", json("{\"token\": \"canary\"")),
        ("no token", json(r#"{"canary": 1}"#)),
        ("an empty token", json(r#"{"token": ""}"#)),
        ("a token of the wrong type", json(r#"{"token": 12}"#)),
        (
            "a token with a line break",
            json(r#"{"token": "canary\r\nx: y"}"#),
        ),
        ("a token outside ASCII", json(r#"{"token": "canaryé"}"#)),
        (
            "an unreadable expiry",
            json(r#"{"token": "canary", "tokenExpiration": "tomorrow"}"#),
        ),
        (
            "authenticated: false",
            json(r#"{"authenticated": false, "token": "canary"}"#),
        ),
        (
            "an OAuth error with 200",
            json(r#"{"error": "invalid_grant", "error_description": "canary"}"#),
        ),
        (
            "another token type",
            json(r#"{"token": "canary", "token_type": "mac"}"#),
        ),
    ]
}

on_each_adapter! {
    async fn each_invalid_response_has_its_own_error(adapter: Adapter) {
        let mut texts = String::new();
        for (name, answer) in answers() {
            let error = error_for(adapter, answer).await;
            let kind = if error.is_transient() { "may pass" } else { "stays" };
            let text = error.to_string();
            let port = text.find("127.0.0.1:").map_or(0, |at| at + "127.0.0.1".len());
            let end = text[port..].find('/').map_or(port, |at| port + at);
            writeln!(texts, "{name} ({kind})\n    {}{}", &text[..port], &text[end..]).unwrap();
        }
        insta::with_settings!({ prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("token_request_errors", texts);
        });
    }

    async fn an_endless_response_is_cut_off_at_the_limit(adapter: Adapter) {
        let endless = ScriptedResponse::default().with_endless_body(vec![b' '; 64 * 1024]);
        let error = error_for(adapter, endless).await;
        assert!(error.to_string().contains("larger than 1048576 bytes"), "{error}");
    }

    async fn a_token_request_that_takes_too_long_times_out(adapter: Adapter) {
        let rig = ImmutaRig::with(adapter, |bearer| bearer.refresh_timeout(Duration::from_millis(20))).await;
        let _hold = rig.server.hold("/bim/apikey");
        let error = auth_error(rig.client.get(&rig.audit()).await);
        assert!(matches!(error, AuthError::TokenRequest { problem: TokenRequestProblem::Timeout, .. }));
        assert!(error.is_transient());
    }

    async fn a_broken_connection_is_a_transient_error(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.server.inject(Fault::hang_up().on("/bim/apikey"));
        let error = auth_error(rig.client.get(&rig.audit()).await);
        assert!(matches!(error, AuthError::TokenRequest { problem: TokenRequestProblem::Transport(_), .. }));
        assert!(error.is_transient());
    }

    async fn a_rotated_secret_is_used_by_the_next_token_request(adapter: Adapter) {
        let server = ImmutaSimulator::start().await.unwrap();
        let current = Arc::new(Mutex::new(server.api_key().to_owned()));
        let (url, read, transport) = (server.url().to_owned(), Arc::clone(&current), adapter.transport());
        let source = multi_auth::source_fn(move || {
            let endpoint = format!("{url}/bim/apikey/authenticate");
            let (key, transport) = (read.lock().unwrap().clone(), Arc::clone(&transport));
            async move {
                let endpoint = TokenEndpoint::builder(&endpoint, transport)?;
                multi_auth::TokenSource::token(&endpoint.json([("apikey", key)]).token_at("/token").build()).await
            }
        });
        let keyring = Keyring::builder().bind(server.url(), Bearer::new(source)).unwrap().build();
        let client = adapter.client(&keyring);
        let audit = format!("{}/audit", server.url());
        assert_eq!(client.get(&audit).await.unwrap().status, StatusCode::OK);

        server.revoke_api_key(server.api_key());
        server.add_api_key("key-2");
        "key-2".clone_into(&mut current.lock().unwrap());
        server.expire_tokens();

        assert_eq!(client.get(&audit).await.unwrap().status, StatusCode::OK);
        let last = server.requests_to("/bim/apikey/authenticate").pop().unwrap();
        assert_eq!(last.text(), r#"{"apikey":"key-2"}"#);
    }
}
