//! Sends requests to vendors.

use std::collections::HashSet;
use std::error::Error as _;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response, Version};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use multi_auth::adapter::RequestCopy;
use rustls::ClientConfig;
use tower_service::Service;

use crate::BoxError;
use crate::address::Resolver;
use crate::body::RequestBody;
use crate::progress::{Progress, Tracked};
use crate::scan::{Scanned, Secrets, scan};
use crate::telemetry;

type HttpClient = Client<HttpsConnector<HttpConnector<Resolver>>, Tracked>;

/// The clients of all vendors. Clones share their connections.
#[derive(Clone, Debug)]
pub(crate) struct Upstream(Arc<Clients>);

#[derive(Debug)]
struct Clients {
    /// With HTTP/2 where the vendor offers it.
    any: HttpClient,
    /// For requests that change the protocol.
    http1: HttpClient,
    /// For gRPC, also without TLS.
    http2: HttpClient,
    response_timeout: Duration,
}

/// In a request's extensions: its query before the credential was attached.
#[derive(Clone, Debug)]
pub(crate) struct CallerQuery(pub(crate) Option<String>);

/// In a request's extensions: it asks for a change of the protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChangesProtocol;

/// The vendor did not begin its response in time.
#[derive(Debug, thiserror::Error)]
#[error("the vendor sent no response in time")]
pub(crate) struct Late;

/// How long a connection to a vendor or another host may take.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an unused connection is kept: less than the minute after which many servers close it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// How often a connection is tested, so that one that is dead is not used.
const PING_INTERVAL: Duration = Duration::from_secs(20);

impl Upstream {
    pub(crate) fn new(
        tls: &ClientConfig,
        private_hosts: HashSet<String>,
        response_timeout: Duration,
    ) -> Self {
        let tcp = connector(Resolver::new(private_hosts));
        let https = || {
            let builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone());
            builder.https_or_http()
        };
        let mut settings = Client::builder(TokioExecutor::new());
        settings
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(CONNECT_TIMEOUT)
            .http2_adaptive_window(true);
        Self(Arc::new(Clients {
            any: settings.build(https().enable_all_versions().wrap_connector(tcp.clone())),
            http1: settings.build(https().enable_http1().wrap_connector(tcp.clone())),
            http2: settings
                .http2_only(true)
                .build(https().enable_http2().wrap_connector(tcp)),
            response_timeout,
        }))
    }
}

/// Connects to vendors and, for tunnels, to other hosts.
pub(crate) fn connector(resolver: Resolver) -> HttpConnector<Resolver> {
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    tcp.set_keepalive(Some(PING_INTERVAL));
    tcp
}

impl Clients {
    fn client(&self, request: &Request<RequestBody>) -> &HttpClient {
        if request.extensions().get::<ChangesProtocol>().is_some() {
            &self.http1
        } else if is_grpc(request.headers()) {
            &self.http2
        } else {
            &self.any
        }
    }
}

type Sending = Pin<Box<dyn Future<Output = Result<Response<Scanned<Incoming>>, BoxError>> + Send>>;

impl Service<Request<RequestBody>> for Upstream {
    type Response = Response<Scanned<Incoming>>;
    type Error = BoxError;
    type Future = Sending;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Sending {
        let CallerQuery(query) = request
            .extensions_mut()
            .remove()
            .unwrap_or(CallerQuery(None));
        let secrets = Secrets::of(&request, query.as_deref());
        // The connection decides the version.
        *request.version_mut() = Version::HTTP_11;
        let clients = Arc::clone(&self.0);
        Box::pin(async move {
            let progress = Progress::start();
            let response = tokio::select! {
                response = clients.send(request, &progress) => response?,
                () = progress.stopped_for(clients.response_timeout) => return Err(Late.into()),
            };
            Ok(scan(response, secrets, telemetry::echoed))
        })
    }
}

impl Clients {
    /// Sends `request`, and once more if the vendor closed the connection when it arrived.
    async fn send(
        &self,
        request: Request<RequestBody>,
        progress: &Progress,
    ) -> Result<Response<Incoming>, Error> {
        let again = repeatable(&request);
        let tracked = |request: Request<RequestBody>| {
            let progress = progress.clone();
            request.map(|body| Tracked { body, progress })
        };
        let client = self.client(&request);
        match (client.request(tracked(request)).await, again) {
            (Err(error), Some(again)) if is_closed(&error) => {
                client.request(tracked(again.restore())).await
            }
            (response, _) => response,
        }
    }
}

/// A copy of a request that may be sent twice: of an idempotent method (RFC 9110, 9.2.2), and
/// without a body.
fn repeatable(request: &Request<RequestBody>) -> Option<RequestCopy<RequestBody>> {
    let is_repeatable = request.method().is_idempotent() && request.body().is_end_stream();
    is_repeatable.then(|| RequestCopy::new(request, RequestBody::default()))
}

/// Whether the vendor closed a connection without a response.
fn is_closed(error: &Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    cause.is_some_and(hyper::Error::is_incomplete_message)
}

/// Whether the request is one of gRPC. That of gRPC-Web is not.
fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let rest = kind.and_then(|kind| kind.strip_prefix(b"application/grpc"));
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}
