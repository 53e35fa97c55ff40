//! An adapter of your own for a blocking client: `adapters/ureq.rs` is all of it.
//!
//! ```sh
//! cargo run --example ureq_adapter
//! ```

#![allow(clippy::print_stdout, reason = "it is a program that reports")]

#[path = "adapters/ureq.rs"]
mod ureq;

use http::{Request, StatusCode};
use multi_auth::{ApiKey, Keyring};
use multi_auth_testing::{Fault, ScriptedServer};

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::ureq::UreqClient;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let server = ScriptedServer::start().await?;
    server.inject(Fault::status(StatusCode::OK));
    let key = ApiKey::header("x-api-key", "k-123")?;
    let keyring = Keyring::builder().bind(server.url(), key)?.build();

    let client = UreqClient::new(keyring, Handle::current());
    let request = Request::get(server.url()).body(Vec::new())?;
    let response = spawn_blocking(move || client.send(request)).await??;
    println!("ureq: {}", response.status());
    Ok(())
}
