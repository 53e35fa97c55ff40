//! Sends requests to vendors.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use tower_service::Service;

use crate::BoxError;
use crate::address::Resolver;
use crate::body::RequestBody;
use crate::scan::{Scanned, Secrets, scan};
use crate::telemetry;

type HttpClient = Client<HttpsConnector<HttpConnector<Resolver>>, RequestBody>;

/// The clients of all vendors. Clones share their connections.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
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

/// How long a connection to a vendor may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an unused connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

impl Upstream {
    pub(crate) fn new(
        tls: &ClientConfig,
        private_hosts: HashSet<String>,
        response_timeout: Duration,
    ) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new(private_hosts));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let https = || {
            let builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone());
            builder.https_or_http()
        };
        let mut settings = Client::builder(TokioExecutor::new());
        settings
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .http2_adaptive_window(true);
        Self {
            any: settings.build(https().enable_all_versions().wrap_connector(tcp.clone())),
            http1: settings.build(https().enable_http1().wrap_connector(tcp.clone())),
            http2: settings
                .http2_only(true)
                .build(https().enable_http2().wrap_connector(tcp)),
            response_timeout,
        }
    }

    fn client(&self, request: &Request<RequestBody>) -> &HttpClient {
        let content_type = request.headers().get(CONTENT_TYPE);
        let is_grpc = |value: &http::HeaderValue| value.as_bytes().starts_with(b"application/grpc");
        if request.extensions().get::<ChangesProtocol>().is_some() {
            &self.http1
        } else if content_type.is_some_and(is_grpc) {
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
        let response = self.client(&request).request(request);
        let response = tokio::time::timeout(self.response_timeout, response);
        Box::pin(async move {
            let response = response.await.map_err(|_| Late)??;
            Ok(scan(response, secrets, telemetry::echoed))
        })
    }
}
