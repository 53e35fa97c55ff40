//! The connections of agents over HTTP/1.1. Each must send its requests in time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::output;

/// How many connections there may be at once.
const MOST: usize = 256;

/// How long a connection may be without a whole request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The pause after a connection could not be accepted, such as without free file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves `router` at `listener`, until the future is dropped.
pub(super) async fn serve(listener: TcpListener, router: Router) -> Infallible {
    let mut http1 = http1::Builder::new();
    http1
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    let places = Arc::new(Semaphore::new(MOST));
    loop {
        // The semaphore is never closed.
        let place = Arc::clone(&places).acquire_owned().await.ok();
        let stream = match listener.accept().await {
            Ok((stream, _)) => TokioIo::new(stream),
            Err(error) => {
                let problem = format!("a connection could not be accepted: {error}");
                output::note(&output::warning(&problem));
                sleep(PAUSE).await;
                continue;
            }
        };
        let connection = http1.serve_connection(stream, TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            // An agent may go away.
            let _ = connection.await;
            drop(place);
        });
    }
}
