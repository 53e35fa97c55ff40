//! The proxy's events have the names and levels that the documentation gives them.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use multi_auth_config::proxy::ProxySettings;
use multi_auth_proxy::Proxy;
use multi_auth_reqwest::ReqwestTransport;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::rig::{KEY, Rig, config, serve, vendor};

/// The names and levels of events.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<BTreeSet<(String, String)>>>);

impl<S: Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let (name, level) = (event.metadata().name(), event.metadata().level());
        if name.starts_with("multi_auth.proxy.") {
            self.0
                .lock()
                .unwrap()
                .insert((name.to_owned(), level.to_string()));
        }
    }
}

impl Heard {
    async fn wait_for(&self, name: &str, level: &str) {
        let event = (name.to_owned(), level.to_owned());
        let is_heard = async {
            while !self.0.lock().unwrap().contains(&event) {
                tokio::task::yield_now().await;
            }
        };
        let limit = Duration::from_secs(60);
        assert!(timeout(limit, is_heard).await.is_ok(), "{event:?} is heard");
    }
}

struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_event_is_heard_under_its_documented_name_and_level() {
    let heard = Heard::default();
    let subscriber = tracing_subscriber::registry().with(heard.clone());
    let _listening = multi_auth_tests::listen(subscriber);

    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    server.push(ScriptedResponse::default().with_body(format!("your key is {KEY}")));
    rig.get("/v/x").send().await.unwrap().bytes().await.unwrap();
    heard.wait_for("multi_auth.proxy.echo", "WARN").await;

    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    stream.write_all(b"not http\r\n\r\n").await.unwrap();
    let _ = stream.read_to_end(&mut Vec::new()).await;
    heard
        .wait_for("multi_auth.proxy.connection_failed", "DEBUG")
        .await;

    let builder = Proxy::builder(ReqwestTransport::new().unwrap())
        .audit(Full)
        .unwrap();
    let config = config(&vendor(server.url()));
    let proxy = builder
        .build(&config, &ProxySettings::default())
        .await
        .unwrap();
    let (url, _stop, _) = serve(&proxy, Duration::ZERO);
    crate::rig::client().get(url).send().await.unwrap();
    heard
        .wait_for("multi_auth.proxy.audit_failed", "ERROR")
        .await;
}
