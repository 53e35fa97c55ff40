//! Hostile token endpoints. Every response ends in a typed error within its limits, and the earlier
//! token stays in use.

use std::time::Duration;

use http::StatusCode;
use multi_auth::{
    AuthError, Bearer, Clock, Keyring, SystemClock, TokenEndpoint, TokenRequestProblem,
};
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use crate::adapter::{Adapter, Client};

const MIB: usize = 1024 * 1024;

/// A bearer with a valid token, whose endpoint sends another response from then on.
struct Rig {
    auth: ScriptedServer,
    api: ScriptedServer,
    bearer: Bearer,
    client: Client,
}

impl Rig {
    async fn start(adapter: Adapter) -> Self {
        let (auth, api) = crate::redirect::servers().await;
        auth.push(json(r#"{"access_token": "t-1", "expires_in": 86400}"#));
        let endpoint = TokenEndpoint::builder(auth.url(), adapter.transport()).unwrap();
        let bearer = Bearer::builder(endpoint.json([("apikey", "k-1")]).build());
        // A test asks more often than the usual limit allows.
        let bearer = bearer.refresh_limit(u32::MAX, Duration::ZERO).build();
        let keyring = Keyring::builder()
            .bind(api.url(), bearer.clone())
            .unwrap()
            .build();
        let client = adapter.client(&keyring);
        client.get(api.url()).await.unwrap();
        Self {
            auth,
            api,
            bearer,
            client,
        }
    }

    /// What a refresh says to `answer`; the token that is there must survive it.
    async fn problem(&self, answer: ScriptedResponse) -> Result<(), TokenRequestProblem> {
        self.auth.push(answer);
        let before = self.bearer.snapshot();
        let refreshed = self.bearer.refresh().await;
        let after = self.bearer.snapshot();
        if refreshed.is_err() {
            assert_eq!(
                (before.state, before.generation),
                (after.state, after.generation)
            );
        }
        let answer = self.client.get(self.api.url()).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        let sent = self.api.requests().pop().unwrap();
        let carried = sent.header("authorization").unwrap();
        assert_eq!(carried == "Bearer t-1", refreshed.is_err(), "{carried}");
        refreshed.map_err(|error| match error {
            AuthError::TokenRequest { problem, .. } => problem,
            other => panic!("{other:?}"),
        })
    }
}

fn json(text: impl Into<String>) -> ScriptedResponse {
    let answer = ScriptedResponse::default().with_header("content-type", "application/json");
    answer.unwrap().with_body(text.into())
}

fn token_with(life: &str) -> ScriptedResponse {
    json(format!(
        r#"{{"access_token": "t-2", "expires_in": {life}}}"#
    ))
}

fn is_too_large(problem: &TokenRequestProblem) -> bool {
    problem.to_string().contains("larger than 1048576 bytes")
}

on_each_adapter! {
    async fn a_response_is_read_up_to_one_mebibyte(adapter: Adapter) {
        let rig = Rig::start(adapter).await;
        let padded = |size: usize| {
            let token = r#"{"access_token": "t-2"}"#;
            json(format!("{token}{}", " ".repeat(size - token.len())))
        };
        let problem = rig.problem(padded(MIB + 1)).await.unwrap_err();
        assert!(is_too_large(&problem), "{problem}");
        let endless = ScriptedResponse::default().with_endless_body(vec![b'['; 64 * 1024]);
        let problem = rig.problem(endless).await.unwrap_err();
        assert!(is_too_large(&problem), "{problem}");
        rig.problem(padded(MIB)).await.unwrap();
    }

    async fn an_endlessly_nested_response_is_an_error(adapter: Adapter) {
        let rig = Rig::start(adapter).await;
        for deep in ["[", "{\"a\":", "[{\"access_token\":"] {
            let deep = json(deep.repeat(MIB / deep.len()));
            let problem = rig.problem(deep).await.unwrap_err();
            assert!(matches!(problem, TokenRequestProblem::NotJson), "{problem}");
        }
    }

    async fn a_repeated_member_counts_once(adapter: Adapter) {
        let rig = Rig::start(adapter).await;
        let twice = r#"{"access_token": 1, "access_token": "t-2", "expires_in": "x", "expires_in": 60}"#;
        rig.problem(json(twice)).await.unwrap();
        let sent = rig.api.requests().pop().unwrap();
        assert_eq!(sent.header_values("authorization"), ["Bearer t-2"]);
    }

    async fn a_life_of_any_form_is_read_or_refused(adapter: Adapter) {
        let rig = Rig::start(adapter).await;
        for life in ["-1", "-0.001", "-1e300", "\"-1\"", "\"soon\"", "true", "[]", "{}", "\"NaN\"", "\"Infinity\"", "1e999"] {
            let problem = rig.problem(token_with(life)).await.unwrap_err();
            assert!(matches!(problem, TokenRequestProblem::Malformed { .. }), "{life}: {problem}");
        }
        for life in ["0", "0.001", "\"0\"", "1e-300"] {
            let problem = rig.problem(token_with(life)).await.unwrap_err();
            assert!(matches!(problem, TokenRequestProblem::ExpiredOnArrival), "{life}: {problem}");
        }
        for life in ["1", "1.5", "18446744073709551615", "99999999999999999999", "1e300", "\"60\"", "null"] {
            rig.problem(token_with(life)).await.unwrap_or_else(|problem| panic!("{life}: {problem}"));
            rig.bearer.clear();
            rig.auth.push(json(r#"{"access_token": "t-1", "expires_in": 86400}"#));
            rig.client.get(rig.api.url()).await.unwrap();
        }
    }

    async fn a_token_that_cannot_be_sent_is_an_error(adapter: Adapter) {
        let rig = Rig::start(adapter).await;
        for token in ["t\\r\\nx-own: 1", "t\\u0000", "té", "\u{7f}", &"t".repeat(40_000)] {
            let answer = json(format!(r#"{{"access_token": "{token}"}}"#));
            let problem = rig.problem(answer).await.unwrap_err();
            assert!(matches!(problem, TokenRequestProblem::Token(_)), "{token:.20}: {problem}");
        }
    }

    async fn an_unrequested_compression_is_an_error(adapter: Adapter) {
        let rig = Rig::start(adapter).await;
        let bomb = ScriptedResponse::default().with_header("content-encoding", "gzip").unwrap();
        let problem = rig.problem(bomb.with_body(crate::hostile::bomb())).await.unwrap_err();
        assert!(matches!(problem, TokenRequestProblem::NotJson), "{problem}");
    }

    async fn endless_headers_are_an_error(adapter: Adapter) {
        let rig = Rig::start(adapter).await;
        let mut answer = json(r#"{"access_token": "t-2"}"#);
        for number in 0..1000 {
            let value = "x".repeat(1000);
            answer = answer.with_header(&format!("x-{number}"), &value).unwrap();
        }
        let problem = rig.problem(answer).await.unwrap_err();
        assert!(matches!(problem, TokenRequestProblem::Transport(_)), "{problem}");
    }
}

/// 64 MiB of spaces, in 64 KiB.
fn bomb() -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        packed.write_all(&vec![b' '; MIB]).unwrap();
    }
    packed.finish().unwrap()
}

/// If a client decompresses, the decompressed size counts.
#[tokio::test]
async fn an_endless_compressed_body_is_read_up_to_the_limit() {
    use http_body_util::Full;
    use hyper_util::client::legacy::Client;
    use hyper_util::rt::TokioExecutor;
    use multi_auth_tower::TowerTransport;
    use tower_http::decompression::Decompression;

    let auth = ScriptedServer::start().await.unwrap();
    let bomb = ScriptedResponse::default()
        .with_header("content-encoding", "gzip")
        .unwrap();
    auth.push(bomb.with_body(crate::hostile::bomb()));
    let client = Client::builder(TokioExecutor::new()).build_http();
    let transport = TowerTransport::<_, Full<bytes::Bytes>>::new(Decompression::new(client));
    let endpoint = TokenEndpoint::builder(auth.url(), transport)
        .unwrap()
        .build();

    let error = multi_auth::TokenSource::token(&endpoint).await.unwrap_err();

    assert!(
        error.to_string().contains("larger than 1048576 bytes"),
        "{error}"
    );
}

/// A response may arrive byte by byte for ever, so the time limit covers all of it.
#[tokio::test(start_paused = true)]
async fn a_slow_response_ends_at_the_time_limit() {
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let rig = Rig::start(adapter).await;
        let drips = ScriptedResponse::default().with_dripping_body("[", Duration::from_millis(900));
        let began = SystemClock.monotonic();
        let problem = rig.problem(drips).await.unwrap_err();
        assert!(matches!(problem, TokenRequestProblem::Timeout), "{problem}");
        let took = SystemClock.monotonic() - began;
        assert!(took < Duration::from_secs(35), "{took:?}");
    }
}
