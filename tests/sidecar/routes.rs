//! Which vendor a request is for.

use multi_auth_config::proxy::ProxySettings;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use crate::rig::{Rig, code, vendor};

#[tokio::test]
async fn a_path_continues_the_url_of_the_vendor() {
    let server = ScriptedServer::start().await.unwrap();
    for (base, asked, expected) in [
        ("", "/v", "/"),
        ("", "/v/", "/"),
        ("", "/v/a/b", "/a/b"),
        ("", "/v/a%20b?x=1&y=%2F", "/a%20b?x=1&y=%2F"),
        ("/api/v2", "/v", "/api/v2"),
        ("/api/v2", "/v/", "/api/v2/"),
        ("/api/v2/", "/v/users?q=a/../b", "/api/v2/users?q=a/../b"),
    ] {
        server.clear_requests();
        let rig = Rig::of(&vendor(&format!("{}{base}", server.url()))).await;
        assert_eq!(
            rig.get(asked).send().await.unwrap().status(),
            200,
            "{asked}"
        );
        let request = &server.requests()[0];
        let query = request
            .query
            .as_ref()
            .map_or(String::new(), |query| format!("?{query}"));
        assert_eq!(
            format!("{}{query}", request.path),
            expected,
            "{base} {asked}"
        );
        let host = server.url().strip_prefix("http://");
        assert_eq!(request.header("host"), host);
    }
}

#[tokio::test]
async fn a_host_names_the_vendor_too() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    for host in ["v.localhost", "V.LOCALHOST:8780"] {
        let request = rig.get("/a/b").header("host", host);
        assert_eq!(request.send().await.unwrap().status(), 200);
        assert_eq!(server.requests().last().unwrap().path, "/a/b");
    }
}

#[tokio::test]
async fn a_client_with_this_proxy_uses_the_urls_of_the_vendor() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::of(&vendor(&format!("{}/api", server.url()))).await;
    let with_user = rig
        .url
        .replace("http://", &format!("http://caller:{}@", rig.token));
    let proxy = reqwest::Proxy::http(with_user).unwrap();
    let client = reqwest::Client::builder().proxy(proxy).build().unwrap();
    let url = format!("{}/api/users?page=2", server.url());
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    let request = &server.requests()[0];
    assert_eq!(
        (&*request.path, request.query.as_deref()),
        ("/api/users", Some("page=2"))
    );
    assert_eq!(request.header("proxy-authorization"), None);
    let proxy = reqwest::Proxy::http(&rig.url).unwrap();
    let without = reqwest::Client::builder().proxy(proxy).build().unwrap();
    let response = without.get(&url).send().await.unwrap();
    assert!(response.headers().contains_key("proxy-authenticate"));
    assert_eq!(code(response).await, "no-proxy-credential");
    // A URL of the vendor in a response keeps the caller at the proxy.
    let links = format!("<{}/api/users?page=3>; rel=\"next\"", server.url());
    server.push(
        ScriptedResponse::default()
            .with_header("link", &links)
            .unwrap(),
    );
    let response = client.get(&url).send().await.unwrap();
    assert_eq!(
        response.headers()["link"],
        links,
        "the vendor's URL has http here"
    );
    server.clear_requests();
    // The vendor's URL has a path, and this is beside it.
    let beside = client
        .get(format!("{}/apis", server.url()))
        .send()
        .await
        .unwrap();
    assert_eq!(code(beside).await, "unknown-vendor");
    let other = client.get("http://other.example/").send().await.unwrap();
    assert_eq!(code(other).await, "unknown-url");
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn an_unknown_vendor_and_an_unknown_host_are_refused() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    for path in ["/", "/w/x", "/V/x", "/v%2Fx", "/-/healthz"] {
        let response = rig.get(path).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(code(response).await, "unknown-vendor");
    }
    for host in [
        "attacker.example",
        "attacker.example:80",
        "localhost.attacker.example",
    ] {
        let response = rig.get("/v/x").header("host", host).send().await.unwrap();
        assert_eq!(response.status(), 421, "{host}");
        assert_eq!(code(response).await, "unknown-host");
    }
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn a_host_of_the_settings_is_known() {
    let server = ScriptedServer::start().await.unwrap();
    let name = |settings: ProxySettings| settings.with_host("Proxy.internal").unwrap();
    let rig = Rig::with(&vendor(server.url()), name, None).await;
    for host in [
        "proxy.internal",
        "PROXY.internal:80",
        "localhost",
        "10.0.0.1:8780",
        "[::1]",
    ] {
        let response = rig.get("/v/x").header("host", host).send().await.unwrap();
        assert_eq!(response.status(), 200, "{host}");
    }
}
