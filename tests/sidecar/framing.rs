//! Requests whose end servers find in different places (request smuggling): none makes a second
//! request at the vendor.

use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rig::{Rig, code};

/// The values and spellings of `Transfer-Encoding` that servers read in different ways, as in
/// `PortSwigger`'s list and in the tests of other proxies.
const CODINGS: &[&str] = &[
    "Transfer-Encoding: chunked",
    "Transfer-Encoding:chunked",
    "transfer-encoding: CHUNKED",
    "Transfer-Encoding:  chunked",
    "Transfer-Encoding: chunked ",
    "Transfer-Encoding:\tchunked",
    "Transfer-Encoding: chunked\t",
    "Transfer-Encoding: \u{b}chunked",
    "Transfer-Encoding: \u{c}chunked",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding\t: chunked",
    " Transfer-Encoding: chunked",
    "\tTransfer-Encoding: chunked",
    "X: x\r\n Transfer-Encoding: chunked",
    "X: x\nTransfer-Encoding: chunked",
    "X: x\rTransfer-Encoding: chunked",
    "X: x\r\n\rTransfer-Encoding: chunked",
    "Transfer-Encoding\r\n : chunked",
    "Transfer-Encoding:\r\n chunked",
    "Transfer-Encoding:\n chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: identity, chunked",
    "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked, gzip",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunkedx",
    "Transfer-Encoding: x chunked",
    "Transfer-Encoding: 'chunked'",
    "Transfer-Encoding: \"chunked\"",
    "Transfer-Encoding: chunked;q=1",
    "Transfer-Encoding: chunked,",
    "Transfer-Encoding: ,chunked",
    "Transfer-Encoding:",
    "Transfer-Encoding: \0chunked",
    "Transfer-Encoding: chunked\0",
    "Transfer-Encoding: chun\0ked",
    "Foo: bar\r\n\tTransfer-Encoding: chunked",
    "\0Transfer-Encoding: chunked",
    "Transfer\0-Encoding: chunked",
];

/// The spellings of a length. `N` is the length of the body.
const LENGTHS: &[&str] = &[
    "Content-Length: +N",
    "Content-Length: -N",
    "Content-Length: 0xN",
    "Content-Length: N.0",
    "Content-Length: N,0",
    "Content-Length: 0,N",
    "Content-Length: N N",
    "Content-Length: N\r\nContent-Length: 0",
    "Content-Length: 0\r\nContent-Length: N",
    "Content-Length : N",
    "Content-Length\t: N",
    " Content-Length: N",
    "Content-Length:\r\n N",
    "Content-Length: N\0",
    "Content-Length: \u{b}N",
    "Content-Length: N;a=1",
    "Content-Length: 'N'",
    "Content-Length: 99999999999999999999999",
    "Content-Length:",
    "Content-Length: a",
];

/// The beginnings of chunked bodies that are not valid. The rest would be a second request.
const CHUNKS: &[&str] = &[
    "0x0\r\n\r\n",
    "+0\r\n\r\n",
    "-0\r\n\r\n",
    "0 \n\r\n",
    "0;\n\r\n",
    "0\n\n",
    "g\r\n\r\n",
    "\r\n0\r\n\r\n",
    "1\r\nZ0\r\n\r\n",
    "2\r\nZ\r\n0\r\n\r\n",
    "10000000000000000\r\n\r\n",
    "fffffffffffffffff\r\n\r\n",
    "0\r\nX: y\n\n",
    "1\rZ\r\n0\r\n\r\n",
];

const HIDDEN: &str = "GET /v/smuggled HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: TOKEN\r\n\r\n";
const LAST: &str =
    "GET /v/last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Api-Key: TOKEN\r\n\r\n";

fn request(fields: &str, body: &str) -> String {
    format!(
        "POST /v/first HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: TOKEN\r\n{fields}\r\n\r\n{body}"
    )
}

/// Requests that end in one place by one field, and in another by the other.
fn cases() -> Vec<String> {
    let hidden_after_chunks = format!("0\r\n\r\n{HIDDEN}");
    let length = hidden_after_chunks.len();
    let chunk = format!("{:x}\r\n{HIDDEN}\r\n0\r\n\r\n", HIDDEN.len());
    let mut cases = Vec::new();
    for coding in CODINGS {
        // By the length, the hidden request is in the body.
        for fields in [
            format!("Content-Length: {length}\r\n{coding}"),
            format!("{coding}\r\nContent-Length: {length}"),
        ] {
            cases.push(request(&fields, &hidden_after_chunks));
        }
        // By the chunks, it is in the body.
        let short = chunk.find("GET").unwrap();
        cases.push(request(
            &format!("Content-Length: {short}\r\n{coding}"),
            &chunk,
        ));
    }
    for spelling in LENGTHS {
        let fields = spelling.replace('N', &HIDDEN.len().to_string());
        cases.push(request(&fields, HIDDEN));
    }
    for start in CHUNKS {
        cases.push(request(
            "Transfer-Encoding: chunked",
            &format!("{start}{HIDDEN}"),
        ));
    }
    cases
}

/// Sends `text` and reads until the proxy closes the connection.
async fn exchange(rig: &Rig, text: &str) -> String {
    let text = text.replace("TOKEN", &rig.token);
    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    // The proxy may reset the connection instead.
    let _ = stream.read_to_end(&mut response).await;
    String::from_utf8_lossy(&response).into_owned()
}

#[tokio::test]
async fn a_request_that_ends_in_two_places_hides_no_other() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let cases = cases();
    assert!(cases.len() >= 150, "{}", cases.len());
    let mut refused = 0;
    for case in &cases {
        server.clear_requests();
        let response = exchange(&rig, &format!("{case}{LAST}")).await;
        let paths: Vec<_> = server
            .requests()
            .into_iter()
            .map(|request| request.path)
            .collect();
        let is_hidden = |path: &String| path == "/smuggled";
        assert!(
            !paths.iter().any(is_hidden),
            "{case:?}\n{response}\n{paths:?}"
        );
        assert!(paths.len() <= 2, "{case:?} {paths:?}");
        refused += usize::from(paths.is_empty());
    }
    assert!(refused < cases.len(), "some are one request");
    println!(
        "{} cases, {refused} refused, none with a second request",
        cases.len()
    );
}

#[tokio::test]
async fn a_chunked_request_ends_its_connection_and_others_do_not() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let chunked = request("Transfer-Encoding: chunked", "2\r\nhi\r\n0\r\n\r\n");
    exchange(&rig, &format!("{chunked}{LAST}")).await;
    assert_eq!(server.request_count(), 1);
    assert_eq!(server.requests()[0].text(), "hi");
    let plain = request("Content-Length: 2", "hi");
    exchange(&rig, &format!("{plain}{LAST}")).await;
    assert_eq!(server.request_count(), 3);
    let tunnel = "CONNECT v:1 HTTP/1.1\r\nhost: v:1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n";
    let answers = exchange(&rig, &format!("{tunnel}0\r\n\r\n{LAST}")).await;
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers}");
    assert_eq!(server.request_count(), 3);
}

#[tokio::test]
async fn requests_that_are_not_http_are_refused() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let fields = "Connection: close\r\nX-Api-Key: TOKEN\r\n\r\n";
    for (start, status) in [
        (
            "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n",
            "403",
        ),
        ("TRACE /v/x HTTP/1.1\r\nHost: localhost\r\n", "405"),
        ("GET /v/x HTTP/1.1\r\n", "421"),
        (
            "GET /v/x HTTP/1.1\r\nHost: localhost\r\nHost: other\r\n",
            "421",
        ),
        ("GET /v/x HTTP/1.1\r\nHost: a b\r\n", "421"),
        ("GET /v/x HTTP/1.1\r\nHost: other.example\r\n", "421"),
        ("GET /v/x HTTP/9.9\r\nHost: localhost\r\n", "400"),
        ("GET http:///v/x HTTP/1.1\r\nHost: localhost\r\n", "400"),
        ("GET /v/x\r\nHost: localhost\r\n", "400"),
        ("GET /v/x HTTP/1.1\r\nHost: localhost\r\nA B: c\r\n", "400"),
        (
            "GET /v/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n",
            "501",
        ),
    ] {
        let response = exchange(&rig, &format!("{start}{fields}")).await;
        assert!(
            response.starts_with(&format!("HTTP/1.1 {status}")),
            "{start:?}\n{response}"
        );
    }
    assert_eq!(server.request_count(), 0);
    let response = exchange(
        &rig,
        &format!("GET /v/x HTTP/1.1\r\nHost: localhost\r\n{fields}"),
    )
    .await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
}

#[tokio::test]
async fn a_body_of_get_without_a_length_is_refused_and_with_one_passes() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let get = |fields: &str, body: &str| {
        format!(
            "GET /v/search HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: TOKEN\r\nConnection: close\r\n{fields}\r\n\r\n{body}"
        )
    };
    let chunked = get("Transfer-Encoding: chunked", "2\r\nhi\r\n0\r\n\r\n");
    let response = exchange(&rig, &chunked).await;
    assert!(response.starts_with("HTTP/1.1 411"), "{response}");
    let response = exchange(&rig, &get("Content-Length: 2", "hi")).await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert_eq!(server.requests()[0].text(), "hi");
}

#[tokio::test]
async fn responses_without_a_body_keep_their_fields() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    server.respond_with(|_| ScriptedResponse::default().with_body("four"));
    let response = rig
        .request(http::Method::HEAD, "/v/x")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["content-length"], "4");
    server.push(
        ScriptedResponse::new(http::StatusCode::NOT_MODIFIED)
            .with_header("etag", "\"1\"")
            .unwrap(),
    );
    let response = rig.get("/v/x").send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["etag"]),
        (304, &"\"1\"".parse().unwrap())
    );
    let lines = rig.audit(2).await;
    assert!(
        lines.iter().all(|line| line["complete"] == true),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_request_that_comes_back_is_a_loop() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    rig.get("/v/x").send().await.unwrap();
    let via = server.requests()[0].header("via").unwrap().to_owned();
    assert!(via.starts_with("1.1 multi-auth-"), "{via}");
    let again = rig
        .get("/v/x")
        .header("via", format!("1.1 other, {via}"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (again.status().as_u16(), code(again).await.as_str()),
        (508, "loop")
    );
    // Another proxy of this kind has another name.
    let other = Rig::to(&server).await;
    let passed = other.get("/v/x").header("via", via).send().await.unwrap();
    assert_eq!(passed.status(), 200);
}

#[tokio::test]
async fn a_request_over_http2_whose_host_differs_from_its_authority_is_refused() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let client = reqwest::Client::builder()
        .no_proxy()
        .http2_prior_knowledge();
    let client = client.build().unwrap();
    for (host, status) in [("other.example", 421), (rig.address(), 200)] {
        let request = client
            .get(format!("{}/v/x", rig.url))
            .bearer_auth(&rig.token);
        let response = request.header("host", host).send().await.unwrap();
        assert_eq!(response.status(), status, "{host}");
    }
    assert_eq!(server.request_count(), 1);
}
