//! Sends the requests of agents through the proxy.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::response::Parts;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

/// How much of a body an agent gets, in bytes: the rest would fill its context.
pub(super) const LONGEST: usize = 256 * 1024;

/// A client of the proxy.
#[derive(Clone, Debug)]
pub(super) struct Client {
    inner: HttpClient<HttpConnector, Full<Bytes>>,
    port: u16,
    limit: Duration,
}

/// A response to a request.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) head: Parts,
    pub(super) body: Vec<u8>,
    /// Whether the body is longer, or did not end in time.
    pub(super) is_cut: bool,
}

impl Client {
    /// A client of the proxy at `port`. A request may take as long as `limit`.
    pub(super) fn new(port: u16, limit: Duration) -> Self {
        Self {
            inner: HttpClient::builder(TokioExecutor::new()).build_http(),
            port,
            limit,
        }
    }

    /// The host and port of the proxy.
    pub(super) fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Sends `request`, and reads the response. `None` if there is none in time.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Option<Received> {
        let (mut head, mut body) = (None, Vec::new());
        let receiving = self.receive(request, &mut head, &mut body);
        let is_whole = timeout(self.limit, receiving).await.unwrap_or(false);
        Some(Received {
            head: head?,
            body,
            is_cut: !is_whole,
        })
    }

    /// Whether the whole response has arrived.
    async fn receive(
        &self,
        request: Request<Full<Bytes>>,
        head: &mut Option<Parts>,
        body: &mut Vec<u8>,
    ) -> bool {
        let Ok(response) = self.inner.request(request).await else {
            return false;
        };
        let (parts, mut incoming) = response.into_parts();
        *head = Some(parts);
        while let Some(frame) = incoming.frame().await {
            let Ok(frame) = frame else { return false };
            body.extend(frame.into_data().unwrap_or_default());
            if body.len() > LONGEST {
                body.truncate(LONGEST);
                return false;
            }
        }
        true
    }
}
