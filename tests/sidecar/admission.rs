//! Who may send what.

use http::Method;
use multi_auth_config::proxy::{Caller, CallerToken, ProxySettings, Rule};
use multi_auth_testing::ScriptedServer;

use crate::rig::{Rig, client, code, vendor};

#[tokio::test]
async fn a_request_without_a_known_token_is_refused() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let other = CallerToken::generate().unwrap();
    let short = &rig.token[..rig.token.len() - 1];
    let wrong = [
        other.expose(),
        short,
        "",
        "mauth_",
        &rig.token.to_uppercase(),
    ]
    .map(str::to_owned);
    for token in wrong {
        let request = rig.anonymous(Method::GET, "/v/x").bearer_auth(&token);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401, "{token}");
        assert!(response.headers().contains_key("www-authenticate"));
        assert_eq!(code(response).await, "unknown-caller");
    }
    let two = rig.get("/v/x").header("x-api-key", other.expose());
    assert_eq!(two.send().await.unwrap().status(), 401);
    let in_path = rig.get(&format!("/v/{}/x", rig.token));
    assert_eq!(in_path.send().await.unwrap().status(), 401);
    assert_eq!(server.request_count(), 0);
    rig.audit(7).await;
    assert!(!rig.audit_text().contains("mauth_"));
}

#[tokio::test]
async fn a_rule_allows_its_vendor_methods_and_paths_alone() {
    let server = ScriptedServer::start().await.unwrap();
    let text = format!(
        "{}\n{}",
        vendor(server.url()),
        vendor(&format!("{}/other", server.url())).replace("vendors.v", "vendors.w")
    );
    let token = CallerToken::generate().unwrap();
    let hash = token.hash();
    let limited = |settings: ProxySettings| {
        let users = Rule::vendor("v")
            .with_method(Method::GET)
            .with_path("/users")
            .unwrap();
        let posts = Rule::vendor("v")
            .with_method(Method::POST)
            .with_path("/posts/")
            .unwrap();
        let caller = Caller::new("limited").unwrap().with_token(hash);
        settings.with_caller(caller.with_rule(users).with_rule(posts))
    };
    let rig = Rig::with(&text, limited, None).await;
    let send = async |method: &Method, path: &str| {
        let request = rig
            .anonymous(method.clone(), path)
            .bearer_auth(token.expose());
        request.send().await.unwrap().status().as_u16()
    };
    let (get, post) = (Method::GET, Method::POST);
    for (method, path, expected) in [
        (&get, "/v/users", 200),
        (&get, "/v/users/", 200),
        (&get, "/v/users/7?all=1", 200),
        (&post, "/v/posts/1", 200),
        (&post, "/v/users", 403),
        (&get, "/v/posts", 403),
        (&get, "/v/users2", 403),
        (&get, "/v/Users", 403),
        (&get, "/v", 403),
        (&get, "/v/", 403),
        (&get, "/w/users", 403),
        (&get, "/v/users%2F..%2Fadmin", 400),
        (&get, "/v/users/..;/admin", 400),
        (&get, "/v/users//admin", 400),
        (&get, "/v/%75sers", 403),
    ] {
        assert_eq!(send(method, path).await, expected, "{method} {path}");
    }
    let accepted = server.requests();
    assert_eq!(accepted.len(), 4);
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_at_a_unix_socket_is_known_by_its_user() {
    use std::time::Duration;

    use multi_auth_config::proxy::ListenAddress;
    use multi_auth_proxy::Listener;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixStream;

    let server = ScriptedServer::start().await.unwrap();
    let own = rustix::process::getuid().as_raw();
    for (uid, expected) in [(own, "HTTP/1.1 200"), (own + 1, "HTTP/1.1 401")] {
        let known = |settings: ProxySettings| {
            let caller = Caller::new("user").unwrap().with_uid(uid);
            settings.with_caller(caller.with_rule(Rule::vendor("v")))
        };
        let rig = Rig::with(&vendor(server.url()), known, None).await;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("proxy.sock");
        let address = ListenAddress::Unix(path.clone());
        // A socket that an ended process left is replaced.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let listener = Listener::bind(&address).unwrap();
        assert!(Listener::bind(&address).is_err(), "it is in use");
        let proxy = rig.proxy.clone();
        let task = tokio::spawn(async move {
            proxy
                .serve(listener, std::future::pending(), Duration::ZERO)
                .await;
        });
        let mut stream = UnixStream::connect(&path).await.unwrap();
        let request = b"GET /v/x HTTP/1.1\r\nhost: any.example\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        assert!(response.starts_with(expected), "{response}");
        task.abort();
        // Over TCP, the user is not known.
        let over_tcp = client()
            .get(format!("{}/v/x", rig.url))
            .send()
            .await
            .unwrap();
        assert_eq!(code(over_tcp).await, "unknown-caller");
    }
    assert_eq!(server.request_count(), 1);
}

#[tokio::test]
async fn each_request_has_one_audit_line_without_query_and_secret() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let response = rig.get("/v/users?secret=s-1").send().await.unwrap();
    response.bytes().await.unwrap();
    rig.anonymous(Method::DELETE, "/v/users/7?token=t-2")
        .send()
        .await
        .unwrap();
    rig.get("/nothing").send().await.unwrap();
    let lines = rig.audit(3).await;
    let field = |at: usize, name: &str| lines[at][name].clone();
    assert_eq!(lines.len(), 3);
    assert_eq!(field(0, "caller"), "tests");
    assert_eq!(field(0, "vendor"), "v");
    assert_eq!(field(0, "path"), "/users");
    assert_eq!(field(0, "status"), 200);
    assert_eq!(field(0, "complete"), true);
    assert_eq!(
        (field(1, "status"), field(1, "problem")),
        (401.into(), "unknown-caller".into())
    );
    assert_eq!(
        (field(1, "method"), field(1, "caller")),
        ("DELETE".into(), serde_json::Value::Null)
    );
    assert_eq!(field(2, "problem"), "unknown-vendor");
    let text = rig.audit_text();
    assert!(
        ["s-1", "t-2", "mauth_", "?"]
            .iter()
            .all(|part| !text.contains(part)),
        "{text}"
    );
}
