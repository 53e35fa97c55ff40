//! The proxy: what it answers, logs and shows of a key and of a caller's token.

use std::io::{self, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use multi_auth_config::Config;
use multi_auth_config::proxy::{
    Caller, CallerToken, ListenAddress, ProxySettings, Rule, TokenHash,
};
use multi_auth_proxy::{
    Admin, CertificateAuthority, CertificateError, Listener, Proxy, ProxyBuilder, problem_codes,
};
use multi_auth_reqwest::ReqwestTransport;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Ledger, key, token};

/// Where the audit lines are.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn settings(ledger: &mut Ledger, caller: &CallerToken) -> ProxySettings {
    ledger.see_debug("CallerToken::generate", caller);
    let held = format!("Bearer {} {}", caller.expose(), token());
    let found = CallerToken::find_in(held.as_bytes()).map(TokenHash::of);
    ledger.see_debug("CallerToken::find_in TokenHash::of", &found);
    let address: ListenAddress = "127.0.0.1:0".parse().unwrap();
    ledger.see_debug("ListenAddress", &address);
    let wrong = token().parse::<ListenAddress>().unwrap_err();
    ledger.see_debug("ListenAddress, invalid", &wrong);
    let wrong = token().parse::<TokenHash>().unwrap_err();
    ledger.see_debug("TokenHash, invalid", &wrong);
    let rule = Rule::vendor("v");
    ledger.see_debug("Rule::vendor", &rule);
    ledger.see_debug(
        "Rule, invalid",
        &rule.clone().with_path(&token()).unwrap_err(),
    );
    ledger.see_debug(
        "Caller::new, invalid",
        &Caller::new(format!("{} ", token())).unwrap_err(),
    );
    let known = Caller::new("tests").unwrap().with_token(caller.hash());
    ledger.see_debug(
        "Caller, invalid tunnels",
        &known
            .clone()
            .with_tunnels(&format!("{}/", token()))
            .unwrap_err(),
    );
    let known = known.with_rule(rule).with_tunnels("t.example").unwrap();
    ledger.see_debug("Caller::new", &known);
    let settings = ProxySettings::default();
    ledger.see_debug(
        "ProxySettings",
        &settings.clone().with_host(&format!("{}:1", token())).err(),
    );
    ledger.see_debug("ProxyHosts", settings.hosts());
    settings.with_caller(known).with_listen(vec![address])
}

/// A proxy that reads the requests in tunnels, too.
async fn proxy(
    ledger: &mut Ledger,
    config: &Config,
    settings: &ProxySettings,
    audit: &Lines,
) -> Proxy {
    let builder = Proxy::builder(ReqwestTransport::new().unwrap());
    let builder: ProxyBuilder = builder.audit(audit.clone()).unwrap();
    let authority = CertificateAuthority::new(config.vendors()).unwrap();
    ledger.see_debug("CertificateAuthority::new", &authority);
    ledger.see("certificate_pem", authority.certificate_pem());
    let builder = builder.intercept(authority);
    ledger.see_debug("ProxyBuilder Proxy::builder", &builder);
    let proxy = builder.build(config, settings).await.unwrap();
    ledger.see_debug("Proxy", &proxy);
    let wrong = Proxy::builder(ReqwestTransport::new().unwrap());
    let wrong: CertificateError = wrong.root_certificates(key().as_bytes()).unwrap_err();
    ledger.see_error("CertificateError", &wrong);
    ledger.see(
        "problem_codes",
        problem_codes().collect::<Vec<_>>().join(" "),
    );
    proxy
}

/// The response to a request for a tunnel.
async fn connect(url: &str, target: &str, caller: &CallerToken) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let token = caller.expose();
    let request = format!(
        "CONNECT {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         proxy-authorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

pub(super) async fn look(ledger: &mut Ledger) {
    let caller = CallerToken::generate().unwrap();
    let settings = settings(ledger, &caller);
    let server = ScriptedServer::start().await.unwrap();
    let text = format!(
        "[vendors.v]\nscheme = \"header\"\nname = \"x-api-key\"\nurl = \"{}\"\n\
         key = {{ dangerous_inline = \"{}\" }}\n",
        server.url(),
        key()
    );
    let config = Config::parse(&text, "multi-auth.toml", []).unwrap();
    let audit = Lines::default();
    let proxy = proxy(ledger, &config, &settings, &audit).await;

    let listener = Listener::bind(&settings.listen()[0]).unwrap();
    ledger.see_debug("Listener::bind", &listener);
    let shared = Listener::bind_shared(&settings.listen()[0]).unwrap();
    ledger.see_debug("Listener::bind_shared", &shared);
    let url = format!("http://{}", listener.tcp_address().unwrap());
    let pages = TcpListener::bind("127.0.0.1:0").unwrap();
    let pages_url = format!("http://{}/-/", pages.local_addr().unwrap());
    let admin = Admin::new(proxy.clone(), String::new);
    ledger.see_debug("Admin::new", &admin);
    tokio::spawn(admin.serve(pages));
    let serving = proxy.clone();
    tokio::spawn(async move {
        serving
            .serve(listener, std::future::pending(), Duration::ZERO)
            .await;
    });

    // A vendor that returns all that it gets.
    server.respond_with(|request| {
        let echo = ScriptedResponse::default()
            .with_header("x-echo", &key())
            .unwrap();
        echo.with_body(format!("{request:?}"))
    });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in [
        "/v/x",
        "/v/a//b",
        &format!("/v/x?secret={}", token()),
        "/unknown",
        "/v/%2e%2e",
    ] {
        for secret in [caller.expose(), "no-token"] {
            let response = client
                .get(format!("{url}{path}"))
                .bearer_auth(secret)
                .send()
                .await;
            let response = response.unwrap();
            let headers = format!("{:?}", response.headers());
            let body = response.text().await.unwrap();
            // The vendor may return the caller's own query, and nothing else.
            let body = body.replace(&format!("secret={}", token()), "secret");
            ledger.see(
                format!("the proxy's response to {path} with {}", secret.len()),
                headers + &body,
            );
        }
    }
    for target in [format!("{}:1", caller.expose()), "t.example:x".to_owned()] {
        ledger.see(
            "the proxy's response to CONNECT",
            connect(&url, &target, &caller).await,
        );
    }
    proxy.flush_audit().await;
    let lines = String::from_utf8(audit.0.lock().unwrap().clone()).unwrap();
    assert!(
        !lines.contains(caller.expose()) && lines.lines().count() == 12,
        "{lines}"
    );
    ledger.see("the proxy's audit", lines);
    for page in ["", "status.json"] {
        let shown = client
            .get(format!("{pages_url}{page}"))
            .send()
            .await
            .unwrap();
        ledger.see(
            format!("the proxy's page {page}"),
            shown.text().await.unwrap(),
        );
    }
    for request in server.requests() {
        assert!(
            !format!("{request:?}").contains(caller.expose()),
            "{request:?}"
        );
    }
}
