//! What becomes of token requests, and of those who wait for them.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use metrics::set_default_local_recorder;
use metrics_util::debugging::DebuggingRecorder;
use multi_auth::{
    AuthError, Clock, Immuta, Keyring, OnExpired, SystemClock, Token, TokenRequestProblem,
};
use multi_auth_testing::{Fault, ImmutaSimulator};

use crate::recorded::lines;
use crate::stage::{Stage, tokens};

on_each_adapter! {
    async fn the_span_of_a_token_request_has_vendor_reason_and_outcome(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        let server = ImmutaSimulator::start().await.unwrap();
        let immuta = Immuta::new(server.url()).unwrap();
        let bearer = immuta.bearer_builder(server.api_key(), adapter.transport()).unwrap();
        let bearer = bearer.label("warehouse").backoff(Duration::ZERO, Duration::ZERO).build();
        let scope = immuta.protection_space().with_label("warehouse");
        let client = adapter.client(&Keyring::builder().bind(scope, bearer.clone()).unwrap().build());
        let url = format!("{}/audit", server.url());

        server.inject(Fault::hang_up().times(1).on("/bim/apikey"));
        client.get(&url).await.unwrap_err();
        client.get(&url).await.unwrap();
        server.expire_tokens();
        client.get(&url).await.unwrap();
        bearer.refresh().await.unwrap();
        server.revoke_api_key(server.api_key());
        bearer.refresh().await.unwrap_err();

        assert_eq!(lines(&recorder), [
            "attached_total{vendor=warehouse} 3",
            "denied_total{vendor=warehouse} 1",
            "replayed_total{vendor=warehouse,outcome=accepted} 1",
            "token_expiry_timestamp_seconds{vendor=warehouse} inf",
            "token_refresh_seconds{vendor=warehouse,outcome=key_refused} 1",
            "token_refresh_seconds{vendor=warehouse,outcome=success} 3",
            "token_refresh_seconds{vendor=warehouse,outcome=transport} 1",
            "token_refreshes_total{vendor=warehouse,reason=cold,outcome=success} 1",
            "token_refreshes_total{vendor=warehouse,reason=cold,outcome=transport} 1",
            "token_refreshes_total{vendor=warehouse,reason=forced,outcome=key_refused} 1",
            "token_refreshes_total{vendor=warehouse,reason=forced,outcome=success} 1",
            "token_refreshes_total{vendor=warehouse,reason=refused,outcome=success} 1",
        ]);
    }

    async fn the_default_label_of_an_immuta_token_is_its_host(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        let server = ImmutaSimulator::start().await.unwrap();
        let immuta = Immuta::new(server.url()).unwrap();
        immuta.bearer(server.api_key(), adapter.transport()).unwrap().refresh().await.unwrap();
        let host = server.url().trim_start_matches("http://");
        let expected = format!("token_refreshes_total{{vendor={host},reason=forced,outcome=success}} 1");
        assert!(lines(&recorder).contains(&expected), "{:?}", lines(&recorder));
    }

    async fn waiting_callers_are_counted_until_they_give_up(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        let server = ImmutaSimulator::start().await.unwrap();
        let immuta = Immuta::new(server.url()).unwrap();
        let bearer = immuta.bearer_builder(server.api_key(), adapter.transport()).unwrap();
        let keyring = Keyring::builder().bind(immuta.protection_space(), bearer.label("warehouse").build());
        let client = adapter.client(&keyring.unwrap().build());
        let hold = server.hold("/bim/apikey");
        let calls: Vec<_> = (0..3).map(|_| {
            let (client, url) = (client.clone(), format!("{}/audit", server.url()));
            tokio::spawn(async move { client.get(&url).await.unwrap() })
        }).collect();
        hold.arrived(1).await;
        let waiting = || lines(&recorder).into_iter().find(|line| line.starts_with("waiting"));
        assert_eq!(waiting().as_deref(), Some("waiting{vendor=warehouse} 3"));
        calls[0].abort();
        while !calls[0].is_finished() {
            tokio::task::yield_now().await;
        }
        assert_eq!(waiting().as_deref(), Some("waiting{vendor=warehouse} -1"));
        hold.release();
        for call in calls.into_iter().skip(1) {
            call.await.unwrap();
        }
        assert_eq!(waiting().as_deref(), Some("waiting{vendor=warehouse} -2"));
    }

    async fn an_expired_token_that_is_sent_counts_as_stale(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        let ended = Token::new("t-1");
        let answers = vec![Ok(ended), Err(AuthError::token_request("https://a.example", TokenRequestProblem::Html))];
        let bearer = tokens(answers).max_age(Duration::ZERO).on_expired(OnExpired::ServeStale).build();
        let stage = Stage::start(adapter, bearer).await;
        stage.client.get(&stage.url()).await.unwrap();
        stage.client.get(&stage.url()).await.unwrap();
        let lines = lines(&recorder);
        assert!(lines.contains(&"stale_total{vendor=warehouse} 1".to_owned()), "{lines:?}");
        let failed = "token_refreshes_total{vendor=warehouse,reason=expired,outcome=bad_answer} 1";
        assert!(lines.contains(&failed.to_owned()), "{lines:?}");
    }
}

/// A wall clock that is stopped in the year 2001.
#[derive(Debug)]
struct Standing;

const NOW: u64 = 1_000_000_000;

impl Clock for Standing {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)
    }
}

#[tokio::test]
async fn a_tokens_expiry_is_reported_as_unix_time_by_the_caches_clock() {
    let recorder = DebuggingRecorder::new();
    let _recording = set_default_local_recorder(&recorder);
    let token = Token::new("t-1").with_lifetime(Duration::from_secs(3600));
    let bearer = tokens(vec![Ok(token)]).clock(Arc::new(Standing)).build();
    bearer.refresh().await.unwrap();
    // It is retired 10 s before its end.
    let expected = format!(
        "token_expiry_timestamp_seconds{{vendor=warehouse}} {}",
        NOW + 3590
    );
    assert!(
        lines(&recorder).contains(&expected),
        "{:?}",
        lines(&recorder)
    );
}
