//! The responses of the proxy itself: a problem in JSON (RFC 9457), with `Proxy-Status` (RFC 9209).

mod kind;
use kind::Facts;
pub(crate) use kind::Kind;

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName, PROXY_AUTHENTICATE, RETRY_AFTER,
    WWW_AUTHENTICATE,
};
use http::{HeaderValue, Response};
use serde::Serialize;

const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// Why the proxy answers a request itself.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    detail: Cow<'static, str>,
    retry_after: Option<Duration>,
}

#[derive(Serialize)]
struct Details<'p> {
    r#type: &'static str,
    title: &'p str,
    status: u16,
    code: &'static str,
    detail: &'p str,
    remedy: &'static str,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            retry_after: None,
        }
    }

    /// The same as another kind.
    pub(crate) fn of_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    pub(crate) fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        Self {
            retry_after,
            ..self
        }
    }

    /// The response.
    pub(crate) fn response<B: From<Bytes>>(&self) -> Response<B> {
        let Facts {
            status,
            code,
            error,
            remedy,
        } = self.kind.facts();
        let details = Details {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            code,
            detail: &self.detail,
            remedy,
        };
        let body = serde_json::to_vec(&details).unwrap_or_default();
        let mut response = Response::new(Bytes::from(body).into());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let field = HeaderValue::from_static;
        headers.insert(CONTENT_TYPE, field("application/problem+json"));
        headers.insert(CACHE_CONTROL, field("no-store"));
        let proxy_status = format!("multi-auth; error={error}; details=\"{code}\"");
        if let Ok(value) = HeaderValue::try_from(proxy_status) {
            headers.insert(PROXY_STATUS, value);
        }
        if let Some(delay) = self.retry_after {
            headers.insert(RETRY_AFTER, (delay.as_secs() + 1).into());
        }
        match self.kind {
            Kind::UnknownCaller => {
                headers.insert(WWW_AUTHENTICATE, field("Bearer realm=\"multi-auth proxy\""));
            }
            Kind::NoProxyCredential => {
                headers.insert(
                    PROXY_AUTHENTICATE,
                    field("Basic realm=\"multi-auth proxy\""),
                );
            }
            Kind::UnsupportedCoding => _ = headers.insert(CONNECTION, field("close")),
            _ => {}
        }
        response
    }
}
