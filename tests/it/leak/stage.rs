//! The servers of the matrix, and what reached them.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex};

use http::StatusCode;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use url::{Origin, Url};

use super::target::{Home, QUERY};

/// A secure door, a plain one and a second secure one, each at both loopback addresses.
pub(super) struct Stage {
    home: Home,
    servers: Vec<(&'static str, ScriptedServer)>,
    pub(super) secure: u16,
    pub(super) plain: u16,
    pub(super) other: u16,
    script: Arc<Script>,
}

/// The status and `Location` of each hop that redirects.
type Script = Mutex<Vec<(StatusCode, String)>>;

/// A request that arrived.
pub(super) struct Hop {
    pub(super) number: usize,
    pub(super) is_home: bool,
    pub(super) is_safe: bool,
    /// All of it, as text and as bytes.
    pub(super) received: Vec<u8>,
}

impl Stage {
    pub(super) async fn start(home: Home) -> Self {
        let script = Arc::new(Mutex::default());
        let mut servers = Vec::new();
        let mut ports = Vec::new();
        for scheme in ["https", "http", "https"] {
            let pair = at_both_addresses(scheme).await;
            ports.push(pair[0].address().port());
            servers.extend(pair.map(|server| (scheme, server)));
        }
        for (_, server) in &servers {
            follow(server, Arc::clone(&script));
        }
        let [secure, plain, other] = ports[..] else {
            panic!("three doors: {ports:?}");
        };
        Self {
            home,
            servers,
            secure,
            plain,
            other,
            script,
        }
    }

    /// The base URL of the origin that has the credential.
    pub(super) fn home(&self) -> String {
        self.home.url(self)
    }

    /// The certificates of the servers with TLS.
    pub(super) fn certificates(&self) -> impl Iterator<Item = &str> {
        let servers = self.servers.iter();
        servers.filter_map(|(_, server)| server.certificate_pem())
    }

    /// Hop 0 leads to the first of `locations`, and so on; the last ends.
    pub(super) fn direct(&self, status: StatusCode, locations: &[String]) {
        let script = locations.iter().map(|location| (status, location.clone()));
        *self.script.lock().unwrap() = script.collect();
    }

    /// The requests since this was last called, in the order of their hops.
    pub(super) fn take(&self) -> Vec<Hop> {
        let home = Url::parse(&self.home()).unwrap().origin();
        let mut hops = Vec::new();
        for (scheme, server) in &self.servers {
            hops.extend(
                server
                    .requests()
                    .iter()
                    .map(|request| hop(scheme, request, &home)),
            );
            server.clear_requests();
        }
        hops.sort_by_key(|hop| hop.number);
        hops
    }
}

/// Two servers at one port, which the second address may have to yield.
async fn at_both_addresses(scheme: &str) -> [ScriptedServer; 2] {
    let builder = || match scheme {
        "https" => ScriptedServer::builder().https(),
        _ => ScriptedServer::builder(),
    };
    for _ in 0..20 {
        let first = builder()
            .bind((Ipv4Addr::LOCALHOST, 0))
            .start()
            .await
            .unwrap();
        let port = first.address().port();
        if let Ok(second) = builder().bind((Ipv6Addr::LOCALHOST, port)).start().await {
            return [first, second];
        }
    }
    panic!("no port is free at both loopback addresses");
}

fn follow(server: &ScriptedServer, script: Arc<Script>) {
    server.respond_with(move |request| {
        let script = script.lock().unwrap();
        let Some((status, location)) = script.get(number(request)) else {
            return ScriptedResponse::default();
        };
        let query = request.query.as_ref().map(|query| format!("?{query}"));
        let location = location.replace(QUERY, &query.unwrap_or_default());
        ScriptedResponse::redirect(*status, &location).unwrap()
    });
}

/// The hop's number: the last segment of every path here.
fn number(request: &RecordedRequest) -> usize {
    let last = request.path.rsplit('/').next();
    last.and_then(|last| last.parse().ok())
        .expect("a path ends with the hop's number")
}

fn hop(scheme: &str, request: &RecordedRequest, home: &Origin) -> Hop {
    let authority = request.authority.as_deref().unwrap_or_default();
    let asked = Url::parse(&format!("{scheme}://{authority}"));
    let mut received = format!("{request:?} {}", request.text()).into_bytes();
    for value in request.headers.values() {
        received.extend_from_slice(value.as_bytes());
    }
    Hop {
        number: number(request),
        is_safe: request.method.is_safe(),
        is_home: asked.is_ok_and(|asked| asked.origin() == *home),
        received,
    }
}
