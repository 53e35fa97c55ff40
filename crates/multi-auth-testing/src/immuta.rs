//! A simulator of Immuta: `Authorization: <key>`, or `Authorization: Bearer <token>` with a token
//! that the key obtains.
//!
//! | endpoint | credential |
//! |---|---|
//! | `POST /bim/apikey/authenticate` | `{"apikey": "<key>"}`, or `Authorization: <key>` with no body |
//! | `GET /audit` | `Authorization:` `<key>`, `Bearer <key>`, `<token>` or `Bearer <token>` |
//! | `GET /bim/rpc/user/current` | the same |
//!
//! Errors are `{"statusCode": 401, "error": "Unauthorized", "message": "Not authenticated."}`,
//! without `WWW-Authenticate` unless [`ImmutaSimulator::set_challenge`] sets one. The vendor's page
//! is "Authenticate with the API". It leaves two statuses open, which this simulator chooses: 400
//! for a malformed token request, and 404 for an unknown path.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::{LoopbackServer, SimulatorError};

mod builder;
pub use builder::ImmutaBuilder;
mod envelope;
mod instance;
mod login;
use instance::Instance;
mod resources;
mod routes;
#[cfg(test)]
mod tests;
mod tokens;

/// A simulator of Immuta. It dereferences to [`LoopbackServer`].
///
/// ```
/// use multi_auth_testing::ImmutaSimulator;
/// use serde_json::{Value, json};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let immuta = ImmutaSimulator::start().await?;
/// let client = reqwest::Client::new();
///
/// let token_request = client.post(format!("{}/bim/apikey/authenticate", immuta.url()));
/// let answer = token_request.json(&json!({ "apikey": immuta.api_key() })).send().await?;
/// let answer: Value = answer.json().await?;
/// let token = answer["token"].as_str().ok_or("no token")?;
///
/// let audit = || client.get(format!("{}/audit", immuta.url())).bearer_auth(token).send();
/// assert_eq!(audit().await?.status(), 200);
/// immuta.expire_tokens();
/// assert_eq!(audit().await?.status(), 401);
/// assert_eq!(immuta.tokens_issued(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ImmutaSimulator {
    server: LoopbackServer,
    instance: Arc<Instance>,
}

impl ImmutaSimulator {
    /// Starts a simulator on `127.0.0.1` and any free port.
    ///
    /// # Errors
    ///
    /// As [`ImmutaBuilder::start`].
    pub async fn start() -> Result<Self, SimulatorError> {
        Self::builder().start().await
    }

    /// A builder, for a simulator that needs settings.
    pub fn builder() -> ImmutaBuilder {
        ImmutaBuilder::default()
    }

    /// A valid key: the example of the vendor's page, `846e9e43c86a4ct1be14290d95127d13f`.
    #[must_use]
    pub fn api_key(&self) -> &'static str {
        instance::API_KEY
    }

    /// Adds a key.
    pub fn add_api_key(&self, key: impl Into<String>) {
        self.instance.update(|state| state.keys.insert(key.into()));
    }

    /// Deletes a key: it gets 401 from now on. The tokens that it obtained stay valid.
    pub fn revoke_api_key(&self, key: &str) {
        self.instance.update(|state| state.keys.remove(key));
    }

    /// How many tokens were issued so far. Failed token requests do not count;
    /// [`requests_to`](LoopbackServer::requests_to) returns them too.
    #[must_use]
    pub fn tokens_issued(&self) -> usize {
        self.instance.update(|state| state.tokens_issued)
    }

    /// Expires every token issued so far: they get 401 from now on.
    pub fn expire_tokens(&self) {
        self.instance.update(|state| state.tokens.clear());
    }

    /// Expires one token: it gets 401 from now on.
    pub fn revoke_token(&self, token: &str) {
        self.instance.update(|state| state.tokens.remove(token));
    }

    /// The lifetime of tokens issued from now on, by tokio's clock, which tests can pause and
    /// advance. `None`, the default: they do not expire.
    pub fn set_token_lifetime(&self, lifetime: Option<Duration>) {
        self.instance.update(|state| state.lifetime = lifetime);
    }

    /// Whether the token response has the expiry, as `tokenExpiration` in RFC 3339, by the system's
    /// clock, for tokens with a lifetime. The vendor's page does not show it.
    pub fn announce_expiration(&self, announce: bool) {
        self.instance
            .update(|state| state.announce_expiration = announce);
    }

    /// Whether the token response has `"authenticated": true`. The vendor's page does not show it.
    pub fn announce_authenticated(&self, announce: bool) {
        self.instance
            .update(|state| state.announce_authenticated = announce);
    }

    /// Whether a token request returns the last token again while it is valid.
    pub fn reuse_token(&self, reuse: bool) {
        self.instance.update(|state| state.reuse_token = reuse);
    }

    /// Sets the `WWW-Authenticate` of responses with status 401. `None`, the default: there is
    /// none.
    pub fn set_challenge(&self, challenge: Option<HeaderValue>) {
        self.instance.update(|state| state.challenge = challenge);
    }
}

impl Deref for ImmutaSimulator {
    type Target = LoopbackServer;

    fn deref(&self) -> &LoopbackServer {
        &self.server
    }
}
