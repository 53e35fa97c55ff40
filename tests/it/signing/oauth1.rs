//! OAuth 1.0a through the adapters.

mod oauthlib;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, StatusCode};
use multi_auth::Keyring;
use multi_auth_sign::{NonceFormat, OAuth1, OAuth1Builder};
use multi_auth_testing::{RecordedRequest, ScriptedServer};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::clock::At;
use crate::adapter::{Adapter, Client, auth_error};
use crate::body::TestBody;
use crate::wire::{assert_wire, transcript};

const FORM: &str = "application/x-www-form-urlencoded";

fn builder() -> OAuth1Builder {
    OAuth1::builder("consumer", "consumer secret")
        .token("token", "token secret")
        .hmac_sha256()
}

fn client(adapter: Adapter, server: &ScriptedServer, builder: OAuth1Builder) -> Client {
    let signer = builder.build().unwrap();
    let keyring = Keyring::builder()
        .bind(server.url(), signer)
        .unwrap()
        .build();
    adapter.client(&keyring)
}

/// `text`, percent-encoded (RFC 5849, 3.6).
fn encoded(text: &str) -> String {
    let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    text.replace('+', "%20")
        .replace('*', "%2A")
        .replace("%7E", "~")
}

/// The parameters of the field `Authorization`, decoded.
fn protocol(request: &RecordedRequest) -> Vec<(String, String)> {
    let field = request.header("authorization").unwrap_or_default();
    let field = field.strip_prefix("OAuth ").unwrap_or_default();
    let form = field.replace(", ", "&").replace('"', "");
    form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect()
}

/// Whether the server accepts `request`: it writes the signature base string from what arrived (RFC
/// 5849, 3.4.1).
fn verifies(request: &RecordedRequest) -> bool {
    let protocol = protocol(request);
    let (signature, mut parameters): (Vec<_>, Vec<_>) = protocol
        .into_iter()
        .filter(|(name, _)| name != "realm")
        .partition(|(name, _)| name == "oauth_signature");
    let text = request.text();
    let hash = STANDARD.encode(Sha256::digest(text.as_bytes()));
    if parameters
        .iter()
        .any(|(name, value)| name == "oauth_body_hash" && *value != hash)
    {
        return false;
    }
    let mut read =
        |text: &str| parameters.extend(form_urlencoded::parse(text.as_bytes()).into_owned());
    read(request.query.as_deref().unwrap_or_default());
    if request.header("content-type") == Some(FORM) {
        read(&text);
    }
    let mut pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let uri = format!(
        "http://{}{}",
        request.header("host").unwrap_or_default(),
        request.path
    );
    let base = [request.method.as_str(), &uri, &pairs.join("&")].map(encoded);
    let mut mac = Hmac::<Sha256>::new_from_slice(b"consumer%20secret&token%20secret").unwrap();
    mac.update(base.join("&").as_bytes());
    let expected = STANDARD.encode(mac.finalize().into_bytes());
    signature.iter().any(|(_, value)| *value == expected)
}

async fn verifier() -> ScriptedServer {
    super::verifier(verifies, StatusCode::UNAUTHORIZED).await
}

fn post(server: &ScriptedServer, content_type: &str, body: TestBody) -> Request<TestBody> {
    Request::post(format!("{}/a%20b?b=2&a=x+y%2B&a=%C3%A9", server.url()))
        .header("content-type", content_type)
        .body(body)
        .unwrap()
}

on_each_adapter! {
    async fn a_server_that_writes_the_base_string_accepts_it(adapter: Adapter) {
        let server = verifier().await;
        let form = || post(&server, FORM, TestBody::whole("c=1+2&a=z"));
        let json = || post(&server, "application/json", TestBody::whole("{}"));
        for builder in [builder(), builder().realm("r"), builder().body_hash()] {
            let good = client(adapter, &server, builder);
            for request in [form(), json()] {
                assert_eq!(good.send(request).await.unwrap().status, StatusCode::OK);
            }
            assert_eq!(good.get(server.url()).await.unwrap().status, StatusCode::OK);
        }

        // The server refuses another secret.
        let other = OAuth1::builder("consumer", "other").token("token", "token secret").hmac_sha256();
        let refused = client(adapter, &server, other).send(form()).await.unwrap();
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_request_that_the_caller_signed_is_sent_as_it_is(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, &server, builder());
        let request = Request::get(server.url()).header("authorization", "own");
        client.send(request.body(TestBody::default()).unwrap()).await.unwrap();
        let sent = server.requests().pop().unwrap();
        assert_eq!(sent.header("authorization"), Some("own"));
        client.get(&format!("{}/?a=1&oauth_signature=own", server.url())).await.unwrap();
        client.send(post(&server, FORM, TestBody::whole("oauth_signature=own"))).await.unwrap();
        for sent in &server.requests()[1..] {
            assert_eq!(sent.header("authorization"), None);
        }
    }

    async fn a_stream_is_an_error_only_where_it_is_signed(adapter: Adapter) {
        let server = verifier().await;
        let stream = |kind| post(&server, kind, TestBody::stream("a=1"));
        let plain = client(adapter, &server, builder());
        let error = auth_error(plain.send(stream(FORM)).await).to_string();
        assert!(error.contains("stream"), "{error}");
        let hashed = client(adapter, &server, builder().body_hash());
        let error = auth_error(hashed.send(stream("text/plain")).await).to_string();
        assert!(error.contains("stream") && error.contains("body_hash"), "{error}");
        assert_eq!(server.request_count(), 0);
        let answer = plain.send(stream("text/plain")).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(server.requests().pop().unwrap().text(), "a=1");
    }

    async fn a_redirect_is_signed_anew_and_to_another_origin_not_at_all(adapter: Adapter) {
        let (home, away) = crate::redirect::servers().await;
        let client = client(adapter, &home, builder());
        home.push(crate::redirect::redirect_to(&home, "/next"));
        client.get(home.url()).await.unwrap();
        let sent = home.requests();
        assert!(sent.iter().all(verifies));
        let nonce = |at: usize| protocol(&sent[at]).into_iter().find(|(name, _)| name == "oauth_nonce");
        assert_ne!(nonce(0), nonce(1));

        home.push(crate::redirect::redirect_to(&away, "/next"));
        client.get(home.url()).await.unwrap();
        assert_eq!(away.requests().pop().unwrap().header("authorization"), None);
    }

    async fn oauth_1_on_the_wire(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let fixed = |builder: OAuth1Builder| builder
            .clock(Arc::new(At(137_131_200)))
            .nonce(NonceFormat::Custom(Arc::new(|| "wIjqoxSZ".to_owned())));
        let request = || Request::post(format!("{}/v1/items?b=2", server.url()))
            .header("host", "api.example.com");
        for builder in [builder(), builder().realm("r").body_hash()] {
            let client = client(adapter, &server, fixed(builder));
            let form = request().header("content-type", FORM).body(TestBody::whole("c=1+2"));
            client.send(form.unwrap()).await.unwrap();
            let json = request().header("content-type", "application/json").body(TestBody::whole("{}"));
            client.send(json.unwrap()).await.unwrap();
        }
        assert_wire(adapter, "oauth1", &transcript(&server));
    }
}
