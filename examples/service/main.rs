//! A complete service: a configuration file, three vendors, keys that rotate while it runs, metrics
//! and logs. It calls itself, rotates a key, prints its metrics and ends.
//!
//! ```sh
//! cargo run --example service
//! ```
//!
//! The vendors are simulators: in your service, the module `vendors` goes away, and
//! `multi-auth.toml` is a file that you deploy.

#![allow(clippy::print_stdout, reason = "it is a program that reports")]

mod vendors;

use std::error::Error;
use std::future::IntoFuture;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use multi_auth::{AuthError, Rotation};
use multi_auth_config::{Config, LiveKeyring};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use reqwest_middleware::ClientWithMiddleware;
use tokio::net::TcpListener;
use tokio::time::sleep;

use self::vendors::Vendors;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO);
    log.init();
    // Before the keyring is built: a keyring keeps handles of the recorder that is installed then.
    let metrics = PrometheusBuilder::new().install_recorder()?;

    let vendors = Vendors::start().await?;
    let config = Config::read(vendors.configuration())?;
    let live = config.live_keyring(ReqwestTransport::new()?).await?;
    tokio::spawn(live.clone().watch()); // reads changed keys until the program ends

    let app = App {
        client: guarded_client(live.keyring().clone()).build()?,
        urls: vendors.urls(),
        metrics,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(axum::serve(listener, app.router()).into_future());
    call_itself(&url, &vendors, &live).await?;
    server.abort();
    Ok(())
}

/// What the handlers share: one client, so one token per vendor.
#[derive(Clone)]
struct App {
    client: ClientWithMiddleware,
    urls: [(&'static str, String); 3],
    metrics: PrometheusHandle,
}

impl App {
    fn router(self) -> Router {
        Router::new()
            .route("/vendors/{vendor}", get(vendor))
            .route("/metrics", get(metrics))
            .with_state(self)
    }
}

async fn vendor(State(app): State<App>, Path(name): Path<String>) -> Result<String, Upstream> {
    let url = app.urls.iter().find(|(known, _)| *known == name);
    let (_, url) = url.ok_or(Upstream::Unknown)?;
    let response = app.client.get(url).send().await?.error_for_status()?;
    Ok(format!(
        "{} bytes from {name}",
        response.bytes().await?.len()
    ))
}

async fn metrics(State(app): State<App>) -> String {
    app.metrics.run_upkeep();
    app.metrics.render()
}

/// Why there is no vendor's response. The caller of this service learns no more than that.
enum Upstream {
    Unknown,
    Failed(reqwest_middleware::Error),
}

impl<E: Into<reqwest_middleware::Error>> From<E> for Upstream {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl IntoResponse for Upstream {
    fn into_response(self) -> Response {
        let Self::Failed(error) = self else {
            return StatusCode::NOT_FOUND.into_response();
        };
        tracing::error!(error = &error as &dyn Error, "a vendor failed");
        // Not 401: the vendor refused this service, not its caller.
        let message = match AuthError::find(&error) {
            Some(error) if error.is_transient() => "a vendor is unreachable: try again later",
            Some(_) => "a vendor refuses our credential",
            None => "a vendor failed",
        };
        (StatusCode::BAD_GATEWAY, message).into_response()
    }
}

/// Calls each vendor through the service, and rotates a key meanwhile.
async fn call_itself(url: &str, vendors: &Vendors, live: &LiveKeyring) -> Result<(), Failure> {
    for vendor in ["alphamoon", "warehouse", "orders", "orders", "unknown"] {
        println!("{}", text(&format!("{url}/vendors/{vendor}")).await?);
    }
    vendors.rotate()?;
    while !vendors.has_seen_the_newer_key() {
        text(&format!("{url}/vendors/alphamoon")).await?;
        sleep(Duration::from_millis(10)).await;
    }
    vendors.revoke_the_older_key();
    println!("{}", text(&format!("{url}/vendors/alphamoon")).await?);

    let metrics = text(&format!("{url}/metrics")).await?;
    let counters = |line: &&str| line.starts_with("multi_auth_") && line.contains("_total");
    for line in metrics.lines().filter(counters) {
        println!("{line}");
    }
    for (vendor, rotation) in live.rotations() {
        println!(
            "{vendor}: settled: {}",
            matches!(rotation, Rotation::Settled)
        );
    }
    Ok(())
}

/// The status and body of the response.
async fn text(url: &str) -> Result<String, reqwest::Error> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let response = client.get(url).send().await?;
    Ok(format!("{} {}", response.status(), response.text().await?))
}
