//! Azurite, the emulator of Azure Storage, accepts our signatures and refuses what is wrong.
//!
//! `.ci/servers DIRECTORY` installs it, and
//! `SERVERS=DIRECTORY cargo test -p multi-auth-tests --test it -- --ignored azurite` runs these
//! tests.

use http::Method;
use multi_auth::{Authenticator, BodyView, RequestHead};

use super::*;
use crate::signing::program::Program;

const ADAPTERS: [Adapter; 2] = [Adapter::Reqwest, Adapter::Tower];

/// Azurite, and the URLs of its account.
struct Azurite {
    blobs: String,
    queues: String,
    tables: String,
    _program: Program,
}

impl Azurite {
    fn start() -> Self {
        let mut program = Program::node(
            "azurite/dist/src/azurite.js",
            &[
                "--blobPort=0",
                "--queuePort=0",
                "--tablePort=0",
                "--inMemoryPersistence",
                "--disableTelemetry",
                "--silent",
            ],
        );
        let mut url = |service: &str| {
            let start = format!("Azurite {service} service is successfully listening at ");
            loop {
                let line = program.line();
                if let Some(url) = line.strip_prefix(&start) {
                    return format!("{url}/{ACCOUNT}");
                }
            }
        };
        Self {
            blobs: url("Blob"),
            queues: url("Queue"),
            tables: url("Table"),
            _program: program,
        }
    }
}

/// A request with these header fields.
fn request(method: Method, url: &str, fields: &[(&str, &str)], body: &str) -> Request<TestBody> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(TestBody::whole(body.to_owned())).unwrap()
}

const BLOB: [(&str, &str); 4] = [
    ("x-ms-blob-type", "BlockBlob"),
    ("content-type", "text/plain; charset=utf-8"),
    ("x-ms-meta-note", "a   b"),
    ("x-ms-meta-note_2", ""),
];

#[tokio::test]
#[ignore = "needs Azurite"]
async fn azurite_stores_and_lists_blobs() {
    let azurite = Azurite::start();
    for adapter in ADAPTERS {
        let name = format!("{adapter:?}").to_lowercase();
        let container = format!("{}/{name}", azurite.blobs);
        let client = client(adapter, &azurite.blobs, builder());
        let send = async |method, path: &str, fields: &[(&str, &str)], body: &str| {
            let request = request(method, &format!("{container}{path}"), fields, body);
            let answer = client.send(request).await.unwrap();
            let text = String::from_utf8(answer.body.to_vec()).unwrap();
            (answer.status, text)
        };
        let created = send(Method::PUT, "?restype=container", &[], "").await;
        assert_eq!(created.0, StatusCode::CREATED, "{created:?}");
        // Azure requires the length of an empty blob, which the clients leave out.
        let empty = [BLOB[0], ("content-length", "0")];
        for (path, fields, body) in [
            ("/a%20b/%C3%BC.txt", &BLOB[..], "hello"),
            ("/empty", &empty, ""),
        ] {
            let put = send(Method::PUT, path, fields, body).await;
            assert_eq!(put.0, StatusCode::CREATED, "{path}: {put:?}");
            let got = send(Method::GET, path, &[], "").await;
            assert_eq!(got, (StatusCode::OK, body.to_owned()), "{path}");
        }
        let part = send(
            Method::GET,
            "/a%20b/%C3%BC.txt",
            &[("range", "bytes=1-2")],
            "",
        )
        .await;
        assert_eq!(part, (StatusCode::PARTIAL_CONTENT, "el".to_owned()));
        for (query, name) in [
            (
                "restype=container&comp=list&Prefix=a%20b%2F&include=metadata",
                "a b/\u{fc}.txt",
            ),
            (
                "restype=container&comp=list&include=snapshots%2Cmetadata&prefix=",
                "empty",
            ),
        ] {
            let listed = send(Method::GET, &format!("?{query}"), &[], "").await;
            assert_eq!(listed.0, StatusCode::OK, "{listed:?}");
            assert!(
                listed.1.contains(&format!("<Name>{name}</Name>")),
                "{listed:?}"
            );
        }
    }
}

#[tokio::test]
#[ignore = "needs Azurite"]
async fn azurite_has_queues_and_tables() {
    let azurite = Azurite::start();
    let json = [
        ("content-type", "application/json"),
        ("accept", "application/json;odata=nometadata"),
        ("dataserviceversion", "3.0"),
        ("maxdataserviceversion", "3.0"),
    ];
    for adapter in ADAPTERS {
        let name = format!("{adapter:?}").to_lowercase();
        let send =
            async |url: &str, builder: AzureSharedKeyBuilder, method, path: String, body: &str| {
                let fields = if url == azurite.tables {
                    &json[..]
                } else {
                    &[]
                };
                let request = request(method, &format!("{url}{path}"), fields, body);
                let answer = client(adapter, url, builder).send(request).await;
                answer.unwrap().status
            };
        let (queues, tables) = (&azurite.queues, &azurite.tables);
        let message = "<QueueMessage><MessageText>aGk=</MessageText></QueueMessage>";
        for (method, path, body) in [
            (Method::PUT, format!("/{name}"), ""),
            (
                Method::POST,
                format!("/{name}/messages?visibilitytimeout=1"),
                message,
            ),
        ] {
            let status = send(queues, builder(), method, path, body).await;
            assert_eq!(status, StatusCode::CREATED);
        }
        let entity = format!("/{name}(PartitionKey=%27a%27,RowKey=%27b%27)");
        for (method, path, body) in [
            (
                Method::POST,
                "/Tables".to_owned(),
                format!(r#"{{"TableName":"{name}"}}"#),
            ),
            (
                Method::POST,
                format!("/{name}"),
                r#"{"PartitionKey":"a","RowKey":"b"}"#.to_owned(),
            ),
            (Method::GET, entity, String::new()),
            (
                Method::GET,
                "/?restype=service&comp=properties".to_owned(),
                String::new(),
            ),
        ] {
            let status = send(tables, builder().table(), method, path.clone(), &body).await;
            assert!(status.is_success(), "{path}: {status}");
        }
        let wrong = AzureSharedKey::builder(ACCOUNT, STANDARD.encode("wrong")).table();
        let status = send(tables, wrong, Method::GET, "/Tables".to_owned(), "").await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
#[ignore = "needs Azurite"]
async fn azurite_refuses_a_wrong_key() {
    let azurite = Azurite::start();
    let list = format!("{}/?comp=list", azurite.blobs);
    for adapter in ADAPTERS {
        for (key, status) in [
            (KEY.to_owned(), StatusCode::OK),
            (STANDARD.encode("wrong"), StatusCode::FORBIDDEN),
        ] {
            let builder = AzureSharedKey::builder(ACCOUNT, key);
            let answer = client(adapter, &azurite.blobs, builder).get(&list).await;
            assert_eq!(answer.unwrap().status, status);
        }
    }
}

#[tokio::test]
#[ignore = "needs Azurite"]
async fn azurite_refuses_a_request_that_was_changed_after_it_was_signed() {
    let azurite = Azurite::start();
    let good = client(Adapter::Reqwest, &azurite.blobs, builder());
    let container = format!("{}/con?restype=container", azurite.blobs);
    let created = good.send(request(Method::PUT, &container, &[], "")).await;
    assert_eq!(created.unwrap().status, StatusCode::CREATED);
    let signer = builder().build().unwrap();
    let send = async |change: fn(&mut reqwest::Request)| {
        let url = format!("{}/con/b?timeout=20", azurite.blobs);
        let mut request = reqwest::Client::new().put(url);
        for (name, value) in BLOB {
            request = request.header(name, value);
        }
        let mut request = request.body("hello").build().unwrap();
        let extensions = http::Extensions::new();
        let (method, headers) = (request.method(), request.headers());
        let head = RequestHead::from_url(method, request.url(), headers, &extensions);
        let head = head.with_body(BodyView::Bytes(b"hello"));
        let credential = signer.ready(&head).unwrap().unwrap();
        let mut parts = http::Request::new(()).into_parts().0;
        credential.attach(&mut parts).unwrap();
        request.headers_mut().extend(parts.headers);
        change(&mut request);
        let answer = reqwest::Client::new().execute(request).await;
        answer.unwrap().status()
    };
    assert_eq!(send(|_| {}).await, StatusCode::CREATED);
    let changes: [fn(&mut reqwest::Request); 7] = [
        |request| set(request, "content-type", "text/html"),
        |request| set(request, "x-ms-meta-note", "c"),
        |request| set(request, "x-ms-meta-other", "c"),
        |request| set(request, "x-ms-version", "2020-02-10"),
        |request| request.url_mut().set_query(Some("timeout=30")),
        |request| request.url_mut().set_path("/devstoreaccount1/con/other"),
        |request| *request.body_mut() = Some("hello!".into()),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert_eq!(send(change).await, StatusCode::FORBIDDEN, "{at}");
    }
    // The body itself is not signed.
    let other = |request: &mut reqwest::Request| *request.body_mut() = Some("HELLO".into());
    assert_eq!(send(other).await, StatusCode::CREATED);
}

fn set(request: &mut reqwest::Request, name: &'static str, value: &'static str) {
    let value = http::HeaderValue::from_static(value);
    request.headers_mut().insert(name, value);
}
