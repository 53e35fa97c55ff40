//! Finds the endpoints of an authorization server by its issuer (RFC 8414, 3).

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderValue, Request, StatusCode};
use url::Url;

use super::Metadata;
use crate::adapter::transport::TransportProblem;
use crate::checked_url::{self, PlainHttp};
use crate::{
    AuthError, Clock, SystemClock, Token, TokenEndpoint, TokenEndpointBuilder,
    TokenRequestProblem as Problem, TokenSource, Transport,
};

/// Finds the endpoints of an authorization server by its issuer.
///
/// `GET https://login.example.com/.well-known/oauth-authorization-server` (RFC 8414, 3.1), and if
/// that is not found, `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0, 4).
///
/// The document must name the issuer that was asked for, and its endpoints must be https at the
/// issuer's origin, unless [`allow_origin`](Self::allow_origin) allows others. It is read once a
/// day; while a newer one cannot be read, the old one serves.
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
    /// As it was given: it is compared as text.
    issuer: String,
    url: Url,
    allowed: Vec<url::Origin>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    read: Arc<RwLock<Option<Read>>>,
}

/// A document, and when it was read.
type Read = (Instant, Arc<Metadata>);

/// How long a document serves before it is read again.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";

impl Discovery {
    /// The server with this issuer. Nothing is sent yet.
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
            read: Arc::default(),
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
        Ok(self)
    }

    /// Uses `clock` in place of the system's.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The server's metadata, from memory if it was read within a day.
    ///
    /// # Errors
    ///
    /// [`AuthError::TokenRequest`] if it cannot be read, names another issuer, or has an endpoint at
    /// an origin that is not allowed.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, AuthError> {
        let now = self.clock.monotonic();
        let old = self
            .read
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((read, metadata)) = &old
            && now.saturating_duration_since(*read) < MAX_AGE
        {
            return Ok(Arc::clone(metadata));
        }
        match (self.fetch().await, old) {
            (Ok(metadata), _) => {
                let metadata = Arc::new(metadata);
                let mut kept = self.read.write().unwrap_or_else(PoisonError::into_inner);
                *kept = Some((now, Arc::clone(&metadata)));
                Ok(metadata)
            }
            (Err(_), Some((_, metadata))) => Ok(metadata),
            (Err(error), None) => Err(error),
        }
    }

    /// Tokens of the endpoint that the metadata names. `build` describes the token request; it runs
    /// for each one, because the metadata may have changed.
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

/// A token endpoint that is found when it is needed.
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
