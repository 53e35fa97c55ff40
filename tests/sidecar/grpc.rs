//! HTTP/2 on both sides, with trailers.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

use crate::rig::{KEY, Rig, vendor};

type Reply =
    StreamBody<futures_util::stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>>;

/// Echoes the body, and ends with a trailer.
async fn echo(request: Request<Incoming>) -> Result<Response<Reply>, Infallible> {
    assert_eq!(request.version(), Version::HTTP_2);
    assert_eq!(request.headers()["te"], "trailers");
    assert_eq!(request.headers()["x-api-key"], KEY);
    let body = request.into_body().collect().await.unwrap();
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    trailers.insert("grpc-message", format!("key {KEY}").parse().unwrap());
    let frames = vec![
        Ok(Frame::data(body.to_bytes())),
        Ok(Frame::trailers(trailers)),
    ];
    let response = Response::builder().header("content-type", "application/grpc");
    Ok(response
        .body(StreamBody::new(futures_util::stream::iter(frames)))
        .unwrap())
}

#[tokio::test]
async fn a_grpc_call_keeps_its_body_and_its_trailers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let rig = Rig::of(&vendor(&format!(
        "http://{}",
        listener.local_addr().unwrap()
    )))
    .await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let builder = auto::Builder::new(TokioExecutor::new()).http2_only();
            tokio::spawn(async move {
                builder
                    .serve_connection(TokioIo::new(stream), service_fn(echo))
                    .await
                    .unwrap();
            });
        }
    });
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http();
    let request = Request::post(format!("{}/v/service/Method", rig.url))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {}", rig.token))
        .body(Full::new(Bytes::from_static(b"\0\0\0\0\x02hi")))
        .unwrap();
    let response = client.request(request).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.version()),
        (200, Version::HTTP_2)
    );
    let body = response.into_body().collect().await.unwrap();
    let trailers = body.trailers().unwrap();
    assert_eq!(trailers["grpc-status"], "0");
    assert_eq!(trailers["grpc-message"], "key *********************");
    assert_eq!(body.to_bytes(), "\0\0\0\0\x02hi");
}
