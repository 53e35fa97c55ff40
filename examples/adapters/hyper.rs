//! A complete adapter for hyper-util's legacy client.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use multi_auth::{Keyring, adapter};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A hyper client whose requests carry the credentials of a keyring. It follows no redirects.
#[derive(Clone, Debug)]
pub(crate) struct HyperClient {
    keyring: Keyring,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl HyperClient {
    pub(crate) fn new(keyring: Keyring) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { keyring, client }
    }

    /// Sends `request`, and replays it where a new credential helps: its body is shared, not
    /// copied.
    pub(crate) async fn send(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Incoming>, BoxError> {
        let transmit = async |request: Request<Bytes>| {
            Ok::<_, BoxError>(self.client.request(request.map(Full::new)).await?)
        };
        adapter::send_http(&self.keyring, request, transmit).await
    }
}
