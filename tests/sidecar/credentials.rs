//! The caller's placeholder is removed, and the vendor's credential attached.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{Method, StatusCode};
use multi_auth_testing::{ImmutaSimulator, ScriptedResponse, ScriptedServer};
use serde_json::json;

use crate::rig::{KEY, Rig, code};

#[tokio::test]
async fn the_vendor_gets_its_key_and_not_the_token_of_the_caller() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let token = &rig.token;
    let basic = |pair: String| format!("Basic {}", BASE64_STANDARD.encode(pair));
    let places = [
        ("authorization", format!("Bearer {token}")),
        ("authorization", token.clone()),
        ("authorization", basic(format!("user:{token}"))),
        ("authorization", basic(format!("{token}:"))),
        ("proxy-authorization", basic(format!("caller:{token}"))),
        ("x-api-key", token.clone()),
        ("x-api-key", format!("sk-{token}")),
        ("api-token", token.clone()),
        ("cookie", format!("session={token}")),
    ];
    for (name, value) in places {
        let request = rig.anonymous(Method::GET, "/v/x").header(name, value);
        assert_eq!(request.send().await.unwrap().status(), 200, "{name}");
    }
    let query = format!("/v/x?page=1&api_key={token}&size=2");
    let response = rig.anonymous(Method::GET, &query).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let requests = server.requests();
    assert_eq!(requests.len(), 10);
    for request in &requests {
        assert_eq!(request.header_values("x-api-key"), [KEY]);
        assert!(
            !format!("{request:?}").contains(token.as_str()),
            "{request:?}"
        );
        assert_eq!(request.header("authorization"), None);
    }
    assert_eq!(requests[9].query.as_deref(), Some("page=1&size=2"));
}

#[tokio::test]
async fn what_the_caller_sends_in_the_place_of_a_credential_is_replaced() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let request = rig.get("/v/x").header("x-api-key", "placeholder");
    let request = request
        .header("x-api-key", "second")
        .header("cookie", "a=b");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let request = &server.requests()[0];
    assert_eq!(request.header_values("x-api-key"), [KEY]);
    assert_eq!(request.header("cookie"), None);
}

#[tokio::test]
async fn a_key_in_the_query_replaces_the_placeholder() {
    let server = ScriptedServer::start().await.unwrap();
    let text = format!(
        "[vendors.v]\nscheme = \"query\"\nurl = \"{}\"\nname = \"key\"\n\
         key = {{ dangerous_inline = \"{KEY}\" }}\n",
        server.url()
    );
    let rig = Rig::of(&text).await;
    rig.get("/v/x?key=placeholder&page=1&KEY=2")
        .send()
        .await
        .unwrap();
    rig.get("/v/x?key=placeholder").send().await.unwrap();
    let queries: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.query.clone())
        .collect();
    let expected = [format!("page=1&key={KEY}"), format!("key={KEY}")];
    assert_eq!(queries, expected.map(Some));
}

#[tokio::test]
async fn a_token_is_requested_once_and_again_after_a_refusal() {
    let immuta = ImmutaSimulator::start().await.unwrap();
    let text = format!(
        "[vendors.immuta]\npreset = \"immuta\"\nurl = \"{}\"\n\
         key = {{ dangerous_inline = \"{}\" }}\n",
        immuta.url(),
        immuta.api_key()
    );
    let rig = Rig::of(&text).await;
    for _ in 0..3 {
        assert_eq!(rig.get("/immuta/audit").send().await.unwrap().status(), 200);
    }
    assert_eq!(immuta.tokens_issued(), 1);
    immuta.expire_tokens();
    assert_eq!(rig.get("/immuta/audit").send().await.unwrap().status(), 200);
    assert_eq!(immuta.tokens_issued(), 2);
    let lines = rig.audit(4).await;
    let generations: Vec<_> = lines
        .iter()
        .map(|line| line["generation"].as_u64().unwrap())
        .collect();
    assert_eq!(generations[0], generations[2]);
    assert!(generations[3] > generations[0]);
    assert_eq!(lines[3]["attempts"], 2);
}

/// A vendor that gives tokens, and refuses the first one.
async fn refusing() -> (ScriptedServer, Rig) {
    let server = ScriptedServer::start().await.unwrap();
    let text = format!(
        "[vendors.v]\nscheme = \"token_endpoint\"\nurl = \"{}\"\n\
         key = {{ dangerous_inline = \"{KEY}\" }}\n\
         [vendors.v.token_endpoint]\nurl = \"{}/token\"\nformat = \"json\"\n\
         key_field = \"key\"\n",
        server.url(),
        server.url()
    );
    let tokens = AtomicUsize::new(0);
    server.respond_with(move |request| {
        if request.path == "/token" {
            let token = format!("token-{}", tokens.fetch_add(1, Ordering::Relaxed));
            return ScriptedResponse::default().with_json(&json!({ "access_token": token }));
        }
        let is_first = request.header("authorization") == Some("Bearer token-0");
        let status = if is_first {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::OK
        };
        ScriptedResponse::new(status)
    });
    (server, Rig::of(&text).await)
}

#[tokio::test]
async fn a_short_body_is_sent_again_and_a_long_one_is_not() {
    for (length, status, attempts) in [(1, 200, 2), (64 * 1024, 200, 2), (64 * 1024 + 1, 401, 1)] {
        let (server, rig) = refusing().await;
        let body: Vec<u8> = (0..length).map(|at: u32| (at % 251) as u8).collect();
        let request = rig.request(Method::POST, "/v/orders").body(body.clone());
        assert_eq!(request.send().await.unwrap().status(), status, "{length}");
        let orders = server.requests_to("/orders");
        assert_eq!(orders.len(), attempts, "{length}");
        for order in orders {
            assert!(order.body == body, "{length}");
            assert_eq!(order.header("content-length"), Some(&*length.to_string()));
        }
    }
}

#[tokio::test]
async fn a_vendor_without_a_usable_key_is_a_problem_with_a_remedy() {
    let server = ScriptedServer::start().await.unwrap();
    let text = format!(
        "[vendors.immuta]\npreset = \"immuta\"\nurl = \"{}\"\nkey = {{ dangerous_inline = \"{KEY}\" }}\n",
        server.url()
    );
    server.respond_with(|_| ScriptedResponse::new(StatusCode::UNAUTHORIZED));
    let rig = Rig::of(&text).await;
    let response = rig.get("/immuta/audit").send().await.unwrap();
    assert_eq!(response.status(), 502);
    let status = response.headers()["proxy-status"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        status,
        "multi-auth; error=proxy_configuration_error; details=\"no-credential\""
    );
    let text = response.text().await.unwrap();
    assert!(
        text.contains("multi-auth check") && !text.contains(KEY),
        "{text}"
    );
}

#[tokio::test]
async fn a_body_that_is_signed_is_read_whole_up_to_a_limit() {
    let server = ScriptedServer::start().await.unwrap();
    let text = format!(
        "[vendors.v]\nscheme = \"aws_sigv4\"\nurl = \"{}\"\nkey = {{ dangerous_inline = \"{KEY}\" }}\n\
         sigv4 = {{ region = \"eu-1\", service = \"execute-api\", access_key_id = \"AKID\" }}\n",
        server.url()
    );
    let rig = Rig::of(&text).await;
    let put = |length: usize| {
        let chunks = vec![Ok::<_, std::io::Error>(vec![b'x'; length])];
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
        rig.request(Method::PUT, "/v/file").body(body).send()
    };
    assert_eq!(put(100_000).await.unwrap().status(), 200);
    let request = &server.requests()[0];
    assert_eq!(
        (request.body.len(), request.header("content-length")),
        (100_000, Some("100000"))
    );
    let signature = request.header("authorization").unwrap();
    assert!(
        signature.starts_with("AWS4-HMAC-SHA256 Credential=AKID/"),
        "{signature}"
    );
    let response = put(16 * 1024 * 1024 + 1).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), code(response).await.as_str()),
        (413, "body-too-large")
    );
    assert_eq!(server.request_count(), 1);
}
