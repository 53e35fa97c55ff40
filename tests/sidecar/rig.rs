//! A proxy on loopback, with one caller that may send any request.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use multi_auth_config::Config;
use multi_auth_config::proxy::{Caller, CallerToken, ListenAddress, ProxySettings, Rule};
use multi_auth_proxy::{Listener, Proxy, ProxyBuilder};
use multi_auth_reqwest::ReqwestTransport;
use multi_auth_testing::ScriptedServer;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A key that reaches the vendor alone.
pub(crate) const KEY: &str = "key-of-the-vendor-123";

pub(crate) struct Rig {
    pub(crate) proxy: Proxy,
    pub(crate) settings: ProxySettings,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    pub(crate) token: String,
    audit: Lines,
    stop: Option<oneshot::Sender<()>>,
    pub(crate) served: JoinHandle<()>,
}

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

/// The configuration in `text`.
pub(crate) fn config(text: &str) -> Config {
    Config::parse(text, "multi-auth.toml", []).unwrap()
}

/// A vendor `v` at `url`, whose key goes into the field `x-api-key`.
pub(crate) fn vendor(url: &str) -> String {
    format!(
        "[vendors.v]\nscheme = \"header\"\nurl = \"{url}\"\nname = \"x-api-key\"\n\
         key = {{ dangerous_inline = \"{KEY}\" }}\n"
    )
}

impl Rig {
    /// A proxy for the vendor `v` at a server.
    pub(crate) async fn to(server: &ScriptedServer) -> Self {
        Self::of(&vendor(server.url())).await
    }

    /// A proxy for the vendors of `text`. The caller may request all of them.
    pub(crate) async fn of(text: &str) -> Self {
        Self::with(text, |settings| settings, None).await
    }

    pub(crate) async fn with(
        text: &str,
        change: impl FnOnce(ProxySettings) -> ProxySettings,
        certificate: Option<&str>,
    ) -> Self {
        Self::build(text, change, |builder| match certificate {
            Some(pem) => builder.root_certificates(pem.as_bytes()).unwrap(),
            None => builder,
        })
        .await
    }

    pub(crate) async fn build(
        text: &str,
        change: impl FnOnce(ProxySettings) -> ProxySettings,
        extend: impl FnOnce(ProxyBuilder) -> ProxyBuilder,
    ) -> Self {
        let config = config(text);
        let token = CallerToken::generate().unwrap();
        let mut caller = Caller::new("tests").unwrap().with_token(token.hash());
        for vendor in config.vendors() {
            caller = caller.with_rule(Rule::vendor(vendor.name()));
        }
        let settings = change(ProxySettings::default().with_caller(caller));
        let (audit, transport) = (Lines::default(), ReqwestTransport::new().unwrap());
        let builder = extend(Proxy::builder(transport).audit(audit.clone()).unwrap());
        let proxy = builder.build(&config, &settings).await.unwrap();
        let (url, stop, served) = serve(&proxy, Duration::from_secs(5));
        Self {
            proxy,
            settings,
            url,
            token: token.expose().to_owned(),
            audit,
            stop: Some(stop),
            served,
        }
    }

    /// The same proxy at another port, which waits for so long after the stop.
    pub(crate) async fn draining_for(mut self, drain: Duration) -> Self {
        self.stop();
        self.served.await.unwrap();
        let (url, stop, served) = serve(&self.proxy, drain);
        Self {
            url,
            stop: Some(stop),
            served,
            ..self
        }
    }

    /// The port of the proxy.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// A request for `path` of the proxy, with the caller's token.
    pub(crate) fn request(&self, method: http::Method, path: &str) -> reqwest::RequestBuilder {
        self.anonymous(method, path).bearer_auth(&self.token)
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.request(http::Method::GET, path)
    }

    /// A request for `path` of the proxy, without the caller's token.
    pub(crate) fn anonymous(&self, method: http::Method, path: &str) -> reqwest::RequestBuilder {
        client().request(method, format!("{}{path}", self.url))
    }

    pub(crate) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// The audit lines, once there are `count`.
    pub(crate) async fn audit(&self, count: usize) -> Vec<Value> {
        loop {
            let text = self.audit_text();
            let lines: Vec<Value> = text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            if lines.len() >= count {
                return lines;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn audit_text(&self) -> String {
        String::from_utf8(self.audit.0.lock().unwrap().clone()).unwrap()
    }
}

/// Serves `proxy` at a free port.
pub(crate) fn serve(
    proxy: &Proxy,
    drain: Duration,
) -> (String, oneshot::Sender<()>, JoinHandle<()>) {
    let address = ListenAddress::Tcp(([127, 0, 0, 1], 0).into());
    let listener = Listener::bind(&address).unwrap();
    let url = format!("http://{}", listener.tcp_address().unwrap());
    let (stop, stopped) = oneshot::channel();
    let proxy = proxy.clone();
    let served = tokio::spawn(async move {
        let stopped = async { _ = stopped.await };
        proxy.serve(listener, stopped, drain).await;
    });
    (url, stop, served)
}

pub(crate) fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy();
    client
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// The code of a response of the proxy itself.
pub(crate) async fn code(response: reqwest::Response) -> String {
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let status = response.status().as_u16();
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(body["status"], status);
    body["code"].as_str().unwrap().to_owned()
}
