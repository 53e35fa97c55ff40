//! The clients and the configuration behind every command.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::header::{AGE, DATE};
use http::{HeaderMap, HeaderValue, Request, Response};
use jiff::fmt::rfc2822;
use multi_auth::{Transport, TransportError, adapter};
use multi_auth_config::{Catalogue, Config, Vendor};
use multi_auth_reqwest::ReqwestTransport;
use reqwest::{Certificate, Url};

use crate::args::General;
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::{input, roots};

pub(crate) fn config(general: &General) -> Result<Config, Diagnostic> {
    let config = Config::read_with(&general.config, &catalogue(general)?)?;
    if config.vendors().is_empty() {
        let problem = format!("{} has no vendors", general.config.display());
        return Err(Diagnostic::new(DiagnosticCode::Config, problem)
            .with_remedy("add one, or start again with `multi-auth init --force`"));
    }
    Ok(config)
}

/// The embedded catalogue, and the vendors of the directory that the user names.
pub(crate) fn catalogue(general: &General) -> Result<Catalogue, Diagnostic> {
    let embedded = Catalogue::embedded();
    match &general.catalogue {
        Some(directory) => Ok(embedded.with_directory(directory)?),
        None => Ok(embedded),
    }
}

/// The configuration with only the vendors at the origin of `url`, so that no other key is read.
pub(crate) fn config_for(general: &General, url: &Url) -> Result<Config, Diagnostic> {
    let is_there = |vendor: &Vendor| {
        let mut spaces = vendor.protection_spaces().iter();
        spaces.any(|space| space.covers_origin_of(url))
    };
    Ok(config(general)?.with_only(is_there))
}

/// Parses `text` as a URL.
pub(crate) fn url(text: &str) -> Result<Url, Diagnostic> {
    // The URL is not repeated: it may hold a password.
    let wrong = || {
        Diagnostic::usage("the URL is not an absolute URL of https or http (it is not shown: it may hold a password)")
            .with_remedy("write it as in https://api.example.com/path")
    };
    let url = Url::parse(text).map_err(|_| wrong())?;
    let is_http = matches!(url.scheme(), "https" | "http") && url.has_host();
    is_http.then_some(url).ok_or_else(wrong)
}

/// The settings of every client. A request's own `User-Agent` wins.
pub(crate) fn settings(general: &General) -> Result<reqwest::ClientBuilder, Diagnostic> {
    let settings = reqwest::Client::builder()
        .timeout(general.timeout)
        .user_agent(multi_auth::USER_AGENT);
    let certificates = ca(general, |pem| {
        let certificates = Certificate::from_pem_bundle(pem).ok()?;
        (!certificates.is_empty()).then_some(certificates)
    })?;
    Ok(match certificates {
        Some(certificates) => settings.tls_certs_merge(certificates),
        None => settings,
    })
}

/// What `read` makes of the file of `--ca`, if there is one. `None` means that it holds no
/// certificates.
pub(crate) fn ca<T>(
    general: &General,
    read: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<Option<T>, Diagnostic> {
    let Some(path) = &general.ca else {
        return Ok(None);
    };
    let wrong = |problem: String| {
        Diagnostic::usage(format!("--ca {}: {problem}", path.display()))
            .with_remedy("correct the path to that of a PEM file")
    };
    let pem = input::file(path, input::SMALL).map_err(|error| wrong(error.to_string()))?;
    let certificates = read(&pem).ok_or_else(|| wrong("holds no PEM certificates".to_owned()))?;
    Ok(Some(certificates))
}

/// A client for local addresses, which uses no proxy, and one for all others.
#[derive(Clone, Debug)]
pub(crate) struct Routes<C> {
    here: C,
    elsewhere: C,
}

impl<C> Routes<C> {
    /// Builds both clients with `build`.
    pub(crate) fn new(
        general: &General,
        build: impl Fn(reqwest::ClientBuilder) -> reqwest::Result<C>,
    ) -> Result<Self, Diagnostic> {
        let here = || Ok(settings(general)?.no_proxy());
        Ok(Self {
            here: built(here, &build)?,
            elsewhere: built(|| settings(general), &build)?,
        })
    }

    /// The client for requests to `host`.
    pub(crate) fn to(&self, host: &str) -> &C {
        if is_local(host) {
            &self.here
        } else {
            &self.elsewhere
        }
    }
}

/// Builds a client. On a system without root certificates it trusts only those of `--ca`, so that
/// plain http works.
fn built<C>(
    settings: impl Fn() -> Result<reqwest::ClientBuilder, Diagnostic>,
    build: impl Fn(reqwest::ClientBuilder) -> reqwest::Result<C>,
) -> Result<C, Diagnostic> {
    match build(settings()?) {
        Err(error) if roots::are_missing(&error) => Ok(build(settings()?.tls_certs_only([]))?),
        client => Ok(client?),
    }
}

/// Whether `host` is this machine or on its link. A proxy must not see such requests.
fn is_local(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches([']', '.']);
    match host.parse() {
        Ok(address) => adapter::is_local(address),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

/// The transport of token requests. It records the vendor's clock.
#[derive(Clone, Debug)]
pub(crate) struct Timed {
    routes: Routes<ReqwestTransport>,
    clock: Arc<Mutex<Option<SystemTime>>>,
}

impl Timed {
    pub(crate) fn new(general: &General) -> Result<Self, Diagnostic> {
        let build = |settings| {
            let transport = ReqwestTransport::with_client(settings)?;
            Ok(transport.with_timeout(general.timeout))
        };
        Ok(Self {
            routes: Routes::new(general, build)?,
            clock: Arc::default(),
        })
    }

    /// A transport with a separate record of the clock.
    pub(crate) fn apart(&self) -> Self {
        Self {
            routes: self.routes.clone(),
            clock: Arc::default(),
        }
    }

    /// The vendor's time in the last token response.
    pub(crate) fn date(&self) -> Option<SystemTime> {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Timed {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let route = self.routes.to(request.uri().host().unwrap_or_default());
        let answer = route.send(request).await?;
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = date(answer.headers());
        Ok(answer)
    }
}

/// The server's time by the `Date` of a response, plus its `Age` if it comes from a cache (RFC
/// 9110, 6.6.1; RFC 9111, 5.1).
pub(crate) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let time = rfc2822::parse(text(DATE)?).ok()?;
    let age = text(AGE)
        .and_then(|age| age.parse().ok())
        .map(Duration::from_secs);
    SystemTime::from(time.timestamp()).checked_add(age.unwrap_or_default())
}
