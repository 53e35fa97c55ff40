//! Keeps tokens in a file, so that the next run of a program needs no token request.
//!
//! ```sh
//! cargo run --example token_file_cache
//! ```

#![allow(clippy::print_stdout, reason = "it is a program that reports")]

#[allow(
    clippy::disallowed_methods,
    reason = "an example reads the machine's clock"
)]
#[path = "token_file_cache/file_cache.rs"]
mod file_cache;

use std::path::Path;

use file_cache::FileCache;
use multi_auth::{Bearer, Keyring, TokenEndpoint};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let server = ScriptedServer::start().await?;
    server.respond_with(|request: &RecordedRequest| match &*request.path {
        "/token" => {
            ScriptedResponse::default().with_body(r#"{"access_token":"t-1","expires_in":3600}"#)
        }
        _ => ScriptedResponse::default(),
    });
    let folder = std::env::temp_dir().join(format!("multi-auth-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let file = folder.join("token.json");
    for run in ["first run", "second run"] {
        call_api(&server, &file).await?;
        let (token, api) = (
            server.requests_to("/token").len(),
            server.requests_to("/api").len(),
        );
        println!("after the {run}: {token} token request, {api} API requests");
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// What one run of a program does.
async fn call_api(server: &ScriptedServer, file: &Path) -> Result<(), Failure> {
    let endpoint =
        TokenEndpoint::builder(&format!("{}/token", server.url()), ReqwestTransport::new()?)?
            .form([("grant_type", "client_credentials")])
            .build();
    let bearer = Bearer::new(FileCache::new(endpoint, file));
    let keyring = Keyring::builder().bind(server.url(), bearer)?.build();
    // The simulators are on loopback, so requests to them use no proxy.
    let direct = reqwest::Client::builder().no_proxy();
    let client = guarded_client(keyring).with_client(direct).build()?;
    client.get(format!("{}/api", server.url())).send().await?;
    Ok(())
}
