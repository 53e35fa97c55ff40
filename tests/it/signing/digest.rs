//! Digest authentication through the adapters.

mod servers;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use http::{Request, StatusCode};
use multi_auth::Keyring;
use multi_auth_sign::Digest;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use sha2::{Digest as _, Sha256};

use crate::adapter::{Adapter, Client};
use crate::body::TestBody;
use crate::wire::{assert_wire, transcript};

const USER: &str = "Mufasa";
const PASSWORD: &str = "Circle of Life";

/// A server that computes each response from what arrived, and takes no `nc` twice.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// How many nonces were replaced.
    replaced: usize,
    used: HashSet<(String, String)>,
    qop: &'static str,
}

impl Server {
    async fn start(qop: &'static str) -> (Self, ScriptedServer) {
        let own = Self::default();
        own.0.lock().unwrap().qop = qop;
        let server = ScriptedServer::start().await.unwrap();
        let answering = own.clone();
        server.respond_with(move |request: &RecordedRequest| answering.answer(request));
        (own, server)
    }

    /// Uses another nonce from now on.
    fn replace_nonce(&self) {
        self.0.lock().unwrap().replaced += 1;
    }

    fn answer(&self, request: &RecordedRequest) -> ScriptedResponse {
        let mut state = self.0.lock().unwrap();
        let nonce = format!("nonce-{}", state.replaced);
        let sent = parameters(request);
        let is_known = sent
            .get("nonce")
            .is_some_and(|own| own.starts_with("nonce-"));
        let is_fresh = sent.get("nonce") == Some(&nonce);
        let is_right = is_known && sent["response"] == expected(&sent, request);
        if is_right && is_fresh {
            let is_new = state.used.insert((nonce, sent["nc"].clone()));
            assert!(is_new, "nc {} is sent twice", sent["nc"]);
            return ScriptedResponse::new(StatusCode::OK);
        }
        let parameter = if is_right { ", stale=true" } else { "" };
        let qop = state.qop;
        let challenge = format!(
            r#"Digest realm="r", nonce="{nonce}", qop="{qop}", algorithm=SHA-256, opaque="o"{parameter}"#
        );
        ScriptedResponse::new(StatusCode::UNAUTHORIZED)
            .with_header("www-authenticate", &challenge)
            .unwrap()
    }
}

/// The parameters of `Authorization: Digest`.
fn parameters(request: &RecordedRequest) -> BTreeMap<String, String> {
    let text = request.header("authorization").unwrap_or_default();
    let text = text.strip_prefix("Digest ").unwrap_or_default();
    let pairs = text.split(", ").filter_map(|pair| pair.split_once('='));
    let plain = |(name, value): (&str, &str)| (name.to_owned(), value.trim_matches('"').to_owned());
    pairs.map(plain).collect()
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// The response of RFC 7616, 3.4.1.
fn expected(sent: &BTreeMap<String, String>, request: &RecordedRequest) -> String {
    let query = request.query.as_ref().map(|query| format!("?{query}"));
    let uri = format!("{}{}", request.path, query.unwrap_or_default());
    assert_eq!(sent["uri"], uri);
    let body = match &*sent["qop"] {
        "auth-int" => format!(":{}", hash(&request.text())),
        _ => String::new(),
    };
    let key = hash(&format!("{USER}:r:{PASSWORD}"));
    let request = hash(&format!("{}:{uri}{body}", request.method));
    let (nonce, nc, cnonce, qop) = (&sent["nonce"], &sent["nc"], &sent["cnonce"], &sent["qop"]);
    hash(&format!("{key}:{nonce}:{nc}:{cnonce}:{qop}:{request}"))
}

fn client(adapter: Adapter, server: &ScriptedServer, digest: Digest) -> Client {
    let keyring = Keyring::builder()
        .bind(server.url(), digest)
        .unwrap()
        .build();
    adapter.client(&keyring)
}

fn digest() -> Digest {
    Digest::new(USER, PASSWORD).unwrap()
}

on_each_adapter! {
    async fn a_challenge_is_answered_once_and_later_requests_are_sent_once(adapter: Adapter) {
        let (_, server) = Server::start("auth").await;
        let client = client(adapter, &server, digest());
        let url = format!("{}/a%20b?x=1&y=%2F", server.url());
        for requests in [2, 3, 4] {
            assert_eq!(client.get(&url).await.unwrap().status, StatusCode::OK);
            assert_eq!(server.request_count(), requests);
        }
        let counts: Vec<_> = server.requests().iter().filter_map(|sent| parameters(sent).remove("nc")).collect();
        assert_eq!(counts, ["00000001", "00000002", "00000003"]);
    }

    async fn a_body_is_sent_again_with_the_answer(adapter: Adapter) {
        for (qop, integrity) in [("auth", false), ("auth-int", true), ("auth,auth-int", true)] {
            let (_, server) = Server::start(qop).await;
            let builder = Digest::builder();
            let builder = if integrity { builder.integrity() } else { builder };
            let client = client(adapter, &server, builder.build(USER, PASSWORD).unwrap());
            let answer = client.post(server.url(), TestBody::whole("a=1")).await.unwrap();
            assert_eq!((answer.status, server.request_count()), (StatusCode::OK, 2), "{qop}");
            let sent = server.requests().pop().unwrap();
            assert_eq!(parameters(&sent)["qop"], if integrity { "auth-int" } else { "auth" });
        }
    }

    async fn concurrent_requests_never_share_an_nc(adapter: Adapter) {
        let (own, server) = Server::start("auth").await;
        let client = client(adapter, &server, digest());
        for _ in 0..3 {
            let calls: Vec<_> = (0..30).map(|_| {
                let (client, url) = (client.clone(), server.url().to_owned());
                tokio::spawn(async move { client.get(&url).await })
            }).collect();
            for call in calls {
                assert_eq!(call.await.unwrap().unwrap().status, StatusCode::OK);
            }
            own.replace_nonce();
        }
        assert_eq!(own.0.lock().unwrap().used.len(), 90);
    }

    async fn a_stale_nonce_is_replaced_with_one_replay(adapter: Adapter) {
        let (own, server) = Server::start("auth").await;
        let client = client(adapter, &server, digest());
        client.get(server.url()).await.unwrap();
        own.replace_nonce();
        for requests in [4, 5] {
            assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::OK);
            assert_eq!(server.request_count(), requests);
        }
    }

    async fn a_wrong_password_is_refused_after_one_replay(adapter: Adapter) {
        let (_, server) = Server::start("auth").await;
        let client = client(adapter, &server, Digest::new(USER, "wrong").unwrap());
        let answer = client.get(server.url()).await.unwrap();
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(server.request_count(), 2);
    }

    async fn basic_is_never_sent_in_place_of_digest(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, &server, digest());
        server.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED)
            .with_header("www-authenticate", r#"Basic realm="r""#).unwrap());
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::UNAUTHORIZED);
        assert_eq!(server.request_count(), 1);
        assert_eq!(server.requests()[0].header("authorization"), None);
    }

    async fn a_challenge_that_cannot_be_answered_is_an_error_that_says_why(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, &server, digest());
        server.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED)
            .with_header("www-authenticate", r#"Digest realm="r", nonce="n", qop="auth""#).unwrap());
        let error = crate::adapter::auth_error(client.get(server.url()).await);
        let mut shown = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            shown = format!("{shown}: {error}");
            cause = error.source();
        }
        assert!(shown.contains("Digest with MD5 only") && shown.contains("dangerous_md5"), "{shown}");
        assert_eq!(server.request_count(), 1);
    }

    async fn the_answer_goes_to_no_other_origin(adapter: Adapter) {
        let (home, away) = crate::redirect::servers().await;
        let client = client(adapter, &home, digest());
        home.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED)
            .with_header("www-authenticate", r#"Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256"#).unwrap());
        home.push(crate::redirect::redirect_to(&away, "/next"));
        // The other origin asks for an answer too, and gets none.
        away.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED)
            .with_header("www-authenticate", r#"Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256"#).unwrap());
        assert_eq!(client.get(home.url()).await.unwrap().status, StatusCode::UNAUTHORIZED);
        assert_eq!((home.request_count(), away.request_count()), (2, 1));
        assert_eq!(away.requests()[0].header("authorization"), None);
    }

    async fn the_credential_of_the_caller_is_sent_as_it_is(adapter: Adapter) {
        let (_, server) = Server::start("auth").await;
        let client = client(adapter, &server, digest());
        let request = Request::get(server.url()).header("authorization", "own").body(TestBody::default());
        assert_eq!(client.send(request.unwrap()).await.unwrap().status, StatusCode::UNAUTHORIZED);
        assert_eq!(server.requests()[0].header("authorization"), Some("own"));
        assert_eq!(server.request_count(), 1);
    }

    async fn digest_on_the_wire(adapter: Adapter) {
        let (_, server) = Server::start("auth").await;
        let client = client(adapter, &server, digest());
        client.post(&format!("{}/v1/items?b=2", server.url()), TestBody::whole("{}")).await.unwrap();
        let text = transcript(&server);
        let sent = parameters(&server.requests()[1]);
        // The `cnonce` is random.
        let text = text.replace(&sent["cnonce"], "<cnonce>").replace(&sent["response"], "<response>");
        assert_wire(adapter, "digest", &text);
    }
}
