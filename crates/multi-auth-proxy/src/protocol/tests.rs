use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, timeout};

use super::{BUFFERED_FOR, Handler, Http};
use crate::stop::Phase;
use crate::stream::CallerStream;
use crate::usage::{CallerBody, Usage};

mod hooked;
mod moments;
mod oracle;

const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The length of the response to `/long`.
const LONG: usize = 1_000;

/// A connection to a server that answers `POST /early` and `POST /kept` before the body has
/// arrived, and all other requests after it, with `<PATH LENGTH>`.
struct Rig {
    http: Http,
    usage: Usage,
    /// The body of the last request for `/kept`.
    kept: Arc<Mutex<Option<CallerBody>>>,
}

impl Rig {
    fn new() -> Self {
        Self::with_idle_timeout(IDLE_TIMEOUT)
    }

    fn with_idle_timeout(idle_timeout: Duration) -> Self {
        Self {
            http: Http::new(idle_timeout),
            usage: Usage::new(),
            kept: Arc::default(),
        }
    }

    fn handler(&self) -> impl Handler + use<> {
        let (usage, kept) = (self.usage.clone(), Arc::clone(&self.kept));
        service_fn(move |request: Request<Incoming>| {
            let active = usage.begin();
            let (parts, body) = request.into_parts();
            let body = CallerBody::new(body, usage.clone());
            let kept = Arc::clone(&kept);
            async move {
                let path = parts.uri.path();
                let answer = match path {
                    "/early" => {
                        tokio::spawn(body.collect());
                        format!("<{path}>")
                    }
                    "/kept" => {
                        *kept.lock().unwrap() = Some(body);
                        format!("<{path}>")
                    }
                    "/long" => "x".repeat(LONG),
                    _ => {
                        let body = body.collect().await.unwrap().to_bytes();
                        format!("<{path} {}>", body.len())
                    }
                };
                let active = move |error: Infallible| {
                    let _ = &active;
                    error
                };
                let body = Full::new(Bytes::from(answer)).map_err(active);
                Ok::<_, Infallible>(Response::new(body))
            }
        })
    }

    /// The time until the stream is given back, and what was read ahead. `None` if the connection
    /// ends first.
    async fn rests<S>(&self, stream: S) -> Option<(Duration, String)>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let began = now();
        let stream = CallerStream::new(stream, self.usage.clone());
        let served = self.http.http1(stream, &self.usage, self.handler()).await;
        let stream = served.unwrap()?;
        let ahead = String::from_utf8(stream.ahead().to_vec()).unwrap();
        Some((began.elapsed(), ahead))
    }

    /// Whether the stream is still served ten seconds after `sent`, which `caller` sends.
    async fn is_busy_with(&self, sent: &str, buffer: usize) -> bool {
        let (mut caller, stream) = duplex(buffer);
        let sending = async {
            caller.write_all(sent.as_bytes()).await.unwrap();
            caller
        };
        let rests = async { timeout(Duration::from_secs(10), self.rests(stream)).await };
        let (rested, _caller) = tokio::join!(rests, sending);
        rested.is_err()
    }
}

#[expect(clippy::disallowed_methods, reason = "the timers have this clock too")]
fn now() -> Instant {
    Instant::now()
}

const GET: &str = "GET /a HTTP/1.1\r\nhost: h\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn a_connection_rests_a_moment_after_its_request() {
    let (mut caller, stream) = duplex(1024);
    caller.write_all(GET.as_bytes()).await.unwrap();
    let (after, ahead) = Rig::new().rests(stream).await.unwrap();
    assert_eq!(after.as_millis() / 10, BUFFERED_FOR.as_millis() / 10);
    assert_eq!(ahead, "");
    let mut response = String::new();
    caller.read_to_string(&mut response).await.unwrap();
    assert!(response.ends_with("</a 0>"));
}

#[tokio::test(start_paused = true)]
async fn a_connection_with_something_under_way_does_not_rest() {
    let rig = Rig::new();
    for sent in [
        // No request has begun, only a part of one, or a body is not complete.
        "",
        "GET /a HT",
        "POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nbod",
        "POST /early HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nbod",
        "POST /early HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3\r\nbod\r\n",
        "POST /early HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n",
    ] {
        assert!(rig.is_busy_with(sent, 1024).await, "{sent}");
    }
    for sent in [
        GET,
        "POST /early HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nbody",
        "POST /early HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3\r\nbod\r\n0\r\n\r\n",
    ] {
        assert!(!rig.is_busy_with(sent, 1024).await, "{sent}");
        // The caller does not read its response.
        assert!(rig.is_busy_with(sent, 64).await, "{sent}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_of_the_next_request_is_read_again_and_has_the_same_time_limit() {
    let (mut caller, stream) = duplex(1024);
    caller.write_all(GET.as_bytes()).await.unwrap();
    caller.write_all(b"GET /b HT").await.unwrap();
    let rig = Rig::new();
    let began = now();
    let serve = rig.http.serve(stream, &rig.usage, rig.handler());
    let responses = async {
        let mut responses = Vec::new();
        caller.read_to_end(&mut responses).await.unwrap();
        String::from_utf8(responses).unwrap()
    };
    let (served, responses) = tokio::join!(serve, responses);
    assert!(served.is_ok(), "{served:?}");
    assert_eq!(began.elapsed().as_secs(), IDLE_TIMEOUT.as_secs());
    assert_eq!(responses.matches("200 OK").count(), 1, "{responses}");
}

async fn response(caller: &mut DuplexStream) -> String {
    let mut response = vec![0; 1024];
    let length = caller.read(&mut response).await.unwrap();
    String::from_utf8_lossy(&response[..length]).into_owned()
}

/// Runs `call` while `rig` serves `stream`, and returns once both have ended.
async fn beside<T>(rig: &Rig, stream: DuplexStream, call: impl Future<Output = T>) -> T {
    let serve = rig.http.serve(stream, &rig.usage, rig.handler());
    let (served, result) = tokio::join!(serve, call);
    assert!(served.is_ok(), "{served:?}");
    result
}

#[tokio::test(start_paused = true)]
async fn requests_are_served_after_each_rest() {
    let (mut caller, stream) = duplex(1024);
    let rig = Rig::new();
    beside(&rig, stream, async {
        for pause in [0, 90, 110, 30_000, 59_000] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            caller.write_all(GET.as_bytes()).await.unwrap();
            let response = response(&mut caller).await;
            assert!(response.ends_with("</a 0>"), "{response}");
        }
        let began = now();
        assert_eq!(response(&mut caller).await, "");
        assert_eq!(began.elapsed().as_secs(), IDLE_TIMEOUT.as_secs());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_connections_at_rest_and_serves_what_arrived_before_it() {
    for pause in [0, 50, 200] {
        let (mut caller, stream) = duplex(1024);
        let rig = Rig::new();
        beside(&rig, stream, async {
            caller.write_all(GET.as_bytes()).await.unwrap();
            assert!(response(&mut caller).await.ends_with("</a 0>"));
            tokio::time::sleep(Duration::from_millis(pause)).await;
            rig.http.stop.begin(Phase::Draining);
            assert_eq!(response(&mut caller).await, "");
        })
        .await;
    }
    // This one has not been read before the stop.
    let (mut caller, stream) = duplex(1024);
    let rig = Rig::new();
    rig.http.stop.begin(Phase::Draining);
    caller.write_all(GET.as_bytes()).await.unwrap();
    let response = beside(&rig, stream, response(&mut caller)).await;
    assert!(response.ends_with("</a 0>"), "{response}");
}
