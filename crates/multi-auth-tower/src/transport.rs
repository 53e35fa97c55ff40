//! The [`Transport`] of token requests over any tower service.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::pin;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Buf;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use multi_auth::adapter::ResponseBuffer;
use multi_auth::{Transport, TransportError};
use tower_service::Service;

use crate::BoxError;

/// A [`Transport`] over a tower service, such as hyper-util's legacy client.
///
/// Give it a separate client, not one behind an [`AuthLayer`](crate::AuthLayer), and one that
/// follows no redirect: the key would go along.
///
/// Where the token endpoint has a query, no cause of a failure is kept: it may show the URL, and a
/// key in it.
///
/// `B` is the service's request body, made from the bytes to send.
pub struct TowerTransport<S, B> {
    service: S,
    timeout: Duration,
    body: PhantomData<fn() -> B>,
}

impl<S, B> TowerTransport<S, B> {
    /// A transport over `service`, with 30 s for a whole token request.
    pub fn new(service: S) -> Self {
        Self {
            service,
            timeout: Duration::from_secs(30),
            body: PhantomData,
        }
    }

    /// The same transport with another limit for a whole token request, from its first byte to its
    /// last.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    async fn exchange<R>(&self, request: Request<B>) -> Result<Response<Vec<u8>>, TransportError>
    where
        S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + Sync,
        B: Send,
        R: Body<Data: Send, Error: Into<BoxError>> + Send,
    {
        let mut service = self.service.clone();
        poll_fn(|cx| service.poll_ready(cx)).await.map_err(failed)?;
        let (parts, body) = service.call(request).await.map_err(failed)?.into_parts();
        let mut rest = pin!(body);
        let mut body = ResponseBuffer::default();
        while let Some(frame) = rest.frame().await {
            // Trailers say nothing to a token request.
            if let Ok(mut data) = frame.map_err(failed)?.into_data() {
                while data.has_remaining() {
                    let chunk = data.chunk();
                    let length = chunk.len();
                    body.push(chunk)?;
                    data.advance(length);
                }
            }
        }
        Ok(Response::from_parts(parts, body.into_bytes()))
    }
}

#[async_trait]
impl<S, B, R> Transport for TowerTransport<S, B>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync,
    B: From<Vec<u8>> + Send,
    R: Body<Data: Send, Error: Into<BoxError>> + Send,
{
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let has_query = request.uri().query().is_some();
        let exchange = self.exchange(request.map(B::from));
        let answer = tokio::time::timeout(self.timeout, exchange).await;
        let answer = answer.map_err(|_| TransportError::timeout())?;
        answer.map_err(|error| {
            if has_query {
                error.without_source()
            } else {
                error
            }
        })
    }
}

fn failed(error: impl Into<BoxError>) -> TransportError {
    TransportError::connection(error)
}

impl<S: Clone, B> Clone for TowerTransport<S, B> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            timeout: self.timeout,
            body: PhantomData,
        }
    }
}

impl<S, B> fmt::Debug for TowerTransport<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerTransport")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
