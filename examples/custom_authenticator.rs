//! Two custom schemes: a value computed for each request, and a token from your own source.
//!
//! ```sh
//! cargo run --example custom_authenticator
//! ```

#![allow(clippy::print_stdout, reason = "it is a program that reports")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, StatusCode};
use multi_auth::{
    AuthError, Authenticator, Bearer, Credential, Keyring, Outcome, Placement, RequestHead, Token,
    TokenSource,
};
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

/// Sends the caller's name, the method and the path: `x-caller: <base64 of the three>`.
///
/// A real scheme would sign them in the same method.
#[derive(Debug)]
struct Caller(String);

const CALLER: HeaderName = HeaderName::from_static("x-caller");

impl Authenticator for Caller {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        if request.headers().contains_key(CALLER) {
            return Some(Ok(Credential::empty())); // the caller's own wins
        }
        let text = format!("{} {} {}", self.0, request.method(), request.path());
        let value = HeaderValue::try_from(STANDARD.encode(text)).map_err(AuthError::permanent);
        Some(value.map(|value| Credential::header(CALLER, value)))
    }

    fn placements(&self) -> Vec<Placement> {
        Placement::header(CALLER.as_str()).into_iter().collect()
    }

    // `authenticate` and `judge` keep their defaults: `ready` always returns the credential, and
    // there is nothing to refresh.
}

/// Issues numbered tokens. Each call is one token request; `Bearer` caches the result.
#[derive(Debug, Default)]
struct Tickets(AtomicUsize);

#[async_trait]
impl TokenSource for Tickets {
    async fn token(&self) -> Result<Token, AuthError> {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Token::new(format!("ticket-{number}")).with_lifetime(Duration::from_secs(3600)))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = ScriptedServer::start().await?;
    let placement = Placement::header("x-ticket")?;
    let tickets = Bearer::builder(Tickets::default())
        .placement(placement)
        .build();
    let keyring = Keyring::builder()
        .bind(
            format!("{}/calls", server.url()),
            Caller("north".to_owned()),
        )?
        .bind(format!("{}/tickets", server.url()), tickets)?
        .build();
    // The simulators are on loopback, so requests to them use no proxy.
    let direct = reqwest::Client::builder().no_proxy();
    let client = guarded_client(keyring).with_client(direct).build()?;

    for path in ["/calls/1", "/calls/2", "/tickets/1", "/tickets/2", "/open"] {
        client.get(format!("{}{path}", server.url())).send().await?;
    }
    for request in server.requests() {
        let header = |name| request.header(name).map(|value| format!("{name}: {value}"));
        let sent = header("x-caller").or_else(|| header("x-ticket"));
        println!(
            "{:11} {}",
            request.path,
            sent.unwrap_or_else(|| "nothing".to_owned())
        );
    }

    server.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
    let refused = client.get(format!("{}/calls/3", server.url()));
    let refused = refused.send().await?;
    let outcome = refused.extensions().get();
    if let Some(reason) = outcome.and_then(Outcome::not_replayed) {
        println!("/calls/3    {}: {reason}", refused.status());
    }
    Ok(())
}
