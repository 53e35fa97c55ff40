//! The pages for operators: health, metrics and status.

mod connections;
mod page;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use futures_util::Stream;
use futures_util::stream::unfold;

use crate::proxy::Proxy;
use crate::status::Status;

/// How often the status page changes.
const EVERY: Duration = Duration::from_secs(2);

/// The pages for operators: `/-/healthz`, `/-/readyz`, `/-/metrics` and the status page `/-/`.
///
/// They need no token and show no secret. Listen at an address that only operators reach.
#[derive(Clone)]
pub struct Admin {
    proxy: Proxy,
    metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin")
            .field("proxy", &self.proxy)
            .finish_non_exhaustive()
    }
}

impl Admin {
    /// The pages of `proxy`. `metrics` returns the metrics of the process in Prometheus's format.
    pub fn new(proxy: Proxy, metrics: impl Fn() -> String + Send + Sync + 'static) -> Self {
        let metrics = Arc::new(metrics);
        Self { proxy, metrics }
    }

    /// Serves the pages at `listener` over HTTP/1.1, until the future is dropped. At most 32
    /// connections are served at once, and each must send a request head within 30 seconds.
    ///
    /// # Errors
    ///
    /// If the listener cannot be used.
    pub async fn serve(self, listener: std::net::TcpListener) -> io::Result<()> {
        let router = Router::new()
            .route("/-/healthz", get(async || "ok\n"))
            .route("/-/readyz", get(ready))
            .route("/-/metrics", get(metrics))
            .route("/-/status.json", get(status))
            .route("/-/events", get(events))
            .route("/-/", get(shown))
            .layer(from_fn_with_state(self.clone(), refuse_other_hosts))
            .with_state(self);
        connections::serve(listener, router).await
    }

    fn status(&self) -> Status {
        Status::of(&self.proxy.shared.state.load())
    }
}

/// A web page that a browser shows cannot read these pages under another name (DNS rebinding).
async fn refuse_other_hosts(State(admin): State<Admin>, request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let authority = host.and_then(|host| host.parse::<axum::http::uri::Authority>().ok());
    let state = admin.proxy.shared.state.load();
    let is_own = authority.is_some_and(|own| state.routes.hosts.contains(own.host()));
    drop(state);
    if is_own {
        return next.run(request).await;
    }
    (
        StatusCode::MISDIRECTED_REQUEST,
        "the host is not this proxy\n",
    )
        .into_response()
}

async fn ready(State(admin): State<Admin>) -> Response {
    if admin.status().is_ready() {
        return "ready\n".into_response();
    }
    let text = "a vendor's token cannot be requested: see /-/\n";
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

async fn metrics(State(admin): State<Admin>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, (admin.metrics)()).into_response()
}

async fn status(State(admin): State<Admin>) -> axum::Json<Status> {
    axum::Json(admin.status())
}

async fn shown(State(admin): State<Admin>) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let fields = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (fields, Html(page::whole(&admin.status()))).into_response()
}

/// The content of the page, again and again.
async fn events(State(admin): State<Admin>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stream = unfold((admin, true), async |(admin, is_first)| {
        if !is_first {
            tokio::time::sleep(EVERY).await;
        }
        let event = Event::default().data(page::content(&admin.status()));
        Some((Ok(event), (admin, false)))
    });
    Sse::new(stream)
}
