use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use multi_auth::SecretString;

use super::{Secrets, scan};

fn secrets(texts: &[&str]) -> Secrets {
    let texts: Vec<_> = texts.iter().map(|text| SecretString::from(*text)).collect();
    Secrets(Some(texts.into()))
}

/// Delivers `chunks`, and returns the chunks that arrive.
async fn delivered(secrets: Secrets, chunks: &[&'static str]) -> Vec<String> {
    let frames = chunks
        .iter()
        .map(|chunk| Ok(Frame::data(Bytes::from_static(chunk.as_bytes()))));
    let frames: Vec<Result<_, std::io::Error>> = frames.collect();
    let body = StreamBody::new(futures_util::stream::iter(frames));
    let mut body = scan(Response::new(body), secrets, || {}).into_body();
    let mut arrived = Vec::new();
    while let Some(frame) = body.frame().await {
        let chunk = frame.unwrap().into_data().unwrap();
        arrived.push(String::from_utf8(chunk.to_vec()).unwrap());
    }
    arrived
}

#[tokio::test]
async fn a_secret_is_replaced_wherever_chunks_divide_it() {
    let text = "before secret-value after, and secret-value";
    for first in 0..text.len() {
        for second in first..text.len() {
            let chunks = [&text[..first], &text[first..second], &text[second..]];
            let arrived = delivered(secrets(&["secret-value"]), &chunks)
                .await
                .concat();
            assert_eq!(
                arrived, "before ************ after, and ************",
                "{chunks:?}"
            );
        }
    }
}

#[tokio::test]
async fn only_the_beginning_of_a_secret_is_held_back() {
    let arrived = delivered(
        secrets(&["secret-value"]),
        &["data: 1\n\n", "data: s", "ee\n\n"],
    )
    .await;
    assert_eq!(arrived, ["data: 1\n\n", "data: ", "see\n\n"]);
}

#[tokio::test]
async fn a_secret_that_does_not_end_is_delivered_as_it_came() {
    let arrived = delivered(secrets(&["secret-value"]), &["a secret-", "valu"])
        .await
        .concat();
    assert_eq!(arrived, "a secret-valu");
}

#[test]
fn secrets_are_the_credential_and_its_parts() {
    let mut request = Request::get("https://v.example/?page=1&key=0123456789")
        .body(())
        .unwrap();
    let mut value: http::HeaderValue = "Basic dXNlcjpwYXNzd29yZA==".parse().unwrap();
    value.set_sensitive(true);
    request.headers_mut().insert("authorization", value);
    request
        .headers_mut()
        .insert("x-public", "not-a-secret".parse().unwrap());
    let secrets = Secrets::of(&request, Some("page=1"));
    for text in [
        "dXNlcjpwYXNzd29yZA==",
        "user:password",
        "password",
        "0123456789",
    ] {
        assert!(secrets.is_in(text.as_bytes()), "{text}");
    }
    assert!(!secrets.is_in(b"not-a-secret"));
}

#[tokio::test]
async fn fields_are_scanned_too() {
    let response = Response::builder()
        .header("x-echo", "got secret-value")
        .body(Full::<Bytes>::default());
    let response = scan(response.unwrap(), secrets(&["secret-value"]), || {});
    assert_eq!(response.headers()["x-echo"], "got ************");
}
