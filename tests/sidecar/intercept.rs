//! Tunnels to vendors whose requests the proxy reads: a client uses the vendor's own URL with
//! `https`, and has no key.

use http::Version;
use multi_auth_config::proxy::{Caller, CallerToken, ProxySettings, Rule, TokenHash};
use multi_auth_proxy::CertificateAuthority;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use crate::rig::{KEY, Rig, code, config, vendor};
use crate::tunnels::connect;

/// A server with TLS, a proxy that reads the requests to it, and the certificate of its authority.
async fn start() -> (ScriptedServer, Rig, String) {
    let server = ScriptedServer::builder().https().start().await.unwrap();
    let text = vendor(&format!("{}/api", server.url()));
    let authority = CertificateAuthority::new(config(&text).vendors()).unwrap();
    let pem = authority.certificate_pem().to_owned();
    let trusted = server.certificate_pem().unwrap().to_owned();
    let rig = Rig::build(
        &text,
        |settings| settings,
        |builder| {
            let builder = builder.root_certificates(trusted.as_bytes()).unwrap();
            builder.intercept(authority)
        },
    );
    (server, rig.await, pem)
}

/// A client that uses the proxy for all URLs, and trusts `pem` only.
fn client(rig: &Rig, pem: &str) -> reqwest::ClientBuilder {
    let proxy = reqwest::Proxy::all(&rig.url).unwrap();
    let root = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
    reqwest::Client::builder()
        .proxy(proxy.basic_auth("any", &rig.token))
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([root])
}

#[tokio::test]
async fn a_client_sends_requests_to_the_url_of_the_vendor_without_a_key() {
    let (server, rig, pem) = start().await;
    let location = format!("{}/api/next?x=1", server.url());
    server.push(ScriptedResponse::redirect(http::StatusCode::FOUND, &location).unwrap());
    let client = client(&rig, &pem).build().unwrap();
    let url = format!("{}/api/x?q=1", server.url());
    let response = client
        .get(&url)
        .header("x-api-key", "dummy")
        .send()
        .await
        .unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    assert_eq!(response.headers()["location"], location);
    let response = client
        .post(&url)
        .bearer_auth(&rig.token)
        .body("text")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let requests = server.requests();
    for request in &requests {
        assert_eq!(request.path, "/api/x");
        assert_eq!(request.header_values("x-api-key"), [KEY]);
        assert!(!format!("{request:?}").contains("mauth_"), "{request:?}");
        assert!(request.header_values("proxy-authorization").is_empty());
    }
    assert_eq!(requests[1].body, b"text"[..]);
    let lines = rig.audit(3).await;
    assert_eq!(
        (&lines[0]["method"], &lines[0]["complete"]),
        (&"CONNECT".into(), &true.into())
    );
    assert_eq!(
        (&lines[1]["vendor"], &lines[1]["path"]),
        (&"v".into(), &"/x".into())
    );
    assert_eq!(lines[2]["caller"], "tests");
}

#[tokio::test]
async fn http1_works_in_a_tunnel_too() {
    let (server, rig, pem) = start().await;
    let client = client(&rig, &pem).http1_only().build().unwrap();
    for _ in 0..2 {
        let response = client
            .get(format!("{}/api", server.url()))
            .send()
            .await
            .unwrap();
        assert_eq!(
            (response.version(), response.status().as_u16()),
            (Version::HTTP_11, 200)
        );
    }
    assert_eq!(server.requests()[1].header_values("x-api-key"), [KEY]);
    // One tunnel for both requests.
    assert_eq!(rig.audit(3).await.len(), 3);
}

#[tokio::test]
async fn a_request_in_a_tunnel_obeys_the_rules() {
    let (server, rig, pem) = start().await;
    let builder = || client(&rig, &pem);
    let client = builder().build().unwrap();
    for (path, expected) in [
        ("/other", "unknown-url"),
        ("/apix", "unknown-url"),
        ("/v/api/x", "unknown-url"),
        ("/api/..%2fx", "ambiguous-path"),
        (
            "/api/mauth_0123456789012345678901234567890123456789012",
            "unknown-caller",
        ),
    ] {
        let response = client.get(format!("{}{path}", server.url())).send().await;
        assert_eq!(code(response.unwrap()).await, expected, "{path}");
    }
    let http1 = builder().http1_only().build().unwrap();
    let other = http1
        .get(format!("{}/api/x", server.url()))
        .header("host", "other.example");
    assert_eq!(code(other.send().await.unwrap()).await, "unknown-host");
    let unknown = client.get(format!("{}/api/x", server.url()));
    let unknown = unknown.bearer_auth("mauth_0123456789012345678901234567890123456789012");
    assert_eq!(code(unknown.send().await.unwrap()).await, "unknown-caller");
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn a_caller_without_a_rule_for_the_vendor_gets_no_tunnel() {
    let (server, rig, pem) = start().await;
    let caller = Caller::new("tests").unwrap();
    let caller = caller.with_token(TokenHash::of(&rig.token));
    let settings = ProxySettings::default().with_caller(caller);
    let text = vendor(&format!("{}/api", server.url()));
    rig.proxy.reload(&config(&text), &settings).await.unwrap();
    let client = client(&rig, &pem).build().unwrap();
    client
        .get(format!("{}/api", server.url()))
        .send()
        .await
        .unwrap_err();
    let line = &rig.audit(1).await[0];
    assert_eq!(line["problem"], "tunnel-not-allowed");
}

#[tokio::test]
async fn a_caller_that_is_removed_can_send_nothing_more_in_its_tunnel() {
    let (server, rig, pem) = start().await;
    let client = client(&rig, &pem).build().unwrap();
    let url = format!("{}/api/x", server.url());
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    let text = vendor(&format!("{}/api", server.url()));
    rig.proxy
        .reload(&config(&text), &ProxySettings::default())
        .await
        .unwrap();
    assert_eq!(
        code(client.get(&url).send().await.unwrap()).await,
        "unknown-caller"
    );
    assert_eq!(server.request_count(), 1);
}

#[tokio::test]
async fn a_request_in_a_tunnel_has_the_rights_of_the_token_that_opened_it() {
    let (server, rig, pem) = start().await;
    let client = client(&rig, &pem).build().unwrap();
    let url = format!("{}/api/x", server.url());
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    // The caller gets another token.
    let caller = Caller::new("tests").unwrap().with_rule(Rule::vendor("v"));
    let caller = caller.with_token(CallerToken::generate().unwrap().hash());
    let settings = ProxySettings::default().with_caller(caller);
    let text = vendor(&format!("{}/api", server.url()));
    rig.proxy.reload(&config(&text), &settings).await.unwrap();
    assert_eq!(
        code(client.get(&url).send().await.unwrap()).await,
        "unknown-caller"
    );
    assert_eq!(server.request_count(), 1);
}

/// A proxy with `authority` for the vendors of `text`, whose caller may open all tunnels.
async fn with_all_tunnels(
    text: &str,
    authority: CertificateAuthority,
    trusted: Option<&str>,
) -> Rig {
    let every = |settings: ProxySettings| {
        let caller = settings.callers()[0].clone().with_tunnels("*:*").unwrap();
        let settings = settings.without_callers().with_caller(caller);
        settings.with_private_host("127.0.0.1").unwrap()
    };
    Rig::build(text, every, |builder| {
        let builder = builder.intercept(authority);
        match trusted {
            Some(pem) => builder.root_certificates(pem.as_bytes()).unwrap(),
            None => builder,
        }
    })
    .await
}

#[tokio::test]
async fn a_tunnel_to_a_vendor_is_read_or_refused_but_never_untouched() {
    let named = "[vendors.n]\nscheme = 'token_endpoint'\n\
        key = { dangerous_inline = 'k' }\nbase_url = { json = '/url', domains = ['https://d.example'] }\n\
        [vendors.n.token_endpoint]\nurl = 'https://login.n.example/token'\nformat = 'json'\nkey_field = 'key'\n";
    let text = format!("{}{named}", vendor("https://v.example/api"));
    let authority = CertificateAuthority::new(config(&text).vendors()).unwrap();
    let rig = with_all_tunnels(&text, authority, None).await;
    let fields = format!("proxy-authorization: Bearer {}\r\n", rig.token);
    for target in [
        "v.example.:443",
        "d.example:443",
        "a.d.example:443",
        "A.b.D.example.:443",
    ] {
        let (_, head) = connect(&rig, target, &fields).await;
        assert!(head.contains("tunnel-not-allowed"), "{target}: {head}");
    }
    // A vendor that a reload adds has no certificate.
    let added = text.replace("v.example", "w.example");
    rig.proxy
        .reload(&config(&added), &rig.settings)
        .await
        .unwrap();
    let (_, head) = connect(&rig, "w.example:443", &fields).await;
    assert!(head.contains("tunnel-not-allowed"), "{head}");
}

#[tokio::test]
async fn accounts_at_one_url_are_told_apart_by_the_url_of_the_proxy_only() {
    let server = ScriptedServer::builder().https().start().await.unwrap();
    let account = |name: &str| {
        let text = vendor(server.url()).replace("vendors.v", &format!("vendors.{name}"));
        format!("{text}account = \"{name}\"\n")
    };
    let text = format!("{}{}", account("one"), account("two"));
    let authority = CertificateAuthority::new(config(&text).vendors()).unwrap();
    let pem = authority.certificate_pem().to_owned();
    let rig = with_all_tunnels(&text, authority, server.certificate_pem()).await;
    let client = client(&rig, &pem).build().unwrap();
    for url in [
        server.url().to_owned(),
        server.url().replace("https", "http"),
    ] {
        let request = client.get(url).header("x-own", &rig.token);
        assert_eq!(code(request.send().await.unwrap()).await, "unknown-vendor");
    }
    assert_eq!(server.request_count(), 0);
    assert_eq!(rig.get("/one/x").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_tunnel_counts_against_the_limits_of_its_caller() {
    let server = ScriptedServer::builder().https().start().await.unwrap();
    let text = vendor(server.url());
    let authority = CertificateAuthority::new(config(&text).vendors()).unwrap();
    let one = std::num::NonZeroU32::MIN;
    let limited = |settings: ProxySettings| {
        let caller = settings.callers()[0].clone().with_requests_per_second(one);
        settings.without_callers().with_caller(caller)
    };
    let rig = Rig::build(&text, limited, |builder| builder.intercept(authority)).await;
    let fields = format!("proxy-authorization: Bearer {}\r\n", rig.token);
    let target = server.url().strip_prefix("https://").unwrap();
    let (_first, head) = connect(&rig, target, &fields).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let (_, head) = connect(&rig, target, &fields).await;
    assert!(head.starts_with("http/1.1 429"), "{head}");
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_authority_sends_nothing() {
    let (server, rig, _) = start().await;
    let pem = server.certificate_pem().unwrap();
    let client = client(&rig, pem).build().unwrap();
    client
        .get(format!("{}/api", server.url()))
        .send()
        .await
        .unwrap_err();
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn a_request_in_a_tunnel_ends_before_the_proxy() {
    let (server, mut rig, pem) = start().await;
    let gate = server.hold("/api");
    let client = client(&rig, &pem).build().unwrap();
    let request = tokio::spawn(client.get(format!("{}/api", server.url())).send());
    gate.arrived(1).await;
    rig.stop();
    drop(gate);
    assert_eq!(request.await.unwrap().unwrap().status(), 200);
    rig.served.await.unwrap();
}
