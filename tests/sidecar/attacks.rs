//! What a hostile caller tries.

use std::time::Duration;

use http::Method;
use multi_auth_config::proxy::{Caller, ProxySettings, Rule};
use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::{KEY, Rig, code, config, vendor};

#[tokio::test]
async fn a_change_of_the_protocol_hides_no_request_in_its_body() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    let hidden = "DELETE /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    let request = format!(
        "GET /v/x HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\nconnection: upgrade, close\r\n\
         upgrade: websocket\r\ncontent-length: {}\r\n\r\n{hidden}",
        rig.token,
        hidden.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 400"), "{response}");
    assert_eq!(server.request_count(), 0);
    // Clients of Java offer HTTP/2 with each request, and may have a body.
    let request = rig.request(Method::POST, "/v/h2c").body("text");
    let request = request
        .header("connection", "upgrade, http2-settings")
        .header("upgrade", "h2c");
    let request = request.header("http2-settings", "AAMAAABkAAQCAAAAAAIAAAAA");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let passed = server.requests().pop().unwrap();
    assert_eq!(
        (passed.text().as_ref(), passed.header("upgrade")),
        ("text", None)
    );
    server.clear_requests();
    // Without a body, the vendor gets no length.
    let request = rig
        .get("/v/x")
        .header("connection", "upgrade")
        .header("upgrade", "websocket");
    assert_eq!(
        request
            .header("content-length", "0")
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    assert_eq!(server.requests()[0].header("content-length"), None);
}

#[tokio::test]
async fn a_rule_for_a_vendor_does_not_reach_a_vendor_below_its_url() {
    let server = ScriptedServer::start().await.unwrap();
    let admin = vendor(&format!("{}/admin", server.url())).replace("vendors.v", "vendors.admin");
    let rig = Rig::of(&format!(
        "{}{}",
        vendor(server.url()),
        admin.replace(KEY, "admin-key-123")
    ))
    .await;
    let response = rig.get("/v/admin/users").send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), code(response).await.as_str()),
        (403, "not-allowed")
    );
    assert_eq!(server.request_count(), 0);
    for (path, key) in [
        ("/v/users", KEY),
        ("/v/administrators", KEY),
        ("/admin/users", "admin-key-123"),
    ] {
        assert_eq!(rig.get(path).send().await.unwrap().status(), 200, "{path}");
        assert_eq!(
            server.requests().last().unwrap().header_values("x-api-key"),
            [key]
        );
    }
}

#[tokio::test]
async fn a_target_without_a_slash_is_refused() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::of(&vendor(&format!("{}/q", server.url()))).await;
    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    let request = format!(
        "GET * HTTP/1.1\r\nhost: v.localhost\r\nauthorization: {}\r\nconnection: close\r\n\r\n",
        rig.token
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 400"), "{response}");
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn no_field_stands_for_another_method_path_or_constant() {
    let server = ScriptedServer::start().await.unwrap();
    let text = format!(
        "{}headers = {{ x-tenant = \"north\", user-agent = \"acme/1\" }}\n",
        vendor(server.url())
    );
    let rig = Rig::of(&text).await;
    let request = rig
        .get("/v/x")
        .header("x-http-method-override", "DELETE")
        .header("x-original-url", "/admin")
        .header("x-tenant", "south")
        .header("user-agent", "sdk/2")
        .header("accept-encoding", "gzip");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let request = &server.requests()[0];
    assert_eq!(request.header("x-http-method-override"), None);
    assert_eq!(request.header("x-original-url"), None);
    assert_eq!(request.header_values("x-tenant"), ["north"]);
    assert_eq!(request.header_values("user-agent"), ["sdk/2"]);
    assert_eq!(request.header_values("accept-encoding"), ["identity"]);
}

#[tokio::test]
async fn a_session_of_the_vendor_does_not_reach_the_caller() {
    let server = ScriptedServer::start().await.unwrap();
    let response = ScriptedResponse::default()
        .with_header("set-cookie", "JSESSIONID=1")
        .unwrap();
    server.push(response);
    let rig = Rig::to(&server).await;
    let response = rig.get("/v/x").send().await.unwrap();
    assert!(!response.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn a_key_of_the_query_is_replaced_in_each_form() {
    let server = ScriptedServer::start().await.unwrap();
    let key = "abc+def/ghi==";
    let text = format!(
        "[vendors.v]\nscheme = \"query\"\nurl = \"{}\"\nname = \"key\"\n\
         key = {{ dangerous_inline = \"{key}\" }}\n",
        server.url()
    );
    server.respond_with(move |request| {
        let body = format!("{} {key}", request.query.clone().unwrap());
        ScriptedResponse::default().with_body(body)
    });
    let rig = Rig::of(&text).await;
    let body = rig.get("/v/x").send().await.unwrap().text().await.unwrap();
    assert!(
        !body.contains("abc") && body.starts_with("key=***"),
        "{body}"
    );
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed() {
    let server = ScriptedServer::start().await.unwrap();
    let soon = |settings: ProxySettings| settings.with_idle_timeout(Duration::from_millis(400));
    let rig = Rig::with(&vendor(server.url()), soon, None).await;
    // Nothing, the beginning of HTTP/2, all of it, and the beginning of a request.
    let begun: [&[u8]; 4] = [
        b"",
        b"P",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        b"GET /v/x HTTP/1.1\r\nhost:",
    ];
    for begun in begun {
        let mut stream = TcpStream::connect(rig.address()).await.unwrap();
        stream.write_all(begun).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    // A request that takes longer than that is not idle.
    let gate = server.hold("/held");
    let held = tokio::spawn(rig.get("/v/held").send());
    gate.arrived(1).await;
    let mut idle = TcpStream::connect(rig.address()).await.unwrap();
    let _ = idle.read_to_end(&mut Vec::new()).await;
    gate.release();
    assert_eq!(held.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn a_websocket_ends_when_its_caller_may_not_use_it_any_more() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let rig = Rig::of(&vendor(&url)).await;
    let request = rig
        .get("/v/socket")
        .header("connection", "upgrade")
        .header("upgrade", "websocket");
    let accept = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await.unwrap();
        let accepted = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
        stream.write_all(accepted).await.unwrap();
        stream
    };
    let (response, mut vendor_side) = tokio::join!(request.send(), accept);
    let mut caller_side = response.unwrap().upgrade().await.unwrap();
    caller_side.write_all(b"hi").await.unwrap();
    let mut bytes = [0; 2];
    vendor_side.read_exact(&mut bytes).await.unwrap();
    // The same caller may now send POST only.
    let own = &rig.settings.callers()[0];
    let limited = Caller::new(own.name())
        .unwrap()
        .with_token(own.tokens()[0].clone());
    let limited = limited.with_rule(Rule::vendor("v").with_method(Method::POST));
    let settings = ProxySettings::default().with_caller(limited);
    rig.proxy
        .reload(&config(&vendor(&url)), &settings)
        .await
        .unwrap();
    assert!(matches!(vendor_side.read(&mut bytes).await, Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_reload_does_not_reset_the_limits_of_a_caller() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let own = &rig.settings.callers()[0];
    let one = std::num::NonZeroU32::MIN;
    let limited = own.clone().with_concurrent_requests(one);
    let settings = ProxySettings::default().with_caller(limited);
    rig.proxy
        .reload(&config(&vendor(server.url())), &settings)
        .await
        .unwrap();
    let gate = server.hold("/held");
    let held = tokio::spawn(rig.get("/v/held").send());
    gate.arrived(1).await;
    rig.proxy
        .reload(&config(&vendor(server.url())), &settings)
        .await
        .unwrap();
    assert_eq!(
        code(rig.get("/v/x").send().await.unwrap()).await,
        "concurrency-limit"
    );
    gate.release();
    assert_eq!(held.await.unwrap().unwrap().status(), 200);
    assert_eq!(rig.get("/v/x").send().await.unwrap().status(), 200);
}
