//! A caller may drop its request at any poll. No permit is lost, and later callers are served.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use multi_auth::{Bearer, Keyring, Token, source_fn};
use multi_auth_tower::AuthLayer;
use tokio::task::yield_now;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, ServiceBuilder, ServiceExt, service_fn};

use crate::body::TestBody;

type Stack = BoxCloneSyncService<Request<TestBody>, Response<Bytes>, BoxError>;

/// Refuses every odd token.
async fn vendor(request: Request<TestBody>) -> Result<Response<Bytes>, Infallible> {
    yield_now().await;
    let token = request.headers()["authorization"].to_str().unwrap();
    let mut answer = Response::new(Bytes::new());
    if token.ends_with(['1', '3', '5', '7', '9']) {
        *answer.status_mut() = StatusCode::UNAUTHORIZED;
    }
    yield_now().await;
    Ok(answer)
}

/// One request at a time, wherever that is said.
fn stacks() -> [Stack; 4] {
    let auth = || {
        let number = AtomicUsize::new(0);
        let bearer = Bearer::new(source_fn(move || {
            let number = number.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                yield_now().await;
                Ok(Token::new(format!("t-{number}")))
            }
        }));
        let keyring = Keyring::builder().bind("https://a.example", bearer);
        AuthLayer::new(keyring.unwrap().build()).with_replay(TestBody::copy)
    };
    let stack = ServiceBuilder::new;
    let one = || stack().concurrency_limit(1).service(service_fn(vendor));
    let above = stack().concurrency_limit(1).layer(auth());
    [
        Stack::new(stack().layer(auth()).service(one())),
        Stack::new(above.service(service_fn(vendor))),
        Stack::new(stack().layer(auth()).buffer(1).service(one())),
        Stack::new(stack().buffer(1).layer(auth()).service(one())),
    ]
}

async fn status(stack: Stack) -> StatusCode {
    let request = Request::get("https://a.example/").body(TestBody::default());
    stack.oneshot(request.unwrap()).await.unwrap().status()
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_dropped_at_any_poll_leaves_nothing_behind() {
    for number in 0..stacks().len() {
        for polls in 0.. {
            let stack = stacks().into_iter().nth(number).unwrap();
            let mut dropped = tokio_test::task::spawn(status(stack.clone()));
            let mut is_over = false;
            for _ in 0..polls {
                is_over = dropped.poll().is_ready();
                if is_over {
                    break;
                }
                yield_now().await;
            }
            drop(dropped);
            let both = async { tokio::join!(status(stack.clone()), status(stack.clone())) };
            let both = tokio::time::timeout(Duration::from_secs(60), both).await;
            let ok = StatusCode::OK;
            assert_eq!(both, Ok((ok, ok)), "stack {number}, poll {polls}");
            if is_over {
                assert!(polls > 5, "stack {number} was done at poll {polls}");
                break;
            }
        }
    }
}
