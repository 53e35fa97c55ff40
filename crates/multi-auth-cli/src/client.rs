//! The clients and the configuration behind every command.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use http::header::DATE;
use http::{HeaderMap, Request, Response};
use jiff::fmt::rfc2822;
use multi_auth::{Transport, TransportError};
use multi_auth_config::{Config, Vendor};
use multi_auth_reqwest::ReqwestTransport;
use reqwest::{Certificate, Url};

use crate::args::General;
use crate::rule::Fault;

pub(crate) fn config(general: &General) -> Result<Config, Fault> {
    Ok(Config::read(&general.config)?)
}

/// The configuration with the vendors at the origin of `url` alone, and whether there are any: the others' keys need not
/// be read.
pub(crate) fn config_for(general: &General, url: &Url) -> Result<(Config, bool), Fault> {
    let origin = url.origin();
    let is_there = |vendor: &Vendor| {
        let mut scopes = vendor.scopes().iter();
        scopes.any(|scope| scope.origin().origin() == origin)
    };
    let config = config(general)?.with_only(is_there);
    let is_bound = !config.vendors().is_empty();
    Ok((config, is_bound))
}

/// The settings of every client.
pub(crate) fn settings(general: &General) -> Result<reqwest::ClientBuilder, Fault> {
    let settings = reqwest::Client::builder().timeout(general.timeout);
    let Some(path) = &general.ca else {
        return Ok(settings);
    };
    let wrong = |problem: String| Fault::usage(format!("--ca {}: {problem}", path.display()));
    let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem);
    let certificates = certificates.map_err(|_| wrong("holds no PEM certificates".to_owned()))?;
    Ok(settings.tls_certs_merge(certificates))
}

/// What exchanges go through.
pub(crate) fn transport(general: &General) -> Result<ReqwestTransport, Fault> {
    let transport = ReqwestTransport::with_client(settings(general)?)?;
    Ok(transport.with_timeout(general.timeout))
}

/// A transport that takes note of the vendor's clock.
#[derive(Clone, Debug)]
pub(crate) struct Timed {
    inner: ReqwestTransport,
    clock: Arc<Mutex<Option<SystemTime>>>,
}

impl Timed {
    pub(crate) fn new(inner: ReqwestTransport) -> Self {
        Self {
            inner,
            clock: Arc::default(),
        }
    }

    /// What time the vendor said it was at the last exchange.
    pub(crate) fn date(&self) -> Option<SystemTime> {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Timed {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let answer = self.inner.send(request).await?;
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = date(answer.headers());
        Ok(answer)
    }
}

/// What time it is by an answer's `Date` (RFC 9110, 6.6.1).
pub(crate) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    let text = headers.get(DATE)?.to_str().ok()?;
    let time = rfc2822::parse(text).ok()?;
    Some(time.timestamp().into())
}
