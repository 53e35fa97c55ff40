//! Vendors' own SDKs and other clients, through `multi-auth run`.

use multi_auth_testing::{
    AlphamoonSimulator, ImmutaSimulator, RecordedRequest, ScriptedResponse, ScriptedServer,
};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{Server, directory};
use crate::program::{Home, Run};
use crate::proxy::Setup;

const KEY: &str = "sk-canary-of-the-vendor";

/// The parts of `OpenAI`'s and Stripe's APIs that the scripts use. It refuses another key.
fn respond(request: &RecordedRequest) -> ScriptedResponse {
    if request.header("authorization") != Some(&format!("Bearer {KEY}")) {
        return ScriptedResponse::new(http::StatusCode::UNAUTHORIZED);
    }
    let json = |value: Value| ScriptedResponse::default().with_json(&value);
    match &*request.path {
        "/models" => {
            json(json!({ "object": "list", "data": [{ "id": "m-1", "object": "model" }] }))
        }
        "/chat/completions" => {
            let chunk = |text: &str| {
                let delta = json!({ "index": 0, "delta": { "content": text } });
                format!("data: {}\n\n", json!({ "id": "c", "choices": [delta] }))
            };
            let body = format!("{}{}data: [DONE]\n\n", chunk("hel"), chunk("lo"));
            let response =
                ScriptedResponse::default().with_header("content-type", "text/event-stream");
            response.unwrap().with_body(body)
        }
        "/stripe/v1/balance" => json(json!({
            "object": "balance",
            "available": [{ "amount": 700, "currency": "eur" }],
        })),
        _ => ScriptedResponse::new(http::StatusCode::NOT_FOUND),
    }
}

/// All vendors. Each has its own server.
struct Vendors {
    home: Home,
    alphamoon: AlphamoonSimulator,
    immuta: ImmutaSimulator,
    _scripted: ScriptedServer,
    _moto: Server,
    _grpc: Server,
}

impl Vendors {
    async fn start() -> Self {
        let alphamoon = AlphamoonSimulator::start().await.unwrap();
        let immuta = ImmutaSimulator::start().await.unwrap();
        let scripted = ScriptedServer::start().await.unwrap();
        scripted.respond_with(respond);
        let moto = Server::moto().await;
        let mut command = Command::new("node");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/grpc_server.mjs");
        command.args([script, &directory(), KEY]);
        let grpc = Server::start(command).await;
        let aws: Value = serde_json::from_str(&moto.issuer).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let bearer = |name: &str, url: &str| {
            format!(
                "[vendors.{name}]\nscheme = 'bearer'\nurl = '{url}'\nkey = {{ file = 'key' }}\n"
            )
        };
        let home = Home::new(&format!(
            "[vendors.alphamoon]\npreset = 'alphamoon'\nurl = '{}'\nkey = {{ file = 'alphamoon' }}\n\
             [vendors.immuta]\npreset = 'immuta'\nurl = '{}'\nkey = {{ file = 'immuta' }}\n\
             {}{}{}\
             [vendors.aws]\nurl = '{}'\nscheme = 'aws_sigv4'\nkey = {{ file = 'aws' }}\n\
             sigv4 = {{ region = 'us-east-1', service = 's3', access_key_id = '{}' }}\n",
            alphamoon.url(),
            immuta.url(),
            bearer("openai", scripted.url()),
            bearer("stripe", &format!("{}/stripe", scripted.url())),
            bearer("grpc", &grpc.issuer),
            text(&aws["url"]),
            text(&aws["user"][0]),
        ));
        home.secret("key", KEY);
        home.secret("alphamoon", alphamoon.organization_key());
        home.secret("immuta", immuta.api_key());
        home.secret("aws", text(&aws["user"][1]));
        Self {
            home,
            alphamoon,
            immuta,
            _scripted: scripted,
            _moto: moto,
            _grpc: grpc,
        }
    }

    async fn run(&self, command: &[&str]) -> Run {
        let python = format!("{0}/sdks:{0}/moto", directory());
        let arguments = [&["run", "--audit", "audit.jsonl", "--"], command].concat();
        let run = self
            .home
            .run_with(&arguments, &[("PYTHONPATH", &python)])
            .await;
        assert_eq!(run.code, Some(0), "{run:?}");
        run.shows_no_key();
        for request in self
            .alphamoon
            .requests()
            .iter()
            .chain(&self.immuta.requests())
        {
            assert!(!format!("{request:?}").contains("mauth_"), "{request:?}");
        }
        let audit = std::fs::read_to_string(self.home.path("audit.jsonl")).unwrap();
        assert!(
            !audit.contains("mauth_") && !audit.contains("canary"),
            "{audit}"
        );
        run
    }
}

#[tokio::test]
#[ignore = "needs SDKs, moto and grpc-js"]
async fn clients_of_python_need_no_key() {
    let vendors = Vendors::start().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/sdks.py");
    let run = vendors.run(&["python3", script]).await;
    let expected = "requests 2\nhttpx 2\nfh-immuta-utils 0\nopenai ['m-1']\nopenai stream hello\n\
                    stripe 700\nboto3 text\nboto3 list ['a b/ü.txt']\n";
    assert_eq!(run.output, expected);
    assert_eq!(vendors.immuta.tokens_issued(), 1);
}

#[tokio::test]
#[ignore = "needs SDKs, moto and grpc-js"]
async fn clients_of_node_need_no_key() {
    let vendors = Vendors::start().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/sdks.mjs");
    let run = vendors.run(&["node", script, &directory()]).await;
    let expected = "fetch 0\nopenai m-1\ngrpc hello\ngrpc failure 5 no such thing\n";
    assert_eq!(run.output, expected);
}

#[tokio::test]
#[ignore = "needs httpbin, oidc-provider and requests"]
async fn servers_of_other_people_work_behind_the_proxy() {
    let httpbin = Server::httpbin().await;
    let oidc = Server::oidc_provider().await;
    let basic = |name: &str, url: &str| {
        format!(
            "[vendors.{name}]\nscheme = 'basic'\nurl = '{url}'\nuser = 'basic'\nkey = {{ file = '{name}' }}\n"
        )
    };
    let home = Home::new(&format!(
        "[vendors.httpbin]\nscheme = 'bearer'\nurl = '{}'\nkey = {{ file = 'key' }}\n{}{}",
        httpbin.issuer,
        basic("oidc", &oidc.issuer),
        basic("wrong", &oidc.issuer.replace("127.0.0.1", "localhost")),
    ));
    home.secret("key", KEY);
    // RFC 6749, 2.3.1: the secret is form-encoded.
    let encoded =
        url::form_urlencoded::byte_serialize(super::SECRET.as_bytes()).collect::<String>();
    home.secret("oidc", encoded);
    home.secret("wrong", "canary-wrong");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/upstreams.py");
    let variables = [("PYTHONPATH", format!("{}/sdks", directory()))];
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let run = home
        .run_with(&["run", "--", "python3", script], &variables)
        .await;
    assert_eq!(run.code, Some(0), "{run:?}");
    run.shows_no_key();
    insta::assert_snapshot!("servers_behind_the_proxy", run.output);
}

/// `SCREENSHOT` names a file for a picture of the page.
#[tokio::test]
#[ignore = "needs Chromium and puppeteer-core"]
async fn the_status_page_changes_in_a_browser_and_is_complete_without_scripts() {
    let setup = Setup::new().await;
    let (_proxy, url, page) = setup.start_with_page().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/status_page.mjs");
    let mut command = Command::new("node");
    command.args([
        script,
        &directory(),
        &page,
        &format!("{url}/v/x"),
        setup.token.expose(),
    ]);
    command.args(std::env::var("SCREENSHOT").ok());
    let output = command.output().await.unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let expected = "without scripts: true\nbefore: 0,0\nafter: 1,1\nfits: true\nno key: true\nproblems: none\n";
    assert_eq!(
        shown,
        expected,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
