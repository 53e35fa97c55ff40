//! Azure Shared Key through the adapters.

mod azurite;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, StatusCode};
use multi_auth::Keyring;
use multi_auth_sign::{AzureSharedKey, AzureSharedKeyBuilder};
use multi_auth_testing::{RecordedRequest, ScriptedServer};
use sha2::Sha256;

use super::clock::At;
use crate::adapter::{Adapter, Client, auth_error};
use crate::body::TestBody;
use crate::wire::{assert_wire, transcript};

/// The public key of Azurite's account.
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const ACCOUNT: &str = "devstoreaccount1";
const FIELDS: [&str; 3] = ["authorization", "x-ms-date", "x-ms-version"];

fn builder() -> AzureSharedKeyBuilder {
    AzureSharedKey::builder(ACCOUNT, KEY)
}

fn client(adapter: Adapter, url: &str, builder: AzureSharedKeyBuilder) -> Client {
    let signer = builder.build().unwrap();
    let keyring = Keyring::builder().bind(url, signer).unwrap().build();
    adapter.client(&keyring)
}

/// Whether the server accepts `request`: it writes the string to sign from what arrived, as
/// Microsoft describes it. Names have no hyphen after `x-ms-`, and no parameter is there twice.
fn verifies(request: &RecordedRequest) -> bool {
    let header = |name: &str| request.header(name).unwrap_or_default();
    let length = header("content-length");
    let mut lines = vec![
        request.method.to_string(),
        String::new(),
        String::new(),
        if length == "0" { "" } else { length }.to_owned(),
        header("content-md5").to_owned(),
        header("content-type").to_owned(),
    ];
    lines.extend(["", "", "", "", "", header("range")].map(str::to_owned));
    let names = request.headers.keys().map(http::HeaderName::as_str);
    let mut names: Vec<_> = names.filter(|name| name.starts_with("x-ms-")).collect();
    names.sort_unstable();
    lines.extend(names.iter().map(|name| format!("{name}:{}", header(name))));
    lines.push(format!("/{ACCOUNT}{}", request.path));
    let query = request.query.as_deref().unwrap_or_default();
    let mut parameters: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    parameters.sort_unstable();
    let parameters = parameters.iter();
    lines.extend(parameters.map(|(name, value)| format!("{name}:{value}")));
    let mut mac = Hmac::<Sha256>::new_from_slice(&STANDARD.decode(KEY).unwrap()).unwrap();
    mac.update(lines.join("\n").as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    header("authorization") == format!("SharedKey {ACCOUNT}:{signature}")
}

async fn verifier() -> ScriptedServer {
    super::verifier(verifies, StatusCode::FORBIDDEN).await
}

on_each_adapter! {
    async fn a_server_that_writes_the_string_to_sign_accepts_it(adapter: Adapter) {
        let server = verifier().await;
        let good = client(adapter, server.url(), builder());
        let request = || Request::put(format!("{}/c/a%20b/%C3%BC?timeout=20&comp=b%20c", server.url()))
            .header("content-type", "text/plain")
            .header("x-ms-blob-type", "BlockBlob")
            .body(TestBody::whole("hello")).unwrap();
        assert_eq!(good.send(request()).await.unwrap().status, StatusCode::OK);
        assert_eq!(good.get(server.url()).await.unwrap().status, StatusCode::OK);
        // Azure reads `x-ms-date` in place of `Date`.
        let mut dated = request();
        let date = "Mon, 30 Nov 2026 05:00:00 GMT".parse().unwrap();
        dated.headers_mut().insert("date", date);
        assert_eq!(good.send(dated).await.unwrap().status, StatusCode::OK);
        let empty = Request::put(server.url()).body(TestBody::whole("")).unwrap();
        assert_eq!(good.send(empty).await.unwrap().status, StatusCode::OK);

        // The server refuses another key and another text.
        let other = AzureSharedKey::builder(ACCOUNT, STANDARD.encode("another key"));
        let table = builder().table();
        for wrong in [other, table] {
            let refused = client(adapter, server.url(), wrong).send(request()).await.unwrap();
            assert_eq!(refused.status, StatusCode::FORBIDDEN);
        }
    }

    async fn a_request_that_the_caller_signed_is_sent_as_it_is(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, server.url(), builder());
        for own in ["authorization", "x-ms-date"] {
            let request = Request::get(server.url()).header(own, "own").body(TestBody::default());
            client.send(request.unwrap()).await.unwrap();
            let sent = server.requests().pop().unwrap();
            let present: Vec<_> = FIELDS.into_iter().filter(|field| sent.header(field).is_some()).collect();
            assert_eq!(present, [own]);
        }
        client.get(&format!("{}/c/b?sv=2023-11-03&sig=own", server.url())).await.unwrap();
        let sent = server.requests().pop().unwrap();
        assert_eq!(FIELDS.map(|field| sent.header(field)), [None; 3]);
    }

    async fn a_stream_needs_a_length(adapter: Adapter) {
        let server = verifier().await;
        let client = client(adapter, server.url(), builder());
        let error = auth_error(client.post(server.url(), TestBody::stream("abc")).await).to_string();
        assert!(error.contains("stream") && error.contains("Content-Length"), "{error}");
        assert_eq!(server.request_count(), 0);

        let request = Request::put(server.url()).header("content-length", "3");
        let answer = client.send(request.body(TestBody::stream("abc")).unwrap()).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(server.requests().pop().unwrap().text(), "abc");
    }

    async fn a_request_to_table_storage_takes_a_stream(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, server.url(), builder().table());
        client.post(server.url(), TestBody::stream("abc")).await.unwrap();
        let sent = server.requests().pop().unwrap();
        assert_eq!((&*sent.text(), sent.header("x-ms-version")), ("abc", Some("2019-02-02")));
    }

    async fn a_redirect_is_signed_anew_and_to_another_origin_not_at_all(adapter: Adapter) {
        let (home, away) = crate::redirect::servers().await;
        let client = client(adapter, home.url(), builder());
        home.push(crate::redirect::redirect_to(&home, "/next"));
        client.get(home.url()).await.unwrap();
        let sent = home.requests();
        assert!(sent.iter().all(verifies));
        assert_ne!(sent[0].header("authorization"), sent[1].header("authorization"));

        home.push(crate::redirect::redirect_to(&away, "/next"));
        client.get(home.url()).await.unwrap();
        let sent = away.requests().pop().unwrap();
        assert_eq!(FIELDS.map(|field| sent.header(field)), [None; 3]);
    }

    async fn an_azure_shared_key_on_the_wire(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let clock = || Arc::new(At(1_255_297_753));
        let request = || Request::put(format!("{}/c/b?timeout=20", server.url()))
            .header("host", "devstoreaccount1.blob.core.windows.net")
            .header("content-type", "text/plain")
            .header("x-ms-blob-type", "BlockBlob")
            .body(TestBody::whole("hello")).unwrap();
        for builder in [builder(), builder().table(), builder().version("2020-02-10")] {
            client(adapter, server.url(), builder.clock(clock())).send(request()).await.unwrap();
        }
        assert_wire(adapter, "azure", &transcript(&server));
    }
}
