//! The connections to the pages. Callers' requests need file descriptors too, so these are few, and
//! each must send a request in time.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::serve::pause_after;

/// How many connections there may be at once.
const MOST: usize = 32;

/// How long a connection may be without a whole request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves `router` at `listener`, until the future is dropped.
pub(super) async fn serve(listener: std::net::TcpListener, router: Router) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
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
                pause_after(&error).await;
                continue;
            }
        };
        let connection = http1.serve_connection(stream, TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            // An operator's client may go away.
            let _ = connection.await;
            drop(place);
        });
    }
}
