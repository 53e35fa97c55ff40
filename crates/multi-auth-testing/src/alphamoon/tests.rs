use std::time::SystemTime;

use http::Method;
use jiff::Timestamp;
use reqwest::Client;
use serde_json::{Value, json};

use crate::{AlphamoonKey, AlphamoonSimulator};

mod printed;

const PROCESSES: &str = "/api/v0.3/processes";
const KEYS: &str = "/api/v0.4/admin/api-keys";

struct Reply {
    status: u16,
    body: Value,
}

async fn start() -> AlphamoonSimulator {
    AlphamoonSimulator::start().await.unwrap()
}

async fn send(
    at: &AlphamoonSimulator,
    key: &str,
    method: Method,
    path: &str,
    body: Value,
) -> Reply {
    let (user, pass) = key.split_once(':').unwrap();
    let request = Client::new().request(method, format!("{}{path}", at.url()));
    let request = request.basic_auth(user, Some(pass));
    let request = if body.is_null() {
        request
    } else {
        request.json(&body)
    };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    Reply {
        status,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    }
}

async fn get(at: &AlphamoonSimulator, key: &str, path: &str) -> Reply {
    send(at, key, Method::GET, path, Value::Null).await
}

async fn post(at: &AlphamoonSimulator, key: &str, path: &str, body: Value) -> Reply {
    send(at, key, Method::POST, path, body).await
}

fn wish(scope: &str) -> Value {
    json!({ "name": "TEST API key", "exp": "2124-07-17T07:23:51.104Z", "scopes": [scope] })
}

async fn header(at: &AlphamoonSimulator, value: &str) -> u16 {
    let request = Client::new().get(format!("{}{PROCESSES}", at.url()));
    request
        .header("authorization", value)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn a_missing_key_gives_401_with_a_challenge_in_the_envelope() {
    let alphamoon = start().await;
    let response = reqwest::get(format!("{}{PROCESSES}", alphamoon.url()))
        .await
        .unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(
        response.headers()["www-authenticate"],
        "Basic realm=\"Alphamoon Workspace\""
    );
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let envelope: Value = response.json().await.unwrap();
    let mut fields: Vec<_> = envelope
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    fields.sort_unstable();
    let expected = [
        "action",
        "detail",
        "errors",
        "instance",
        "status",
        "timestamp",
        "title",
        "type",
    ];
    assert_eq!(fields, expected);
    assert_eq!(envelope["errors"][0]["location"], "header: Authorization");
    assert_eq!(envelope["errors"][0]["type"], "authentication_error");
}

#[tokio::test]
async fn the_word_basic_may_be_written_in_any_case() {
    let alphamoon = start().await;
    assert_eq!(
        header(&alphamoon, "Basic aDEyc2hhZGphZGE6MTNlaGpoajFiM2o=").await,
        200
    );
    assert_eq!(
        header(&alphamoon, "bASIC aDEyc2hhZGphZGE6MTNlaGpoajFiM2o=").await,
        200
    );
}

#[tokio::test]
async fn anything_but_base64_of_a_known_pair_gives_401() {
    let alphamoon = start().await;
    alphamoon.add_key(AlphamoonKey::new("nocolon"));
    let bad = [
        "Basic",
        "Basic !!!",
        "Basic bm9jb2xvbg==",
        "Basic dXNlcjpwYXNz",
        "Basic h12shadjada:13ehjhj1b3j",
        "Bearer aDEyc2hhZGphZGE6MTNlaGpoajFiM2o=",
        "aDEyc2hhZGphZGE6MTNlaGpoajFiM2o=",
    ];
    for value in bad {
        assert_eq!(header(&alphamoon, value).await, 401, "{value}");
    }
}

#[tokio::test]
async fn two_authorization_headers_give_401() {
    let alphamoon = start().await;
    let value = "Basic aDEyc2hhZGphZGE6MTNlaGpoajFiM2o=";
    let request = Client::new().get(format!("{}{PROCESSES}", alphamoon.url()));
    let request = request
        .header("authorization", value)
        .header("authorization", value);
    assert_eq!(request.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_pass_may_contain_colons_and_any_letter() {
    let alphamoon = start().await;
    let key = "UmlauteÄüö:a&Secret:%!23";
    alphamoon.add_key(AlphamoonKey::new(key));
    assert_eq!(get(&alphamoon, key, PROCESSES).await.status, 200);
}

#[tokio::test]
async fn an_expired_or_revoked_key_gives_401() {
    let alphamoon = start().await;
    let (past, future) = (SystemTime::UNIX_EPOCH, SystemTime::from(Timestamp::MAX));
    alphamoon.add_key(AlphamoonKey::new("past:pass").with_expiry(past));
    alphamoon.add_key(AlphamoonKey::new("future:pass").with_expiry(future));
    assert_eq!(get(&alphamoon, "past:pass", PROCESSES).await.status, 401);
    assert_eq!(get(&alphamoon, "future:pass", PROCESSES).await.status, 200);
    alphamoon.expire_key("future:pass");
    assert_eq!(get(&alphamoon, "future:pass", PROCESSES).await.status, 401);
    alphamoon.revoke_key(alphamoon.organization_key());
    assert_eq!(
        get(&alphamoon, alphamoon.organization_key(), PROCESSES)
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_missing_scope_gives_403() {
    let alphamoon = start().await;
    alphamoon.add_key(AlphamoonKey::new("reads:only").with_scopes(["workspace.process:read"]));
    assert_eq!(get(&alphamoon, "reads:only", PROCESSES).await.status, 200);
    let reply = post(
        &alphamoon,
        "reads:only",
        PROCESSES,
        json!({ "name": "New" }),
    )
    .await;
    assert_eq!(reply.status, 403);
    assert_eq!(reply.body["type"], "AuthorizationError");
    assert_eq!(get(&alphamoon, "reads:only", KEYS).await.status, 403);
}

#[tokio::test]
async fn a_process_key_does_not_leave_its_process() {
    let alphamoon = start().await;
    let key = alphamoon.process_key();
    let of = |id: &str| {
        [
            format!("{PROCESSES}/{id}/config/reset"),
            format!("/api/v0.4/processes/{id}/api-keys"),
        ]
    };
    let [reset, keys] = of(alphamoon.process_id());
    assert_eq!(post(&alphamoon, key, &reset, Value::Null).await.status, 200);
    assert_eq!(get(&alphamoon, key, &keys).await.status, 200);
    let [reset, keys] = of(alphamoon.other_process_id());
    assert_eq!(post(&alphamoon, key, &reset, Value::Null).await.status, 403);
    assert_eq!(get(&alphamoon, key, &keys).await.status, 403);
    assert_eq!(get(&alphamoon, key, PROCESSES).await.status, 403);
    assert_eq!(get(&alphamoon, key, KEYS).await.status, 403);
}

#[tokio::test]
async fn processes_are_created_listed_and_reset() {
    let alphamoon = start().await;
    let key = alphamoon.organization_key();
    let created = post(&alphamoon, key, PROCESSES, json!({ "name": "Contracts" })).await;
    assert_eq!(
        (created.status, &created.body["name"]),
        (201, &json!("Contracts"))
    );
    let listed = get(&alphamoon, key, &format!("{PROCESSES}?offset=2&limit=5")).await;
    assert_eq!(listed.body, json!({ "processes": [created.body] }));
    let id = created.body["id"].as_str().unwrap();
    let reset = post(
        &alphamoon,
        key,
        &format!("{PROCESSES}/{id}/config/reset"),
        Value::Null,
    )
    .await;
    assert!(reset.body["configId"].is_string());
    let unknown = post(
        &alphamoon,
        key,
        &format!("{PROCESSES}/none/config/reset"),
        Value::Null,
    )
    .await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn a_created_key_works_until_it_is_deleted_and_is_shown_once() {
    let alphamoon = start().await;
    let admin = alphamoon.organization_key();
    let created = post(&alphamoon, admin, KEYS, wish("workspace.process:read")).await;
    assert_eq!(
        (created.status, &created.body["status"]),
        (201, &json!("Active"))
    );
    assert_eq!(created.body["exp"], "2124-07-17T07:23:51Z");
    let key = created.body["key"].as_str().unwrap();
    assert_eq!(get(&alphamoon, key, PROCESSES).await.status, 200);

    let mut shown = created.body.clone();
    shown.as_object_mut().unwrap().remove("key");
    let listed = get(&alphamoon, admin, KEYS).await;
    assert_eq!(
        listed.body["apiKeys"].as_array().unwrap().last(),
        Some(&shown)
    );

    let path = format!("{KEYS}/{}", created.body["id"].as_str().unwrap());
    assert_eq!(
        send(&alphamoon, admin, Method::DELETE, &path, Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(get(&alphamoon, key, PROCESSES).await.status, 401);
    assert_eq!(
        send(&alphamoon, admin, Method::DELETE, &path, Value::Null)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_key_created_for_a_process_belongs_to_it() {
    let alphamoon = start().await;
    let path = format!(
        "/api/v0.4/processes/{}/api-keys",
        alphamoon.other_process_id()
    );
    let wish = wish("workspace.process.api_key:manage");
    let created = post(&alphamoon, alphamoon.organization_key(), &path, wish).await;
    assert_eq!(created.body["processId"], alphamoon.other_process_id());
    let key = created.body["key"].as_str().unwrap();
    assert_eq!(
        get(&alphamoon, key, &path).await.body["apiKeys"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let elsewhere = format!("/api/v0.4/processes/{}/api-keys", alphamoon.process_id());
    assert_eq!(get(&alphamoon, key, &elsewhere).await.status, 403);
    let nowhere = get(
        &alphamoon,
        alphamoon.organization_key(),
        "/api/v0.4/processes/none/api-keys",
    );
    assert_eq!(nowhere.await.status, 404);
}

#[tokio::test]
async fn a_key_created_with_a_past_expiry_has_expired() {
    let alphamoon = start().await;
    let wish = json!({ "name": "Old", "exp": "2024-07-17T07:23:51.104Z", "scopes": [] });
    let created = post(&alphamoon, alphamoon.organization_key(), KEYS, wish).await;
    assert_eq!(
        (created.status, &created.body["status"]),
        (201, &json!("Expired"))
    );
    assert_eq!(
        get(&alphamoon, created.body["key"].as_str().unwrap(), PROCESSES)
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn bad_input_gives_400_that_says_where() {
    let alphamoon = start().await;
    let key = alphamoon.organization_key();
    let reply = post(&alphamoon, key, KEYS, json!({ "name": "TEST API key" })).await;
    assert_eq!(
        (reply.status, &reply.body["type"]),
        (400, &json!("RequestValidationError"))
    );
    assert_eq!(reply.body["errors"][0]["location"], "body");
    assert_eq!(reply.body["errors"][0]["type"], "request_validation_error");
    let reply = get(&alphamoon, key, &format!("{PROCESSES}?limit=many")).await;
    assert_eq!(
        (reply.status, &reply.body["errors"][0]["location"]),
        (400, &json!("query"))
    );
}

#[tokio::test]
async fn an_unknown_path_gives_404_in_the_envelope() {
    let alphamoon = start().await;
    let reply = get(&alphamoon, alphamoon.organization_key(), "/api/v9/none").await;
    assert_eq!((reply.status, &reply.body["status"]), (404, &json!(404)));
}
