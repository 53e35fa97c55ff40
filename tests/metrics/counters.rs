//! The counters of requests.

use http::{Request, StatusCode};
use metrics::set_default_local_recorder;
use metrics_util::debugging::DebuggingRecorder;
use multi_auth::{Account, ApiKey, AuthError, Keyring, Token};
use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use multi_auth_tower::{AuthLayer, RedirectGuard};
use tower::{ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;

use crate::adapter::{Client, hyper};
use crate::body::TestBody;
use crate::recorded::lines;
use crate::stage::{Stage, labelled, tokens};

fn refused() -> ScriptedResponse {
    ScriptedResponse::new(StatusCode::UNAUTHORIZED)
}

fn key() -> ApiKey {
    ApiKey::header("x-key", "k-1").unwrap()
}

fn two_tokens() -> multi_auth::BearerBuilder {
    tokens(vec![Ok(Token::new("t-1")), Ok(Token::new("t-2"))])
}

/// What is counted of requests, and not of token requests.
fn of_requests(recorder: &DebuggingRecorder) -> Vec<String> {
    let mut lines = lines(recorder);
    lines.retain(|line| !line.starts_with("token_refresh") && !line.starts_with("token_expiry"));
    lines
}

on_each_adapter! {
    async fn a_credential_counts_where_it_is_attached_and_the_callers_own_does_not(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        let stage = Stage::with_key(adapter).await;
        for _ in 0..3 {
            stage.client.get(&stage.url()).await.unwrap();
        }
        let own = Request::get(stage.url()).header("x-key", "own");
        stage.client.send(own.body(TestBody::default()).unwrap()).await.unwrap();
        assert_eq!(lines(&recorder), ["attached_total{vendor=warehouse} 3"]);
    }

    async fn the_default_label_of_a_protection_space_is_its_host_and_port(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        let server = ScriptedServer::start().await.unwrap();
        let keyring = Keyring::builder().bind(format!("{}/secret-path", server.url()), key()).unwrap().build();
        adapter.client(&keyring).get(&format!("{}/secret-path?q", server.url())).await.unwrap();
        let host = server.url().trim_start_matches("http://");
        assert_eq!(lines(&recorder), [format!("attached_total{{vendor={host}}} 1")]);
    }

    async fn a_refusal_is_counted_with_the_reason_why_it_was_delivered(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        let stage = Stage::with_key(adapter).await;
        stage.server.push(refused());
        stage.client.get(&stage.url()).await.unwrap();

        let stage = Stage::start(adapter, two_tokens().build()).await;
        stage.server.push(refused());
        stage.client.post(&stage.url(), TestBody::stream("once")).await.unwrap();

        let stage = Stage::start(adapter, tokens(vec![Ok(Token::new("t-1")); 2]).build()).await;
        stage.server.push(refused());
        stage.client.get(&stage.url()).await.unwrap();

        let answers = vec![Ok(Token::new("t-1")), Err(AuthError::permanent("gone"))];
        let stage = Stage::start(adapter, tokens(answers).build()).await;
        stage.server.push(refused());
        stage.client.get(&stage.url()).await.unwrap_err();

        assert_eq!(of_requests(&recorder), [
            "attached_total{vendor=warehouse} 4",
            "denied_total{vendor=warehouse} 1",
            "refused_total{vendor=warehouse,why=body_not_replayable} 1",
            "refused_total{vendor=warehouse,why=fixed_key} 1",
            "refused_total{vendor=warehouse,why=refresh_failed} 1",
            "refused_total{vendor=warehouse,why=same_token} 1",
        ]);
    }

    async fn the_other_reasons_against_a_replay_are_distinguished(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        let stage = Stage::start(adapter, two_tokens().refresh_on([]).unwrap().build()).await;
        stage.server.push(refused());
        stage.client.get(&stage.url()).await.unwrap();

        let lacks = refused().with_header("www-authenticate", "Bearer error=insufficient_scope");
        let stage = Stage::start(adapter, two_tokens().build()).await;
        stage.server.push(lacks.unwrap());
        stage.client.get(&stage.url()).await.unwrap();

        let never = two_tokens().refusal_limit(1, std::time::Duration::from_secs(60));
        let stage = Stage::start(adapter, never.build()).await;
        for _ in 0..3 {
            stage.server.push(refused());
        }
        stage.client.get(&stage.url()).await.unwrap();
        stage.client.get(&stage.url()).await.unwrap();

        let server = ScriptedServer::start().await.unwrap();
        let keyring = Keyring::builder().bind(labelled(&server), two_tokens().build()).unwrap();
        let client = adapter.client(&keyring.replay_safe_methods_only().build());
        server.push(refused());
        client.post(server.url(), TestBody::whole("twice")).await.unwrap();

        let mut lines = of_requests(&recorder);
        lines.retain(|line| line.starts_with("refused_total"));
        assert_eq!(lines, [
            "refused_total{vendor=warehouse,why=insufficient_scope} 1",
            "refused_total{vendor=warehouse,why=refresh_disabled} 1",
            "refused_total{vendor=warehouse,why=refused_again} 1",
            "refused_total{vendor=warehouse,why=throttled} 1",
            "refused_total{vendor=warehouse,why=unsafe_method} 1",
        ]);
    }

    async fn a_request_that_is_sent_again_is_accepted_or_refused(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        for refusals in [1, 2] {
            let stage = Stage::start(adapter, two_tokens().build()).await;
            for _ in 0..refusals {
                stage.server.push(refused());
            }
            stage.client.get(&stage.url()).await.unwrap();
        }
        assert_eq!(of_requests(&recorder), [
            "attached_total{vendor=warehouse} 4",
            "refused_total{vendor=warehouse,why=refused_again} 1",
            "replayed_total{vendor=warehouse,outcome=accepted} 1",
            "replayed_total{vendor=warehouse,outcome=refused} 1",
        ]);
    }

    async fn a_blocked_request_is_counted_with_its_reason_and_without_its_host(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        let (home, other) = (ScriptedServer::start().await.unwrap(), ScriptedServer::start().await.unwrap());
        let named = labelled(&home).with_account(Account::new("north"));
        let builder = || Keyring::builder().bind(named.clone(), key()).unwrap();

        let open = adapter.client(&builder().build());
        open.get(other.url()).await.unwrap();
        open.get(home.url()).await.unwrap_err();
        ask_for(&open, home.url(), "south").await;
        let closed = adapter.client(&builder().refuse_unbound().build());
        closed.get(other.url()).await.unwrap_err();

        let both = Keyring::builder().bind(labelled(&home), key()).unwrap();
        let both = adapter.client(&both.bind(other.url(), key()).unwrap().build());
        home.push(ScriptedResponse::redirect(StatusCode::FOUND, other.url()).unwrap());
        both.get(home.url()).await.unwrap();

        assert_eq!(lines(&recorder), [
            "attached_total{vendor=warehouse} 1",
            "blocked_total{why=account_required} 1",
            "blocked_total{why=foreign_hop} 1",
            "blocked_total{why=unbound_refused} 1",
            "blocked_total{why=unbound} 1",
            "blocked_total{why=unknown_account} 1",
        ]);
    }
}

async fn ask_for(client: &Client, url: &str, account: &'static str) {
    let request = Request::get(url).extension(Account::new(account));
    let request = request.body(TestBody::default()).unwrap();
    client.send(request).await.unwrap_err();
}

#[tokio::test]
async fn a_refusal_by_another_origin_differs_from_the_vendors() {
    let recorder = DebuggingRecorder::new();
    let _recording = set_default_local_recorder(&recorder);
    let home = ScriptedServer::start().await.unwrap();
    let other = ScriptedServer::start().await.unwrap();
    home.push(ScriptedResponse::redirect(StatusCode::FOUND, other.url()).unwrap());
    other.push(refused());
    let keyring = Keyring::builder().bind(labelled(&home), two_tokens().build());
    let keyring = keyring.unwrap().build();
    let guard = RedirectGuard::new(keyring.clone());
    let service = ServiceBuilder::new()
        .layer(AuthLayer::new(keyring))
        .layer(FollowRedirectLayer::with_policy(guard))
        .service(hyper());
    let request = Request::get(home.url()).body(TestBody::default()).unwrap();
    service.oneshot(request).await.unwrap();
    assert_eq!(
        of_requests(&recorder),
        [
            "attached_total{vendor=warehouse} 1",
            "refused_total{vendor=warehouse,why=foreign_origin} 1",
        ]
    );
}
