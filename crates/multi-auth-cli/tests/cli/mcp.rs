//! `multi-auth mcp`: an agent calls vendors without a key, over stdio and streamable HTTP.

mod agent;

use std::process::Stdio;

use http::StatusCode;
use multi_auth_config::proxy::CallerToken;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use self::agent::Agent;
use crate::program::Home;
use crate::proxy::Proxy;

const KEY: &str = "canary-key-of-the-vendor";

pub(crate) struct Setup {
    pub(crate) server: ScriptedServer,
    pub(crate) home: Home,
    pub(crate) token: CallerToken,
}

impl Setup {
    /// Two vendors, and a caller that may read below `/open` of one of them.
    pub(crate) async fn new() -> Self {
        let server = ScriptedServer::start().await.unwrap();
        let token = CallerToken::generate().unwrap();
        let vendor = |name: &str| {
            let url = server.url();
            format!(
                "[vendors.{name}]\nscheme = 'bearer'\nurl = '{url}/{name}'\nkey = {{ file = 'key' }}\n"
            )
        };
        let home = Home::new(&format!(
            "{}{}[proxy.callers.reader]\ntoken_hashes = ['{}']\n\
             allow = [{{ vendor = 'one', methods = ['GET'], paths = ['/open'] }}]\n",
            vendor("one"),
            vendor("two"),
            token.hash(),
        ));
        home.secret("key", KEY);
        Self {
            server,
            home,
            token,
        }
    }

    /// Serves the callers over HTTP, and returns the URL.
    pub(crate) async fn serve(&self) -> (Proxy, String) {
        let mut command = self.home.command(&["mcp", "--http", "127.0.0.1:0"]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut program = Proxy::of(command.spawn().unwrap());
        let url = program.until("listening at ").await;
        (program, url)
    }
}

#[tokio::test]
async fn an_agent_calls_a_vendor_without_a_key() {
    let setup = Setup::new().await;
    let mut agent = Agent::start(&setup, &["--audit", "audit.jsonl"]).await;
    assert_eq!(agent.vendors().await, json!(["one", "two"]));
    setup
        .server
        .push(ScriptedResponse::default().with_json(&json!({ "count": 7 })));
    let (text, is_error) = agent
        .call(json!({ "vendor": "one", "path": "/users?limit=1" }))
        .await;
    assert!(
        text.starts_with("200 OK\n") && text.ends_with("\n\n{\"count\":7}"),
        "{text}"
    );
    assert!(!is_error);
    let call = json!({
        "vendor": "two", "path": "", "method": "put", "body": { "a": 1 },
        "headers": { "X-Own": "1" },
    });
    setup
        .server
        .push(ScriptedResponse::new(StatusCode::NOT_FOUND).with_body("nothing"));
    let (text, is_error) = agent.call(call).await;
    assert!(
        text.starts_with("404 Not Found\n") && text.ends_with("nothing"),
        "{text}"
    );
    assert!(is_error);
    agent.end().await;
    let requests = setup.server.requests();
    assert_eq!(
        (&*requests[0].path, &*requests[1].path),
        ("/one/users", "/two")
    );
    for request in &requests {
        assert_eq!(
            request.header("authorization"),
            Some(&*format!("Bearer {KEY}"))
        );
        assert!(!format!("{request:?}").contains("mauth_"), "{request:?}");
    }
    assert_eq!(requests[1].body, b"{\"a\":1}"[..]);
    assert_eq!(requests[1].header("content-type"), Some("application/json"));
    assert_eq!(requests[1].header("x-own"), Some("1"));
    let audit = std::fs::read_to_string(setup.home.path("audit.jsonl")).unwrap();
    assert_eq!(audit.lines().count(), 2, "{audit}");
    assert!(audit.contains("\"caller\":\"agent\""), "{audit}");
}

#[tokio::test]
async fn an_agent_obeys_the_rules_of_its_caller() {
    let setup = Setup::new().await;
    let mut agent = Agent::start(&setup, &["--caller", "reader"]).await;
    assert_eq!(agent.vendors().await, json!(["one"]));
    let (text, _) = agent
        .call(json!({ "vendor": "one", "path": "/open/x" }))
        .await;
    assert!(text.starts_with("200"), "{text}");
    for (vendor, method, path) in [
        ("one", "POST", "/open"),
        ("one", "GET", "/closed"),
        ("one", "GET", "/open/../closed"),
        ("two", "GET", "/open"),
        ("one", "GET", "/../two/open"),
        ("-", "GET", "/"),
    ] {
        let call = json!({ "vendor": vendor, "method": method, "path": path });
        let (text, is_error) = agent.call(call).await;
        assert!(is_error && text.contains("\"remedy\""), "{path}: {text}");
    }
    agent.end().await;
    assert_eq!(setup.server.request_count(), 1);
}

#[tokio::test]
async fn a_call_that_is_not_valid_says_what_is_wrong() {
    let setup = Setup::new().await;
    let mut agent = Agent::start(&setup, &[]).await;
    for (call, part) in [
        (json!({ "path": "/" }), "vendor"),
        (json!({ "vendor": "one", "path": "x" }), "slash"),
        (json!({ "vendor": "one", "path": "/a b" }), "encode"),
        (json!({ "vendor": "one/two", "path": "/" }), "vendor"),
        (json!({ "vendor": "one", "path": "/a#b" }), "%23"),
        (
            json!({ "vendor": "one", "path": "/", "method": "CONNECT" }),
            "CONNECT",
        ),
        (
            json!({ "vendor": "one", "path": "/", "method": "G E T" }),
            "method",
        ),
        (
            json!({ "vendor": "one", "path": "/", "headers": { "a b": "c" } }),
            "headers",
        ),
        (
            json!({ "vendor": "one", "path": "/", "headers": { "a": "b\r\nc: d" } }),
            "headers",
        ),
        (json!({ "vendor": "one", "path": "/", "url": "x" }), "url"),
    ] {
        let (text, is_error) = agent.call(call.clone()).await;
        assert!(is_error && text.contains(part), "{call}: {text}");
    }
    for name in [
        "Authorization",
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Upgrade",
        "TE",
        "Trailer",
        "Expect",
        "Keep-Alive",
        "Proxy-Authorization",
        "Proxy-Connection",
    ] {
        let call = json!({ "vendor": "one", "path": "/", "headers": { name: "100000" } });
        let (text, is_error) = agent.call(call).await;
        assert!(is_error && text.contains("sets"), "{name}: {text}");
    }
    agent.end().await;
    assert_eq!(setup.server.request_count(), 0);
}

#[tokio::test]
async fn links_of_a_vendor_are_paths_that_the_agent_can_call() {
    let setup = Setup::new().await;
    let mut agent = Agent::start(&setup, &[]).await;
    let next = format!("<{}/one/users?page=2>; rel=next", setup.server.url());
    let response = ScriptedResponse::default()
        .with_header("link", &next)
        .unwrap();
    setup.server.push(response);
    let (text, _) = agent
        .call(json!({ "vendor": "one", "path": "/users" }))
        .await;
    assert!(text.contains("link: </users?page=2>; rel=next\n"), "{text}");
    agent.end().await;
}

#[tokio::test]
async fn a_call_that_is_cancelled_ends_at_the_vendor() {
    let setup = Setup::new().await;
    let mut agent = Agent::start(&setup, &["--audit", "audit.jsonl"]).await;
    let gate = setup.server.hold("/one/held");
    let arguments = json!({ "vendor": "one", "path": "/held" });
    let params = json!({ "name": "request", "arguments": arguments });
    agent
        .send(&json!({ "jsonrpc": "2.0", "id": "held", "method": "tools/call", "params": params }))
        .await;
    gate.arrived(1).await;
    let params = json!({ "requestId": "held" });
    agent
        .send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params }))
        .await;
    let audit = || std::fs::read_to_string(setup.home.path("audit.jsonl")).unwrap();
    while !audit().contains("\"status\":499") {
        tokio::task::yield_now().await;
    }
    drop(gate);
    agent.end().await;
}

#[tokio::test]
async fn a_signal_ends_the_program() {
    let setup = Setup::new().await;
    for signal in [Signal::INT, Signal::TERM] {
        let mut agent = Agent::start(&setup, &[]).await;
        let id = Pid::from_raw(agent.child.id().unwrap().try_into().unwrap());
        kill_process(id.unwrap(), signal).unwrap();
        assert_eq!(
            agent.child.wait().await.unwrap().code(),
            Some(0),
            "{signal:?}"
        );
    }
}

#[tokio::test]
async fn vendors_that_are_not_named_are_not_offered_and_their_keys_are_not_read() {
    let setup = Setup::new().await;
    let text = std::fs::read_to_string(setup.home.path("multi-auth.toml")).unwrap();
    let other =
        "[vendors.other]\nscheme = 'bearer'\nurl = 'https://o.example'\nkey = { env = 'NONE' }\n";
    setup
        .home
        .secret("multi-auth.toml", format!("{text}{other}"));
    let mut agent = Agent::start(&setup, &["--vendor", "two"]).await;
    assert_eq!(agent.vendors().await, json!(["two"]));
    let (text, is_error) = agent.call(json!({ "vendor": "one", "path": "/" })).await;
    assert!(is_error && text.starts_with("403"), "{text}");
    agent.end().await;
    let mut agent = Agent::start(&setup, &["--caller", "reader"]).await;
    assert_eq!(agent.vendors().await, json!(["one"]));
    agent.end().await;
    let mut agent = Agent::start(&setup, &["--caller", "reader", "--vendor", "two"]).await;
    assert_eq!(agent.vendors().await, json!([]));
    agent.end().await;
}

#[tokio::test]
async fn a_vendor_keeps_its_part_of_the_paths_of_another() {
    let setup = Setup::new().await;
    let url = setup.server.url();
    setup.home.secret(
        "multi-auth.toml",
        format!(
            "[vendors.all]\nscheme = 'bearer'\nurl = '{url}'\nkey = {{ file = 'key' }}\n\
         [vendors.admin]\nscheme = 'bearer'\nurl = '{url}/admin'\nkey = {{ file = 'key' }}\n"
        ),
    );
    let mut agent = Agent::start(&setup, &["--vendor", "all"]).await;
    let (text, _) = agent
        .call(json!({ "vendor": "all", "path": "/admin/x" }))
        .await;
    assert!(text.starts_with("403"), "{text}");
    agent.end().await;
    assert_eq!(setup.server.request_count(), 0);
}

#[tokio::test]
async fn a_long_body_is_cut_and_bytes_are_not_shown() {
    let setup = Setup::new().await;
    let mut agent = Agent::start(&setup, &["--timeout", "2"]).await;
    setup
        .server
        .push(ScriptedResponse::default().with_endless_body("täxt"));
    let (text, _) = agent.call(json!({ "vendor": "one", "path": "/" })).await;
    assert!(
        text.contains("täxttäxt") && text.contains("[the body is incomplete"),
        "{text}"
    );
    assert!(text.len() < 300_000, "{}", text.len());
    setup
        .server
        .push(ScriptedResponse::default().with_body(&b"\xff\xfe\x00"[..]));
    let (text, _) = agent.call(json!({ "vendor": "one", "path": "/" })).await;
    assert!(text.ends_with("[3 bytes that are no text]"), "{text}");
    agent.end().await;
}

#[tokio::test]
async fn agents_connect_over_http_with_the_token_of_a_caller() {
    let setup = Setup::new().await;
    let (mut program, url) = setup.serve().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = |message: &Value| {
        client
            .post(&url)
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .header("mcp-protocol-version", "2025-11-25")
            .body(message.to_string())
    };
    let call = |vendor: &str| {
        let arguments = json!({ "vendor": vendor, "path": "/open" });
        let params = json!({ "name": "request", "arguments": arguments });
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params })
    };
    let own = setup.token.expose();
    let unknown = CallerToken::generate().unwrap();
    for request in [
        post(&call("one")),
        post(&call("one")).bearer_auth("mauth_"),
        post(&call("one")).bearer_auth(unknown.expose()),
    ] {
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    for (name, value) in [("origin", "https://page.example"), ("host", "page.example")] {
        let request = post(&call("one")).bearer_auth(own).header(name, value);
        assert_eq!(request.send().await.unwrap().status(), 403, "{name}");
    }
    for path in ["", "/", "/mcp/", "/other"] {
        let url = format!("{}{path}", url.trim_end_matches("/mcp"));
        assert_eq!(
            client.get(url).send().await.unwrap().status(),
            401,
            "{path}"
        );
    }
    assert_eq!(setup.server.request_count(), 0);
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let response = post(&list).bearer_auth(own).send().await.unwrap();
    let answer: Value = response.text().await.unwrap().parse().unwrap();
    let schema = &answer["result"]["tools"][0]["inputSchema"];
    assert_eq!(schema["properties"]["vendor"]["enum"], json!(["one"]));
    for (vendor, status) in [("one", "200"), ("two", "403")] {
        let response = post(&call(vendor)).bearer_auth(own).send().await.unwrap();
        let answer: Value = response.text().await.unwrap().parse().unwrap();
        let text = answer["result"]["content"][0]["text"].as_str().unwrap();
        assert!(text.starts_with(status), "{answer}");
    }
    let requests = setup.server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(
        requests[0].header("authorization"),
        Some(&*format!("Bearer {KEY}"))
    );
    program.child.kill().await.unwrap();
}

#[tokio::test]
async fn settings_that_cannot_serve_an_agent_are_errors() {
    let setup = Setup::new().await;
    for (arguments, part) in [
        (&["mcp", "--caller", "unknown"][..], "no caller"),
        (&["mcp", "--vendor", "unknown"][..], "no vendor"),
        (&["mcp", "--http", "8790"][..], "--http"),
        (
            &["mcp", "--http", "127.0.0.1:0", "--caller", "reader"][..],
            "exclude",
        ),
    ] {
        let run = setup.home.run(arguments).await;
        assert!(run.code == Some(2) && run.errors.contains(part), "{run:?}");
    }
    let text = std::fs::read_to_string(setup.home.path("multi-auth.toml")).unwrap();
    let (vendors, _) = text.split_once("[proxy").unwrap();
    setup.home.secret("multi-auth.toml", vendors);
    let run = setup.home.run(&["mcp", "--http", "127.0.0.1:0"]).await;
    assert!(
        run.code == Some(2) && run.errors.contains("no caller with a token"),
        "{run:?}"
    );
}
