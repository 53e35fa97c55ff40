use std::time::Duration;

use http::HeaderValue;
use jiff::Timestamp;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::{ImmutaSimulator, SimulatorError};

mod printed;

const TOKEN_PATH: &str = "/bim/apikey/authenticate";

async fn start() -> ImmutaSimulator {
    ImmutaSimulator::start().await.unwrap()
}

async fn log_in(immuta: &ImmutaSimulator, key: &str) -> Response {
    let request = Client::new().post(format!("{}{TOKEN_PATH}", immuta.url()));
    request
        .json(&json!({ "apikey": key }))
        .send()
        .await
        .unwrap()
}

async fn answer(immuta: &ImmutaSimulator) -> Value {
    log_in(immuta, immuta.api_key()).await.json().await.unwrap()
}

async fn token(immuta: &ImmutaSimulator) -> String {
    answer(immuta).await["token"].as_str().unwrap().to_owned()
}

async fn status(immuta: &ImmutaSimulator, value: &str) -> u16 {
    let request = Client::new().get(format!("{}/audit", immuta.url()));
    request
        .header("authorization", value)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn all_four_forms_open_every_resource() {
    let immuta = start().await;
    let (key, token) = (immuta.api_key(), token(&immuta).await);
    let forms = [
        key.to_owned(),
        format!("Bearer {key}"),
        token.clone(),
        format!("bearer {token}"),
    ];
    for form in forms {
        for path in ["/audit", "/bim/rpc/user/current"] {
            let request = Client::new().get(format!("{}{path}", immuta.url()));
            let response = request.header("authorization", &form).send().await.unwrap();
            assert_eq!(response.status(), 200, "{form} on {path}");
            assert!(response.json::<Value>().await.unwrap().is_object());
        }
    }
}

#[tokio::test]
async fn anything_else_gives_401_in_the_envelope_without_a_challenge() {
    let immuta = start().await;
    let response = reqwest::get(format!("{}/audit", immuta.url()))
        .await
        .unwrap();
    assert_eq!(response.status(), 401);
    assert!(!response.headers().contains_key("www-authenticate"));
    let envelope: Value = response.json().await.unwrap();
    let expected =
        json!({ "statusCode": 401, "error": "Unauthorized", "message": "Not authenticated." });
    assert_eq!(envelope, expected);
    for value in [
        "nonsense",
        "Bearer nonsense",
        "Bearer",
        "Basic 846e9e43c86a4ct1be14290d95127d13f",
    ] {
        assert_eq!(status(&immuta, value).await, 401, "{value}");
    }
}

#[tokio::test]
async fn a_challenge_is_sent_when_one_is_set() {
    let immuta = start().await;
    immuta.set_challenge(Some(HeaderValue::from_static("Bearer realm=\"immuta\"")));
    let response = reqwest::get(format!("{}/audit", immuta.url()))
        .await
        .unwrap();
    assert_eq!(
        response.headers()["www-authenticate"],
        "Bearer realm=\"immuta\""
    );
}

#[tokio::test]
async fn two_authorization_headers_give_401() {
    let immuta = start().await;
    let request = Client::new().get(format!("{}/audit", immuta.url()));
    let request = request.header("authorization", immuta.api_key());
    let request = request.header("authorization", immuta.api_key());
    assert_eq!(request.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_answer_has_a_token_and_nothing_more() {
    let immuta = start().await;
    let answer = answer(&immuta).await;
    assert!(answer["token"].is_string());
    assert_eq!(answer.as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn the_token_request_takes_the_key_in_the_header_too() {
    let immuta = start().await;
    let request = Client::new().post(format!("{}{TOKEN_PATH}", immuta.url()));
    let response = request
        .header("authorization", immuta.api_key())
        .send()
        .await
        .unwrap();
    assert!(response.json::<Value>().await.unwrap()["token"].is_string());
    assert_eq!(immuta.tokens_issued(), 1);
}

#[tokio::test]
async fn a_bad_key_gives_401_and_issues_no_token() {
    let immuta = start().await;
    let response = log_in(&immuta, "bad").await;
    assert_eq!(response.status(), 401);
    assert_eq!(
        response.json::<Value>().await.unwrap()["message"],
        "Not authenticated."
    );
    assert_eq!(
        (immuta.tokens_issued(), immuta.requests_to(TOKEN_PATH).len()),
        (0, 1)
    );
}

#[tokio::test]
async fn a_malformed_token_request_gives_400() {
    let immuta = start().await;
    let url = format!("{}{TOKEN_PATH}", immuta.url());
    let post = || Client::new().post(&url);
    let json = |body: &'static str| post().header("content-type", "application/json").body(body);
    let malformed = [
        post(),
        json("{"),
        json("{}"),
        json(r#"{"apikey": 1}"#),
        post().body(r#"{"apikey": "k"}"#),
    ];
    for request in malformed {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 400);
        assert_eq!(
            response.json::<Value>().await.unwrap()["error"],
            "Bad Request"
        );
    }
}

#[tokio::test]
async fn keys_can_be_added_and_revoked() {
    let immuta = start().await;
    immuta.add_api_key("second");
    immuta.revoke_api_key(immuta.api_key());
    assert_eq!(log_in(&immuta, "second").await.status(), 200);
    assert_eq!(log_in(&immuta, immuta.api_key()).await.status(), 401);
    assert_eq!(status(&immuta, immuta.api_key()).await, 401);
}

#[tokio::test]
async fn each_token_request_issues_a_token_of_its_own() {
    let immuta = start().await;
    let (first, second) = (token(&immuta).await, token(&immuta).await);
    assert_ne!(first, second);
    assert_eq!(
        (
            status(&immuta, &first).await,
            status(&immuta, &second).await
        ),
        (200, 200)
    );
    assert_eq!(immuta.tokens_issued(), 2);
}

#[tokio::test]
async fn a_reused_token_is_the_same_until_it_expires() {
    let immuta = start().await;
    immuta.reuse_token(true);
    let first = token(&immuta).await;
    assert_eq!(token(&immuta).await, first);
    immuta.expire_tokens();
    assert_ne!(token(&immuta).await, first);
}

#[tokio::test]
async fn expiring_tokens_leaves_the_next_ones_alone() {
    let immuta = start().await;
    let (first, second) = (token(&immuta).await, token(&immuta).await);
    immuta.revoke_token(&first);
    assert_eq!(
        (
            status(&immuta, &first).await,
            status(&immuta, &second).await
        ),
        (401, 200)
    );
    immuta.expire_tokens();
    assert_eq!(status(&immuta, &second).await, 401);
    let third = token(&immuta).await;
    assert_eq!(status(&immuta, &third).await, 200);
    assert_eq!(
        status(&immuta, immuta.api_key()).await,
        200,
        "keys are no tokens"
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_with_a_lifetime_expires_by_the_clock_of_tokio() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let immuta = start().await;
    immuta.set_token_lifetime(Some(DAY));
    let token = token(&immuta).await;
    assert_eq!(status(&immuta, &token).await, 200);
    tokio::time::advance(DAY).await;
    assert_eq!(status(&immuta, &token).await, 401);
}

#[tokio::test]
async fn the_expiry_is_announced_only_when_asked_for_and_known() {
    let immuta = start().await;
    immuta.announce_expiration(true);
    immuta.announce_authenticated(true);
    let unlimited = answer(&immuta).await;
    assert_eq!(
        (
            &unlimited["authenticated"],
            unlimited.get("tokenExpiration")
        ),
        (&json!(true), None)
    );

    immuta.set_token_lifetime(Some(Duration::from_secs(3600)));
    let before = Timestamp::now();
    let limited = answer(&immuta).await;
    let expiration: Timestamp = limited["tokenExpiration"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let left = expiration.duration_since(before).as_secs();
    assert!((3599..3660).contains(&left), "{left}");
}

#[tokio::test]
async fn everything_may_be_below_a_base_path() {
    let immuta = ImmutaSimulator::builder()
        .base_path("/immuta/")
        .start()
        .await
        .unwrap();
    assert!(immuta.url().ends_with("/immuta"));
    let token = token(&immuta).await;
    assert_eq!(status(&immuta, &token).await, 200);
    let outside = format!("http://{}/audit", immuta.address());
    assert_eq!(reqwest::get(outside).await.unwrap().status(), 404);
    assert_eq!(immuta.requests()[0].path, "/immuta/bim/apikey/authenticate");
}

#[tokio::test]
async fn an_invalid_base_path_is_refused() {
    for path in ["immuta", "/a//b", "/{id}", "/a b", "/*rest"] {
        let immuta = ImmutaSimulator::builder().base_path(path).start().await;
        assert!(matches!(immuta, Err(SimulatorError::BasePath(_))), "{path}");
    }
    for path in ["", "/"] {
        let immuta = ImmutaSimulator::builder()
            .base_path(path)
            .start()
            .await
            .unwrap();
        assert_eq!(immuta.url(), format!("http://{}", immuta.address()));
    }
}

#[tokio::test]
async fn the_documented_token_works_only_when_asked_for() {
    const SAMPLE: &str = "Bearer dea464c07bd07300095caa8";
    assert_eq!(status(&start().await, SAMPLE).await, 401);
    let immuta = ImmutaSimulator::builder()
        .documented_sample_token()
        .start()
        .await
        .unwrap();
    assert_eq!(status(&immuta, SAMPLE).await, 200);
}

#[tokio::test]
async fn an_unknown_path_gives_404_in_the_envelope() {
    let immuta = start().await;
    let response = reqwest::get(format!("{}/none", immuta.url()))
        .await
        .unwrap();
    assert_eq!(response.json::<Value>().await.unwrap()["statusCode"], 404);
}
