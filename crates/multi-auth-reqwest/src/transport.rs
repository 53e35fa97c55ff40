//! The [`Transport`] of token requests over reqwest: no redirect, a time limit, a bounded answer.

use std::time::Duration;

use async_trait::async_trait;
use http::Request;
use http::header::{HeaderMap, HeaderValue, USER_AGENT};
use multi_auth::adapter::ResponseBuffer;
use multi_auth::{Transport, TransportError};
use reqwest::redirect::Policy;

use crate::direct::Direct;

/// A [`Transport`] that owns a reqwest client.
///
/// A clone shares the client and its connections, so one serves the token requests of all vendors.
///
/// The `User-Agent` of a request is the one that was described for the token request, else that of
/// the client's settings, else `multi-auth/<version>`.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    /// For loopback addresses, where the client has reqwest's default settings.
    direct: Option<Direct>,
    /// Whether the client's settings name a `User-Agent`.
    is_named: bool,
    timeout: Duration,
}

impl ReqwestTransport {
    /// A transport with reqwest's default settings, and 30 s for a whole token request. Loopback
    /// addresses use no proxy.
    ///
    /// # Errors
    ///
    /// As [`reqwest::ClientBuilder::build`], which fails with rustls where the system has no
    /// certificates of authorities, for plain http too: install them (`ca-certificates`), or give a
    /// client with `tls_certs_only` to [`with_client`](Self::with_client).
    pub fn new() -> Result<Self, reqwest::Error> {
        let transport = Self::with_client(reqwest::Client::builder())?;
        Ok(Self {
            direct: Some(Direct::default()),
            ..transport
        })
    }

    /// A transport with settings of your own, such as proxies and roots of trust. Redirects are
    /// never followed.
    ///
    /// # Errors
    ///
    /// As [`reqwest::ClientBuilder::build`].
    pub fn with_client(client: reqwest::ClientBuilder) -> Result<Self, reqwest::Error> {
        let client = client.redirect(Policy::none()).referer(false).build()?;
        let timeout = Duration::from_secs(30);
        Ok(Self {
            is_named: is_named(&client),
            client,
            direct: None,
            timeout,
        })
    }

    /// The same transport with another limit for a whole token request, from its first byte to its
    /// last.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sees that `headers` say what sends them. The library's own name gives way to that of the
    /// client's settings.
    fn name(&self, headers: &mut HeaderMap) {
        const OURS: HeaderValue = HeaderValue::from_static(multi_auth::USER_AGENT);
        if !self.is_named {
            headers.entry(USER_AGENT).or_insert(OURS);
        } else if headers.get(USER_AGENT) == Some(&OURS) {
            headers.remove(USER_AGENT);
        }
    }
}

/// Whether the settings of `client` name a `User-Agent`. reqwest shows its default headers in
/// `Debug` only.
fn is_named(client: &reqwest::Client) -> bool {
    format!("{client:?}").contains("\"user-agent\": ")
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let mut request = reqwest::Request::try_from(request).map_err(failed)?;
        *request.timeout_mut() = Some(self.timeout);
        self.name(request.headers_mut());
        let direct = self.direct.as_ref();
        let direct = direct.and_then(|direct| direct.client(request.url()));
        let client = direct.unwrap_or(Ok(&self.client));
        let client = client.map_err(TransportError::connection)?;
        let mut answer = client.execute(request).await.map_err(failed)?;
        let mut body = ResponseBuffer::default();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            body.push(&chunk)?;
        }
        let mut whole = http::Response::new(body.into_bytes());
        *whole.status_mut() = answer.status();
        *whole.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(whole)
    }
}

/// The error without its URL, whose query may hold a key.
fn failed(error: reqwest::Error) -> TransportError {
    if error.is_timeout() {
        return TransportError::timeout();
    }
    TransportError::connection(error.without_url())
}
