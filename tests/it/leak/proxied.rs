//! The matrix through the proxy: a client without a key follows each redirect.

use std::time::Duration;

use http::HeaderMap;
use multi_auth_config::Config;
use multi_auth_config::proxy::{Caller, CallerToken, ListenAddress, ProxySettings, Rule};
use multi_auth_proxy::{Listener, Proxy};
use multi_auth_reqwest::ReqwestTransport;

use super::client::{Position, reqwest};
use super::placement::Placed;
use super::stage::Stage;
use super::target::Home;
use super::{Count, STATUSES, cross_with};
use crate::adapter::Client;

/// What a configuration can place, and its fields there.
const PLACED: [(Placed, &str); 4] = [
    (Placed::Authorization, "scheme = 'bearer'"),
    (
        Placed::OwnHeader,
        "scheme = 'header'\nname = 'x-vendor-token'",
    ),
    (Placed::Query, "scheme = 'query'\nname = 'api_key'"),
    (Placed::Cookie, "scheme = 'cookie'\nname = 'session'"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_credential_leaves_its_origin_through_the_proxy() {
    let mut count = Count::default();
    // Names of the matrix are known to its clients only.
    for home in [Home::Ipv4, Home::Ipv6] {
        let stage = Stage::start(home).await;
        for (placed, fields) in PLACED {
            let token = CallerToken::generate().unwrap();
            let base = serve(&stage, fields, &token).await;
            let client = Client::Reqwest(client(&token));
            let position = Position::Proxied;
            cross_with(
                &stage, &base, &client, placed, position, &STATUSES, &mut count,
            )
            .await;
        }
    }
    count.print();
    assert_eq!(count.leaks, [""; 0]);
    assert_eq!(count.missing, [""; 0]);
    assert!(count.combinations >= 2000, "{}", count.combinations);
    assert!(count.elsewhere > 1000, "{}", count.elsewhere);
}

/// Serves a proxy for the home of `stage`, and returns the vendor's URL there.
async fn serve(stage: &Stage, fields: &str, token: &CallerToken) -> String {
    let (home, key) = (stage.home(), Placed::canary().as_str());
    let text =
        format!("[vendors.v]\nurl = '{home}'\n{fields}\nkey = {{ dangerous_inline = '{key}' }}\n");
    let config = Config::parse(&text, "multi-auth.toml", []).unwrap();
    let caller = Caller::new("tests").unwrap().with_token(token.hash());
    let settings = ProxySettings::default().with_caller(caller.with_rule(Rule::vendor("v")));
    let mut builder = Proxy::builder(ReqwestTransport::new().unwrap());
    for pem in stage.certificates() {
        builder = builder.root_certificates(pem.as_bytes()).unwrap();
    }
    let proxy = builder.build(&config, &settings).await.unwrap();
    let listener = Listener::bind(&ListenAddress::Tcp(([127, 0, 0, 1], 0).into())).unwrap();
    let url = format!("http://{}/v", listener.tcp_address().unwrap());
    tokio::spawn(async move {
        let never = std::future::pending();
        proxy.serve(listener, never, Duration::ZERO).await;
    });
    url
}

/// A client that follows redirects, and sends the caller's token with each request.
fn client(token: &CallerToken) -> reqwest_middleware::ClientWithMiddleware {
    let mut headers = HeaderMap::new();
    headers.insert("x-caller", token.expose().parse().unwrap());
    let client = reqwest().default_headers(headers).build().unwrap();
    reqwest_middleware::ClientBuilder::new(client).build()
}
