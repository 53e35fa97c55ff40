//! Signs requests with a custom scheme. The complete scheme is in `schemes/hmac.rs`.
//!
//! ```sh
//! cargo run --example hmac_signature
//! ```

#![allow(clippy::print_stdout, reason = "it is a program that reports")]

#[path = "schemes/hmac.rs"]
mod hmac;

use std::sync::Arc;

use multi_auth::{Keyring, SystemClock};
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::ScriptedServer;

use crate::hmac::HmacSignature;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = ScriptedServer::start().await?;
    let signature = HmacSignature::new(b"a shared key", Arc::new(SystemClock))?;
    let keyring = Keyring::builder().bind(server.url(), signature)?.build();

    let client = guarded_client(keyring).build()?;
    let url = format!("{}/orders?dry_run=true", server.url());
    client.post(url).body(r#"{"item": 1}"#).send().await?;
    for request in server.requests() {
        println!("{} {}", request.method, request.path);
        for name in ["x-timestamp", "x-signature"] {
            println!(
                "  {name}: {} characters",
                request.header(name).map_or(0, str::len)
            );
        }
    }
    Ok(())
}
