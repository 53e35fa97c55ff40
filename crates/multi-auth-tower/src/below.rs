//! The service below as the driver's HTTP client.

use std::future::poll_fn;
use std::sync::Arc;

use http::{Extensions, HeaderMap, Request, Response};
use http_body::Body;
use multi_auth::adapter::{HttpClient, Outgoing, RequestAuth, RequestCopy};
use multi_auth::{AuthError, RequestHead, ResponseHead};
use tower_service::Service;
use url::Url;

use crate::layer::head;
use crate::sent::Sent;
use crate::signable::ReadBody;
use crate::{AuthLayer, BoxError, ReplayBody};

/// Sends the attempts at one request.
pub(crate) struct Below<S, B, P> {
    service: S,
    replay: P,
    default_origin: Option<Arc<Url>>,
    /// Whether `poll_ready` has reserved capacity for the next call.
    is_ready: bool,
    sent: Sent,
    body: Option<ReadBody<B>>,
    reads_responses: bool,
}

impl<S, B, P> Below<S, B, P> {
    /// Over a service that is ready for one call.
    pub(crate) fn ready(service: S, layer: &AuthLayer<P>) -> Self
    where
        P: Clone,
    {
        Self {
            is_ready: true,
            ..Self::unready(service, layer)
        }
    }

    /// Over a service that must become ready first.
    pub(crate) fn unready(service: S, layer: &AuthLayer<P>) -> Self
    where
        P: Clone,
    {
        let below = Self::new(service, layer.replay.clone(), layer.default_origin.clone());
        Self {
            reads_responses: layer.reads_responses,
            ..below
        }
    }

    fn new(service: S, replay: P, default_origin: Option<Arc<Url>>) -> Self {
        Self {
            service,
            replay,
            default_origin,
            is_ready: false,
            sent: Sent::default(),
            body: None,
            reads_responses: false,
        }
    }

    /// The same for a request whose body was read.
    pub(crate) fn with_body(self, body: Option<ReadBody<B>>) -> Self {
        Self { body, ..self }
    }
}

/// What a replay needs. Each request with a token has one.
pub(crate) struct Spare<S, B, P> {
    request: RequestCopy<B>,
    service: S,
    replay: P,
    default_origin: Option<Arc<Url>>,
    reads_responses: bool,
}

impl<S: Clone, B: Body, P: ReplayBody<B> + Clone> Spare<S, B, P> {
    /// A copy of `request`, if its body can be sent twice.
    pub(crate) fn of(layer: &AuthLayer<P>, request: &Request<B>, service: &S) -> Option<Self> {
        let body = layer.replay.copy(request.body())?;
        Some(Self {
            request: RequestCopy::new(request, body),
            service: service.clone(),
            replay: layer.replay.clone(),
            default_origin: layer.default_origin.clone(),
            reads_responses: layer.reads_responses,
        })
    }
}

impl<S, B, P> Spare<S, B, P> {
    pub(crate) fn into_parts(self) -> (Request<B>, Below<S, B, P>) {
        let below = Below {
            reads_responses: self.reads_responses,
            ..Below::new(self.service, self.replay, self.default_origin)
        };
        (self.request.restore(), below)
    }
}

impl<S, P, B, R> HttpClient for Below<S, B, P>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>, Future: Send> + Send,
    P: ReplayBody<B> + Send,
    B: Body + Send,
    R: Send,
{
    type Request = Request<B>;
    type Copy = RequestCopy<B>;
    type Response = Response<R>;
    type Error = BoxError;

    fn head<'a>(&'a self, request: &'a Request<B>) -> RequestHead<'a> {
        let head = head(request, self.default_origin.as_deref());
        match &self.body {
            Some(body) => head.with_body(body.view()),
            None => head,
        }
    }

    fn outgoing<'a>(&self, request: &'a mut Request<B>) -> impl Outgoing + 'a {
        request
    }

    fn copy(&self, request: &Request<B>) -> Option<RequestCopy<B>> {
        let rebuilt = self.body.as_ref().and_then(|body| {
            let rebuild = body.rebuild?;
            Some(rebuild(body.bytes.clone()))
        });
        let body = rebuilt.or_else(|| self.replay.copy(request.body()))?;
        Some(RequestCopy::new(request, body))
    }

    fn restore(&self, copy: RequestCopy<B>) -> Result<Request<B>, BoxError> {
        Ok(copy.restore())
    }

    async fn send(&mut self, request: Request<B>) -> Result<Response<R>, BoxError> {
        if !std::mem::take(&mut self.is_ready) {
            let service = &mut self.service;
            poll_fn(|cx| service.poll_ready(cx))
                .await
                .map_err(Into::into)?;
        }
        self.service.call(request).await.map_err(Into::into)
    }

    fn response<'a>(&self, response: &'a Response<R>) -> ResponseHead<'a> {
        ResponseHead::new(response.status(), response.headers())
    }

    /// [`ReadJson`](crate::ReadJson) has read the response.
    fn reads_responses(&self) -> bool {
        self.reads_responses
    }

    fn failed(error: AuthError) -> BoxError {
        error.into()
    }

    fn headers_mut<'a>(&self, response: &'a mut Response<R>) -> &'a mut HeaderMap {
        response.headers_mut()
    }

    fn extensions<'a>(&self, response: &'a mut Response<R>) -> &'a mut Extensions {
        response.extensions_mut()
    }

    fn attached(&mut self, auth: &RequestAuth<RequestCopy<B>>, request: &mut Request<B>) {
        self.sent = Sent::after(auth, request);
    }

    fn is_foreign(
        &mut self,
        auth: &RequestAuth<RequestCopy<B>>,
        response: &mut Response<R>,
    ) -> bool {
        self.sent.is_foreign(auth, response)
    }
}
