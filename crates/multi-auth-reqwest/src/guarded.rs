//! A client that cannot carry a credential to an origin it is not bound to.

use std::sync::Arc;

use http::HeaderMap;
use multi_auth::{AuthError, Keyring, ProtectionSpace};
use reqwest::redirect::Policy;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware};

use crate::AuthMiddleware;
use crate::default_headers::DefaultHeaders;
use crate::direct::Direct;
use crate::own_clients::OwnClientsBuilder;
use crate::redirect::{FollowRedirects, OtherOrigins};

/// A client whose requests carry the credentials of `keyring`, each to its own scope and no
/// further.
///
/// See the [crate's page](crate) for an example.
#[must_use]
pub fn guarded_client(keyring: Keyring) -> GuardedClientBuilder {
    GuardedClientBuilder {
        keyring,
        client: None,
        own_clients: OwnClientsBuilder::default(),
        others: OtherOrigins::Follow,
        default_headers: HeaderMap::new(),
        outer: Vec::new(),
        inner: Vec::new(),
    }
}

/// Builds a guarded client, from [`guarded_client`].
pub struct GuardedClientBuilder {
    keyring: Keyring,
    client: Option<reqwest::ClientBuilder>,
    own_clients: OwnClientsBuilder,
    others: OtherOrigins,
    default_headers: HeaderMap,
    outer: Vec<Arc<dyn Middleware>>,
    inner: Vec<Arc<dyn Middleware>>,
}

impl GuardedClientBuilder {
    /// The settings of the reqwest client below: timeouts, proxies, roots of trust. Its redirect
    /// and referer settings are replaced. Its proxies serve loopback addresses too, which by
    /// default use none: call `ClientBuilder::no_proxy` if nothing else is meant to use one.
    ///
    /// Headers that it sets by default (`ClientBuilder::default_headers`) go to *every* hop of a
    /// redirect, secrets too. Give them to
    /// [`with_default_headers`](Self::with_default_headers).
    #[must_use]
    pub fn with_client(self, client: reqwest::ClientBuilder) -> Self {
        Self {
            client: Some(client),
            ..self
        }
    }

    /// Sends the requests in `space`, a URL or a [`ProtectionSpace`], with a reqwest client of its
    /// own, such as one with a client certificate.
    ///
    /// `space` is found as in a keyring: the longest path prefix wins, and a request that names an
    /// account needs a space with that account. A request with
    /// [`Anonymous`](multi_auth::Anonymous), a redirect to another origin, and an unsafe method
    /// that another origin redirects back to `space` use the client of
    /// [`with_client`](Self::with_client). The redirect and referer settings are replaced, and
    /// loopback addresses get no exception from proxies.
    ///
    /// ```
    /// use multi_auth::Keyring;
    /// use multi_auth_reqwest::guarded_client;
    /// use multi_auth_reqwest::reqwest::{Client, Identity};
    ///
    /// # fn run(keyring: Keyring, pem: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    /// let certificate = Client::builder().identity(Identity::from_pem(pem)?);
    /// let client = guarded_client(keyring)
    ///     .with_client_for("https://api.bank.example", certificate)?
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if the URL is not valid as a protection space, if it already has a
    /// client, or if it has subdomains.
    pub fn with_client_for<S>(
        self,
        space: S,
        client: reqwest::ClientBuilder,
    ) -> Result<Self, AuthError>
    where
        S: TryInto<ProtectionSpace, Error: Into<AuthError>>,
    {
        let space = space.try_into().map_err(Into::into)?;
        Ok(Self {
            own_clients: self.own_clients.add(space, client)?,
            ..self
        })
    }

    /// Sets `headers` on every request that does not have them. A credential of the keyring wins
    /// over them, as it does over reqwest's own.
    ///
    /// A redirect to another origin leaves behind `Authorization`, cookies, values marked
    /// sensitive, and each field in which a binding of the origin that redirects puts its
    /// credential.
    #[must_use]
    pub fn with_default_headers(self, headers: HeaderMap) -> Self {
        Self {
            default_headers: headers,
            ..self
        }
    }

    /// Adds a middleware around redirects and authentication, such as one that retries: each of
    /// its attempts takes the token that is then current.
    #[must_use]
    pub fn with_outer(mut self, middleware: impl Middleware) -> Self {
        self.outer.push(Arc::new(middleware));
        self
    }

    /// Adds a middleware below redirects and authentication, such as one that measures each
    /// attempt.
    ///
    /// It sees the credential: header values are marked sensitive, a key in the query is in the URL
    /// and in a `Location` that repeats it. A middleware that follows redirects or logs URLs
    /// belongs in [`with_outer`](Self::with_outer). The default headers are set below it.
    #[must_use]
    pub fn with_inner(mut self, middleware: impl Middleware) -> Self {
        self.inner.push(Arc::new(middleware));
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
        // A client of the caller's own says itself what goes through a proxy.
        let direct = self.client.is_none().then(Direct::default);
        let client = self.client.unwrap_or_default();
        let client = client.redirect(Policy::none()).referer(false).build()?;
        let with_layer = |builder: ClientBuilder, layer| builder.with_arc(layer);
        let builder = self
            .outer
            .into_iter()
            .fold(ClientBuilder::new(client), with_layer);
        let builder = builder.with(FollowRedirects {
            keyring: self.keyring.clone(),
            auth: AuthMiddleware::new(self.keyring),
            others: self.others,
            default_headers: self.default_headers.clone(),
        });
        let builder = self.inner.into_iter().fold(builder, with_layer);
        let builder = if self.default_headers.is_empty() {
            builder
        } else {
            builder.with(DefaultHeaders(self.default_headers))
        };
        let builder = match self.own_clients.build()? {
            Some(clients) => builder.with(clients),
            None => builder,
        };
        Ok(match direct {
            Some(direct) => builder.with(direct).build(),
            None => builder.build(),
        })
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
