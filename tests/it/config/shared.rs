//! Tokens that processes share through the store of the file.

use multi_auth_config::Config;
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_store::StoredTokens;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use secrecy::ExposeSecret;
use serde_json::json;
use tempfile::TempDir;

use super::parse;
use crate::redis_server::{KEY, Server};

/// A vendor whose tokens are requested with the key `key`.
fn vendor(url: &str, key: &str) -> String {
    format!(
        "[vendors.v]\nurl = '{url}/v1'\nscheme = 'client_credentials'\ntoken_url = '{url}/token'\n\
         client_id = 'app'\nkey = {{ dangerous_inline = '{key}' }}\n"
    )
}

fn directory_store(directory: &TempDir) -> String {
    let tokens = directory.path().join("tokens");
    let tokens = tokens.display();
    format!("[store]\ndirectory = '{tokens}'\nkey = {{ dangerous_inline = '{KEY}' }}\n")
}

fn redis_store(server: &Server) -> String {
    let url = server.url();
    format!("[store]\nurl = '{url}'\nkey = {{ dangerous_inline = '{KEY}' }}\n")
}

async fn send(config: &Config, url: &str) -> u16 {
    let transport = ReqwestTransport::new().unwrap();
    let keyring = config.keyring(transport).await.unwrap();
    let client = guarded_client(keyring).build().unwrap();
    let response = client.get(format!("{url}/v1/orders")).send().await;
    response.unwrap().status().as_u16()
}

/// How many token requests came, and what the other requests carried.
fn received(server: &ScriptedServer) -> (usize, Vec<String>) {
    let (tokens, others): (Vec<_>, Vec<_>) = server
        .requests()
        .into_iter()
        .partition(|request| request.path == "/token");
    let carried = |request: &RecordedRequest| {
        request
            .header("authorization")
            .unwrap_or_default()
            .to_owned()
    };
    (tokens.len(), others.iter().map(carried).collect())
}

/// Lets the next token request return `token`.
fn issue(server: &ScriptedServer, token: &str) {
    let token = json!({ "access_token": token, "expires_in": 3600 });
    server.push(ScriptedResponse::default().with_json(&token));
}

async fn three_processes_share_one_token(store: &str) {
    let server = ScriptedServer::start().await.unwrap();
    let url = server.url();
    issue(&server, "t-1");
    // Each configuration is another process.
    for _ in 0..3 {
        let config = parse(&format!("{store}{}", vendor(url, "key-1"))).unwrap();
        send(&config, url).await;
    }
    let (requested, carried) = received(&server);
    assert_eq!((requested, carried), (1, vec!["Bearer t-1".to_owned(); 3]));

    // A token of another key is not used.
    issue(&server, "t-2");
    let config = parse(&format!("{store}{}", vendor(url, "key-2"))).unwrap();
    send(&config, url).await;
    assert_eq!(received(&server).1.last().unwrap(), "Bearer t-2");

    // `check` verifies the key itself.
    issue(&server, "t-3");
    let config = parse(&format!("{store}{}", vendor(url, "key-1"))).unwrap();
    send(&config.without_shared_tokens(), url).await;
    assert_eq!(received(&server).1.last().unwrap(), "Bearer t-3");
}

/// Entries that differ in one field of their token request.
const DIFFERENT: [&str; 16] = [
    "scheme = 'client_credentials'\nclient_id = 'a'",
    "scheme = 'client_credentials'\nclient_id = 'b'",
    "scheme = 'client_credentials'\nclient_id = 'a'\nscope = 'read'",
    "scheme = 'client_credentials'\nclient_id = 'a'\nscope = 'write'",
    "scheme = 'client_credentials'\nclient_id = 'a'\naudience = 'x'",
    "scheme = 'client_credentials'\nclient_id = 'a'\nresource = ['https://x.example/']",
    "scheme = 'client_credentials'\nclient_id = 'a'\nparameters = { tenant = 'north' }",
    "scheme = 'client_credentials'\nclient_id = 'a'\nparameters = { tenant = 'south' }",
    "scheme = 'client_credentials'\nclient_id = 'a'\nclient_auth = 'client_secret_post'",
    "scheme = 'client_credentials'\nclient_id = 'a'\nheaders = { x-tenant = 'north' }",
    "scheme = 'client_credentials'\nclient_id = 'a'\nheaders = { x-tenant = 'south' }",
    "scheme = 'client_credentials'\nclient_id = 'a'\naccount = 'other'",
    "scheme = 'jwt_bearer'\nalgorithm = 'HS256'\njwt = { issuer = 'i', subject = 'ada', audience = 'x' }",
    "scheme = 'jwt_bearer'\nalgorithm = 'HS256'\njwt = { issuer = 'i', subject = 'bob', audience = 'x' }",
    "scheme = 'jwt_bearer'\nalgorithm = 'HS256'\njwt = { issuer = 'i', subject = 'ada', audience = 'x', claims = { a = 1 } }",
    "scheme = 'jwt_bearer'\nalgorithm = 'HS256'\njwt = { issuer = 'i', subject = 'ada', audience = 'x', claims = { a = 2 } }",
];

#[tokio::test]
async fn each_field_of_a_token_request_has_its_own_token() {
    let (server, directory) = (
        ScriptedServer::start().await.unwrap(),
        TempDir::new().unwrap(),
    );
    let (url, store) = (server.url(), directory_store(&directory));
    // The second round finds the tokens of the first one.
    for round in 0..2 {
        for (number, lines) in DIFFERENT.iter().enumerate() {
            if round == 0 {
                issue(&server, &format!("t-{number}"));
            }
            let key = "a secret of more than thirty-two bytes";
            let config = parse(&format!(
                "{store}[vendors.v]\nurl = '{url}/v1'\ntoken_url = '{url}/token'\n\
                 key = {{ dangerous_inline = '{key}' }}\n{lines}\n"
            ));
            let config = config.unwrap_or_else(|error| panic!("{lines}: {error}"));
            let transport = ReqwestTransport::new().unwrap();
            let keyring = config.keyring(transport).await.unwrap();
            let client = guarded_client(keyring).build().unwrap();
            let mut request = client.get(format!("{url}/v1/orders"));
            if lines.contains("account") {
                request = request.with_extension(multi_auth::Account::new("other"));
            }
            request.send().await.unwrap();
            let (requested, carried) = received(&server);
            assert_eq!(
                carried.last().unwrap(),
                &format!("Bearer t-{number}"),
                "{lines}"
            );
            let expected = if round == 0 {
                number + 1
            } else {
                DIFFERENT.len()
            };
            assert_eq!(requested, expected, "{lines}");
        }
    }
}

#[tokio::test]
async fn processes_share_one_token_through_a_directory() {
    let directory = TempDir::new().unwrap();
    three_processes_share_one_token(&directory_store(&directory)).await;
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn processes_share_one_token_through_redis() {
    let server = Server::start();
    three_processes_share_one_token(&redis_store(&server)).await;
}

#[tokio::test]
async fn without_a_store_each_process_requests_its_token() {
    let server = ScriptedServer::start().await.unwrap();
    let url = server.url();
    for token in ["t-1", "t-2"] {
        issue(&server, token);
        send(&parse(&vendor(url, "key-1")).unwrap(), url).await;
    }
    assert_eq!(received(&server).0, 2);
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_store_is_checked_with_its_password() {
    let server = Server::start();
    let transport = || ReqwestTransport::new().unwrap();
    let check = async |lines: &str| {
        let config = parse(&format!("{}{lines}", redis_store(&server))).unwrap();
        config.check_store(transport()).await.unwrap()
    };
    check("").await.unwrap();
    let _: () = server.run("ACL SETUSER vendors on >secret ~multi-auth:* +@all");
    check("user = 'vendors'\npassword = { dangerous_inline = 'secret' }\n")
        .await
        .unwrap();
    let wrong = check("user = 'vendors'\npassword = { dangerous_inline = 'wrong' }\n").await;
    assert!(wrong.unwrap_err().to_string().contains("refused the user"));
}

/// Two deployments may share a server, and name their vendors alike.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_refresh_token_belongs_to_its_url_its_server_and_its_client() {
    let server = Server::start();
    let entries = [
        ("https://a.example", "https://login.a.example", "app"),
        ("https://b.example", "https://login.a.example", "app"),
        ("https://a.example", "https://login.b.example", "app"),
        ("https://a.example", "https://login.a.example", "other"),
    ];
    for round in 0..2 {
        for (number, (url, login, client)) in entries.iter().enumerate() {
            let config = parse(&format!(
                "{}[vendors.v]\nurl = '{url}'\nscheme = 'refresh_token'\ntoken_url = '{login}/token'\n\
                 client_id = '{client}'\n",
                redis_store(&server)
            ));
            let transport = ReqwestTransport::new().unwrap();
            let config = config.unwrap();
            let login = config.vendors()[0].login(transport).await.unwrap().unwrap();
            let token = format!("r-{number}");
            if round == 0 {
                let tokens = StoredTokens::default().with_refresh_token(token);
                login.account().replace(&tokens).await.unwrap();
            } else {
                let tokens = login.account().tokens().await.unwrap();
                assert_eq!(tokens.refresh_token().unwrap().expose_secret(), token);
            }
        }
    }
}

#[test]
fn a_store_that_is_not_described_completely_is_an_error_with_a_remedy() {
    let key = format!("key = {{ dangerous_inline = '{KEY}' }}\n");
    let cases = [
        ("", "store.directory: is missing"),
        (
            "directory = 't'\nurl = 'redis://localhost'\n",
            "store.url: cannot be combined",
        ),
        ("url = 'redis://:secret@localhost'\n", "has a password"),
        (
            "url = 'redis://redis.example.com'\n",
            "is on another machine",
        ),
        ("url = 'http://localhost'\n", "another scheme"),
        (
            "directory = 't'\nuser = 'ada'\n",
            "store.user: has no effect without `url`",
        ),
        (
            "directory = 't'\ndangerous_plain_tcp = true\n",
            "store.dangerous_plain_tcp",
        ),
    ];
    for (lines, problem) in cases {
        let text = format!("[store]\n{lines}{key}{}", vendor("https://a.example", "k"));
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(problem), "{lines}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
    let text = format!(
        "[store]\nurl = 'redis://redis.example.com'\ndangerous_plain_tcp = true\n{key}previous_keys = [{{ env = 'OLD' }}]\nnaming_key = {{ env = 'NAMES' }}\n"
    );
    parse(&text).unwrap();
}
