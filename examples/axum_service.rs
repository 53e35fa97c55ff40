//! A service that calls both vendors through one shared client, and responds with 502 if a
//! credential cannot be obtained.
//!
//! ```sh
//! cargo run --example axum_service              # calls itself and ends
//! SERVE=1 cargo run --example axum_service      # serves until Ctrl-C
//! ```

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program that reports"
)]

use std::net::Ipv4Addr;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use multi_auth::{Alphamoon, AuthError, Immuta, Keyring};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_testing::{AlphamoonSimulator, ImmutaSimulator};
use reqwest_middleware::ClientWithMiddleware;
use tokio::net::TcpListener;

/// The state that the handlers share: one client, so one token per vendor.
#[derive(Clone)]
struct App {
    client: ClientWithMiddleware,
    processes: String,
    audit: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let alphamoon = AlphamoonSimulator::start().await?;
    let immuta = ImmutaSimulator::start().await?;
    let router = Router::new()
        .route("/processes", get(processes))
        .route("/audit", get(audit))
        .with_state(app(&alphamoon, &immuta)?);

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = axum::serve(listener, router);
    if std::env::var_os("SERVE").is_some() {
        println!("{url}/processes\n{url}/audit\nCtrl-C stops.");
        return Ok(server.with_graceful_shutdown(interrupted()).await?);
    }
    let server = tokio::spawn(server.into_future());
    show(&format!("{url}/processes")).await?;
    show(&format!("{url}/audit")).await?;
    immuta.expire_tokens();
    immuta.revoke_api_key(immuta.api_key());
    show(&format!("{url}/audit")).await?;
    server.abort();
    Ok(())
}

fn app(
    alphamoon: &AlphamoonSimulator,
    immuta: &ImmutaSimulator,
) -> Result<App, Box<dyn std::error::Error>> {
    let (moon, data) = (Alphamoon::new(alphamoon.url())?, Immuta::new(immuta.url())?);
    let keyring = Keyring::builder()
        .bind(
            moon.protection_space(),
            moon.organization_key(alphamoon.organization_key())?,
        )?
        .bind(
            data.protection_space(),
            data.bearer(immuta.api_key(), ReqwestTransport::with_client(direct())?)?,
        )?
        .build();
    Ok(App {
        client: guarded_client(keyring).with_client(direct()).build()?,
        processes: format!("{}/api/v0.3/processes", alphamoon.url()),
        audit: format!("{}/audit", immuta.url()),
    })
}

async fn processes(State(app): State<App>) -> Result<String, Upstream> {
    fetch(&app.client, &app.processes).await
}

async fn audit(State(app): State<App>) -> Result<String, Upstream> {
    fetch(&app.client, &app.audit).await
}

async fn fetch(client: &ClientWithMiddleware, url: &str) -> Result<String, Upstream> {
    let response = client.get(url).send().await?.error_for_status()?;
    Ok(response.text().await?)
}

/// A failed call of a vendor. The caller of this service learns no details.
struct Upstream(reqwest_middleware::Error);

impl<E: Into<reqwest_middleware::Error>> From<E> for Upstream {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Upstream {
    fn into_response(self) -> Response {
        // Not 401: the vendor refused this service, not its caller.
        let message = match AuthError::find(&self.0) {
            Some(error) if error.is_transient() => "a vendor cannot be reached, try again later",
            Some(_) => "a vendor refuses our credential",
            None => "a vendor failed",
        };
        eprintln!("for the operator: {}", self.0);
        (StatusCode::BAD_GATEWAY, message).into_response()
    }
}

/// The settings of reqwest. Requests to loopback use no proxy.
fn direct() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

async fn show(url: &str) -> Result<(), reqwest::Error> {
    let response = direct().build()?.get(url).send().await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        eprintln!("cannot wait for Ctrl-C: {error}");
    }
}
