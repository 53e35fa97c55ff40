//! A custom adapter for an async client. The complete adapter is in `adapters/hyper.rs`.
//!
//! ```sh
//! cargo run --example hyper_adapter
//! ```

#![allow(clippy::print_stdout, reason = "it is a program that reports")]

#[path = "adapters/hyper.rs"]
mod hyper;

use bytes::Bytes;
use http::{Request, StatusCode};
use multi_auth::{ApiKey, Keyring};
use multi_auth_testing::{Fault, ScriptedServer};

use crate::hyper::HyperClient;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let server = ScriptedServer::start().await?;
    server.inject(Fault::status(StatusCode::OK));
    let key = ApiKey::header("x-api-key", "k-123")?;
    let keyring = Keyring::builder().bind(server.url(), key)?.build();

    let client = HyperClient::new(keyring);
    let request = Request::get(server.url()).body(Bytes::new())?;
    let response = client.send(request).await?;
    println!("hyper: {}", response.status());
    Ok(())
}
