//! What happens between two polls of a connection, and when its stream ends.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;
use http_body::Body;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use super::hooked::Hooked;
use super::{GET, IDLE_TIMEOUT, Rig, beside, now, response};
use crate::body::RequestBody;
use crate::stop::Phase;

const KEPT: &str = "POST /kept HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\n";

/// Another thread may do so, such as that of the connection to a vendor.
#[tokio::test(start_paused = true)]
async fn the_rest_of_a_body_that_is_dropped_while_hyper_is_polled_is_no_request() {
    let (mut caller, stream) = duplex(1024);
    let rig = Rig::new();
    let stream = Hooked::new(stream);
    let on_flush = Arc::clone(&stream.on_flush);
    let calling = async {
        caller.write_all(KEPT.as_bytes()).await.unwrap();
        assert!(response(&mut caller).await.ends_with("</kept>"));
        sleep(Duration::from_millis(200)).await;
        let mut body = rig.kept.lock().unwrap().take().unwrap();
        // hyper reads the body while it is wanted.
        assert!(body.frame().now_or_never().is_none());
        *on_flush.lock().unwrap() = Some(Box::new(move || drop(body)));
        caller
            .write_all(b"the beginning of the body")
            .await
            .unwrap();
        sleep(Duration::from_millis(200)).await;
        let _ = caller.write_all(GET.as_bytes()).await;
        let mut rest = String::new();
        let _ = caller.read_to_string(&mut rest).await;
        assert_eq!(rest, "", "a part of the body was served as a request");
    };
    let (served, ()) = tokio::join!(rig.http.serve(stream, &rig.usage, rig.handler()), calling);
    let _ = served;
}

#[tokio::test(start_paused = true)]
async fn a_connection_rests_when_its_body_has_ended_after_the_response() {
    for body in [
        "content-length: 4\r\n\r\nbody",
        "transfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ] {
        let (mut caller, stream) = duplex(1024);
        let rig = Rig::new();
        let request = format!("POST /kept HTTP/1.1\r\nhost: h\r\n{body}");
        caller.write_all(request.as_bytes()).await.unwrap();
        let kept = async {
            sleep(Duration::from_secs(10)).await;
            let body = rig.kept.lock().unwrap().take().unwrap();
            assert_eq!(body.collect().await.unwrap().to_bytes(), "body");
        };
        let (rested, ()) = tokio::join!(rig.rests(stream), kept);
        assert_eq!(rested.unwrap().0.as_secs(), 10, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_to_a_vendor_has_ended_after_its_last_byte() {
    let (mut caller, stream) = duplex(1024);
    let rig = Rig::new();
    let calling = async {
        caller.write_all(KEPT.as_bytes()).await.unwrap();
        assert!(response(&mut caller).await.ends_with("</kept>"));
        let body = rig.kept.lock().unwrap().take().unwrap();
        let mut body = RequestBody::of(body);
        caller.write_all(&[b'x'; 100]).await.unwrap();
        let mut length = 0;
        while !body.is_end_stream() {
            let frame = timeout(Duration::from_secs(1), body.frame()).await;
            let frame = frame.expect("the body waits after its last byte");
            length += frame.unwrap().unwrap().into_data().unwrap().len();
        }
        assert_eq!(length, 100);
    };
    tokio::select! {
        () = calling => {}
        served = rig.http.serve(stream, &rig.usage, rig.handler()) => panic!("{served:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_at_rest_is_shut_down_at_the_stop_and_after_the_idle_timeout() {
    for is_stopped in [true, false] {
        let (mut caller, stream) = duplex(1024);
        let rig = Rig::new();
        let stream = Hooked::new(stream);
        let is_shut_down = Arc::clone(&stream.is_shut_down);
        let calling = async {
            caller.write_all(GET.as_bytes()).await.unwrap();
            assert!(response(&mut caller).await.ends_with("</a 0>"));
            sleep(Duration::from_millis(200)).await;
            if is_stopped {
                rig.http.stop.begin(Phase::Draining);
            }
            assert_eq!(response(&mut caller).await, "");
        };
        let (served, ()) = tokio::join!(rig.http.serve(stream, &rig.usage, rig.handler()), calling);
        served.unwrap();
        assert!(is_shut_down.load(Ordering::Relaxed), "{is_stopped}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_arrives_at_the_moment_of_the_stop_is_served() {
    for since in [50, 200] {
        let (mut caller, stream) = duplex(1024);
        let rig = Rig::new();
        beside(&rig, stream, async {
            caller.write_all(GET.as_bytes()).await.unwrap();
            assert!(response(&mut caller).await.ends_with("</a 0>"));
            sleep(Duration::from_millis(since)).await;
            rig.http.stop.begin(Phase::Draining);
            // As if tokio had not yet told that it is there.
            yield_now().await;
            caller.write_all(GET.as_bytes()).await.unwrap();
            assert!(response(&mut caller).await.ends_with("</a 0>"), "{since}");
            assert_eq!(response(&mut caller).await, "");
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_line_after_a_request_does_not_hold_the_stop() {
    let (mut caller, stream) = duplex(1024);
    let rig = Rig::new();
    let stopped = beside(&rig, stream, async {
        caller.write_all(GET.as_bytes()).await.unwrap();
        caller.write_all(b"\r\n").await.unwrap();
        assert!(response(&mut caller).await.ends_with("</a 0>"));
        sleep(Duration::from_millis(200)).await;
        rig.http.stop.begin(Phase::Draining);
        timeout(Duration::from_secs(2), response(&mut caller)).await
    });
    assert_eq!(stopped.await.unwrap(), "");
}

#[tokio::test(start_paused = true)]
async fn a_body_has_a_time_limit_after_its_response() {
    let (mut caller, stream) = duplex(1024);
    let rig = Rig::new();
    let began = now();
    let request = "POST /early HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\n";
    let calling = async {
        caller.write_all(request.as_bytes()).await.unwrap();
        assert!(response(&mut caller).await.ends_with("</early>"));
        while caller.write_all(b"x").await.is_ok() {
            sleep(IDLE_TIMEOUT / 4).await;
        }
    };
    let (served, ()) = tokio::join!(rig.http.serve(stream, &rig.usage, rig.handler()), calling);
    let _ = served;
    assert!(began.elapsed() < IDLE_TIMEOUT * 2, "{:?}", began.elapsed());
}

/// Reads a response of `/long` byte by byte with `pause` between, until the stream ends.
async fn read_slowly(pause: Duration) -> usize {
    let (mut caller, stream) = duplex(64);
    let rig = Rig::new();
    let reading = async {
        caller
            .write_all(b"GET /long HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut length = 0;
        loop {
            let mut part = [0; 64];
            match caller.read(&mut part).await.unwrap() {
                0 => return length,
                read => length += read,
            }
            sleep(pause).await;
        }
    };
    let (served, length) = tokio::join!(rig.http.serve(stream, &rig.usage, rig.handler()), reading);
    let _ = served;
    length
}

#[tokio::test(start_paused = true)]
async fn a_response_may_take_longer_than_the_idle_timeout_while_it_is_read() {
    assert!(read_slowly(IDLE_TIMEOUT / 2).await > super::LONG);
    assert!(read_slowly(IDLE_TIMEOUT * 2).await < super::LONG);
}
