//! Requests whose bytes arrive in any pieces with any pauses get the responses that their order
//! says.

use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::sleep;

use super::Rig;

/// The bytes of a request, and the end of its response.
#[derive(Clone, Debug)]
struct Exchange {
    request: Vec<u8>,
    response: String,
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let body = prop::collection::vec(any::<u8>(), 0..300);
    (0..1000_u16, body, 0..4_u8).prop_map(|(number, body, kind)| {
        let path = if kind == 3 {
            "/early".to_owned()
        } else {
            format!("/{number}")
        };
        let mut request = match kind {
            0 => format!("GET {path} HTTP/1.1\r\nhost: h\r\n\r\n"),
            1 => format!("POST {path} HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n"),
            _ => format!(
                "POST {path} HTTP/1.1\r\nhost: h\r\ncontent-length: {}\r\n\r\n",
                body.len()
            ),
        }
        .into_bytes();
        match kind {
            0 => {}
            1 => {
                for chunk in body.chunks(100) {
                    request.extend(format!("{:x}\r\n", chunk.len()).bytes());
                    request.extend([chunk, b"\r\n"].concat());
                }
                request.extend(b"0\r\n\r\n");
            }
            _ => request.extend(&body),
        }
        let response = match kind {
            0 => format!("<{path} 0>"),
            3 => "</early>".to_owned(),
            _ => format!("<{path} {}>", body.len()),
        };
        Exchange { request, response }
    })
}

/// How many bytes are passed before a pause of so many milliseconds.
type Steps = Vec<(usize, u64)>;

fn steps() -> impl Strategy<Value = Steps> {
    let pause = prop::sample::select(vec![0, 1, 90, 100, 101, 250, 9_000]);
    prop::collection::vec((1..400_usize, pause), 1..12)
}

/// Sends all `requests` in these steps, which begin again at their end, and reads all responses.
fn responses(requests: &[u8], sent: &Steps, read: &Steps, buffer: usize) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(async {
        let (caller, stream) = duplex(buffer);
        let (mut from_proxy, mut to_proxy) = tokio::io::split(caller);
        // A caller may take long to read.
        let rig = Rig::with_idle_timeout(Duration::from_secs(100_000));
        let sending = async {
            let mut rest = requests;
            for (length, pause) in sent.iter().cycle() {
                let (piece, later) = rest.split_at(rest.len().min(*length));
                to_proxy.write_all(piece).await.unwrap();
                rest = later;
                if rest.is_empty() {
                    break;
                }
                sleep(Duration::from_millis(*pause)).await;
            }
        };
        let receiving = async {
            let mut responses = Vec::new();
            for (length, pause) in read.iter().cycle() {
                let mut piece = vec![0; *length];
                match from_proxy.read(&mut piece).await.unwrap() {
                    0 => break,
                    read => responses.extend(&piece[..read]),
                }
                sleep(Duration::from_millis(*pause)).await;
            }
            String::from_utf8(responses).unwrap()
        };
        let serve = rig.http.serve(stream, &rig.usage, rig.handler());
        let (served, (), responses) = tokio::join!(serve, sending, receiving);
        assert!(served.is_ok(), "{served:?}");
        responses
    })
}

/// The ends of the responses, in their order.
fn answers(responses: &str) -> Vec<String> {
    let answers = responses.split('<').skip(1);
    let answers = answers.filter_map(|answer| answer.split_once('>'));
    answers.map(|(answer, _)| format!("<{answer}>")).collect()
}

proptest! {
    #[test]
    fn each_request_gets_its_response(
        exchanges in prop::collection::vec(exchange(), 1..8),
        (sent, read) in (steps(), steps()),
        buffer in 1..2_000_usize,
    ) {
        let requests: Vec<u8> = exchanges.iter().flat_map(|one| one.request.clone()).collect();
        let expected: Vec<_> = exchanges.into_iter().map(|one| one.response).collect();
        prop_assert_eq!(answers(&responses(&requests, &sent, &read, buffer)), expected);
    }
}
