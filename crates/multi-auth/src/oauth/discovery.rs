//! Finds the endpoints of an authorization server by its issuer (RFC 8414, 3).

mod cached;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderValue, Request, StatusCode};
use url::Url;

use self::cached::Cached;
use super::Metadata;
use crate::adapter::MAX_RESPONSE_BYTES;
use crate::adapter::transport::TransportProblem;
use crate::checked_url::{self, PlainHttp};
use crate::token::endpoint::Budget;
use crate::{
    AuthError, Clock, SystemClock, Token, TokenEndpoint, TokenEndpointBuilder,
    TokenRequestProblem as Problem, TokenSource, Transport, TransportError,
};

/// Finds the endpoints of an authorization server by its issuer.
///
/// It sends `GET https://login.example.com/.well-known/oauth-authorization-server` (RFC 8414, 3.1)
/// and, if that is not found, `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0,
/// 4).
///
/// The document must name the same issuer, and its endpoints must be https at the issuer's origin,
/// unless [`allow_origin`](Self::allow_origin) allows others. It is fetched again after a day. If
/// that fails, the old one stays in use.
///
/// ```
/// use multi_auth::oauth::{Client, Discovery, Grant};
/// use multi_auth::{AuthError, Bearer, Transport};
///
/// # fn main() {}
/// # fn orders(transport: impl Transport + 'static) -> Result<Bearer, AuthError> {
/// let client = Client::secret_basic("my-app", "s3cret")?;
/// let grant = Grant::client_credentials().with_scopes(["orders.read"]);
/// let source = Discovery::new("https://login.example.com", transport)?
///     .token_source(move |endpoint| endpoint.grant(grant.clone(), client.clone()).build());
/// # Ok(Bearer::new(source))
/// # }
/// ```
#[derive(Clone)]
pub struct Discovery {
    /// In the spelling of the caller, because issuers are compared as text.
    issuer: String,
    url: Url,
    allowed: Vec<url::Origin>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    cached: Arc<Cached>,
}

const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";

impl Discovery {
    /// Describes the server with this issuer. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `issuer` is not absolute, is plain http to a host that is not a
    /// loopback address, or has userinfo, a query or a fragment (RFC 8414, 2).
    pub fn new(issuer: &str, transport: impl Transport + 'static) -> Result<Self, AuthError> {
        Ok(Self {
            url: checked_url::parse_base("issuer", issuer, PlainHttp::LoopbackOnly)?,
            issuer: issuer.to_owned(),
            allowed: Vec::new(),
            transport: Arc::new(transport),
            clock: Arc::new(SystemClock),
            cached: Arc::default(),
        })
    }

    /// Accepts endpoints at `origin` too, such as `https://oauth2.googleapis.com` for the issuer
    /// `https://accounts.google.com`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn allow_origin(mut self, origin: &str) -> Result<Self, AuthError> {
        let url = checked_url::parse_base("origin", origin, PlainHttp::LoopbackOnly)?;
        self.allowed.push(url.origin());
        // A clone that allows fewer origins must not use what this one fetches.
        self.cached = Arc::default();
        Ok(self)
    }

    /// Sets the clock for the age of the metadata. Default: [`SystemClock`].
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Returns the server's metadata, from memory if it was fetched within a day.
    ///
    /// Concurrent callers share one fetch. A call that has an old document waits 5 seconds at most
    /// for a newer one, and once per minute.
    ///
    /// # Errors
    ///
    /// [`AuthError::TokenRequest`] if the metadata cannot be fetched, names another issuer, or has
    /// an endpoint at an origin that is not allowed.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, AuthError> {
        self.cached_metadata().await
    }

    /// Requests tokens from the endpoint that the metadata names.
    ///
    /// `build` describes the token request. It is called for each one, because the metadata may
    /// have changed.
    pub fn token_source(
        self,
        build: impl Fn(TokenEndpointBuilder) -> TokenEndpoint + Send + Sync + 'static,
    ) -> impl TokenSource {
        Discovered {
            discovery: self,
            build,
        }
    }

    async fn fetch(&self) -> Result<Metadata, AuthError> {
        match self.get(self.oauth_metadata_url()).await {
            Err((Problem::Status(StatusCode::NOT_FOUND) | Problem::Html, _)) => {
                self.get(self.openid_configuration_url()).await
            }
            outcome => outcome,
        }
        .map_err(|(problem, url)| AuthError::token_request(checked_url::shown(&url), problem))
    }

    /// `https://example.com/.well-known/oauth-authorization-server/tenant` for
    /// `https://example.com/tenant` (RFC 8414, 3.1).
    fn oauth_metadata_url(&self) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!(
            "{OAUTH_METADATA}{}",
            self.url.path().trim_end_matches('/')
        ));
        url
    }

    /// `https://example.com/tenant/.well-known/openid-configuration`.
    fn openid_configuration_url(&self) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!(
            "{}{OPENID_CONFIGURATION}",
            self.url.path().trim_end_matches('/')
        ));
        url
    }

    async fn get(&self, url: Url) -> Result<Metadata, (Problem, Url)> {
        match self.document(&url).await {
            Ok(metadata) => Ok(metadata),
            Err(problem) => Err((problem, url)),
        }
    }

    async fn document(&self, url: &Url) -> Result<Metadata, Problem> {
        Budget::of(url).take().map_err(|_| Problem::BudgetSpent)?;
        let request = Request::get(url.as_str())
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, HeaderValue::from_static(crate::USER_AGENT))
            .body(Vec::new())
            .map_err(|_| Problem::Empty)?;
        let response = self.transport.send(request).await;
        let response = response.map_err(|error| match error.problem() {
            TransportProblem::Timeout => Problem::Timeout,
            TransportProblem::Connection | TransportProblem::TooLarge => Problem::Transport(error),
        })?;
        if response.status() != StatusCode::OK {
            return Err(Problem::Status(response.status()));
        }
        if response.body().len() > MAX_RESPONSE_BYTES {
            return Err(Problem::Transport(TransportError::too_large()));
        }
        let body = response.body().trim_ascii();
        if body.starts_with(b"<") {
            return Err(Problem::Html);
        }
        Metadata::read(&self.issuer, body, |url| self.allows(url))
    }

    fn allows(&self, url: &Url) -> bool {
        url.origin() == self.url.origin() || self.allowed.contains(&url.origin())
    }
}

/// A token endpoint that is discovered for each token request.
struct Discovered<F> {
    discovery: Discovery,
    build: F,
}

#[async_trait]
impl<F> TokenSource for Discovered<F>
where
    F: Fn(TokenEndpointBuilder) -> TokenEndpoint + Send + Sync,
{
    async fn token(&self) -> Result<Token, AuthError> {
        let metadata = self.discovery.metadata().await?;
        let transport = Arc::clone(&self.discovery.transport);
        let endpoint = TokenEndpoint::builder(metadata.token_endpoint.as_str(), transport)?;
        (self.build)(endpoint).token().await
    }
}

impl<F> fmt::Debug for Discovered<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.discovery.fmt(f)
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovery")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
