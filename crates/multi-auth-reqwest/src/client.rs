//! A client that cannot carry a credential to an origin it is not bound to.

use std::sync::Arc;

use multi_auth::Keyring;
use reqwest::redirect::Policy;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware};

use crate::AuthMiddleware;
use crate::redirect::{OtherOrigins, Redirects};

/// A client whose requests carry the credentials of `keyring`, each to its own scope and no
/// further.
///
/// See the [crate's page](crate) for an example.
#[must_use]
pub fn guarded_client(keyring: Keyring) -> GuardedClientBuilder {
    GuardedClientBuilder {
        keyring,
        client: reqwest::Client::builder(),
        others: OtherOrigins::Follow,
        outer: Vec::new(),
    }
}

/// Builds a guarded client, from [`guarded_client`].
pub struct GuardedClientBuilder {
    keyring: Keyring,
    client: reqwest::ClientBuilder,
    others: OtherOrigins,
    outer: Vec<Arc<dyn Middleware>>,
}

impl GuardedClientBuilder {
    /// The settings of the reqwest client below: timeouts, proxies, roots of trust. Its redirect
    /// and referer settings are replaced.
    #[must_use]
    pub fn with_client(self, client: reqwest::ClientBuilder) -> Self {
        Self { client, ..self }
    }

    /// Adds a middleware around redirects and authentication, such as one that retries: each of
    /// its attempts takes the token that is then current.
    #[must_use]
    pub fn with_outer(mut self, middleware: impl Middleware) -> Self {
        self.outer.push(Arc::new(middleware));
        self
    }

    /// Delivers a redirect to another origin as it is. By default it is followed, with no
    /// credential of the origin that sent it.
    #[must_use]
    pub fn stop_at_other_origins(self) -> Self {
        Self {
            others: OtherOrigins::Stop,
            ..self
        }
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// As [`reqwest::ClientBuilder::build`].
    pub fn build(self) -> Result<ClientWithMiddleware, reqwest::Error> {
        let client = self
            .client
            .redirect(Policy::none())
            .referer(false)
            .build()?;
        let with_outer = |builder: ClientBuilder, layer| builder.with_arc(layer);
        let builder = self
            .outer
            .into_iter()
            .fold(ClientBuilder::new(client), with_outer);
        Ok(builder
            .with(Redirects(self.others))
            .with(AuthMiddleware::new(self.keyring))
            .build())
    }
}

impl std::fmt::Debug for GuardedClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuardedClientBuilder")
            .field("keyring", &self.keyring)
            .field("others", &self.others)
            .finish_non_exhaustive()
    }
}
