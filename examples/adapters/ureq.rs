//! A complete adapter for a blocking client, ureq.

use std::future::ready;

use http::{Request, Response};
use multi_auth::{Keyring, adapter};
use tokio::runtime::Handle;
use ureq::{Agent, Body};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A ureq agent whose requests carry the credentials of a keyring. It follows no redirects.
#[derive(Clone, Debug)]
pub(crate) struct UreqClient {
    keyring: Keyring,
    agent: Agent,
    /// Tokens refresh on this runtime. Keep it alive as long as the client.
    runtime: Handle,
}

impl UreqClient {
    pub(crate) fn new(keyring: Keyring, runtime: Handle) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .build();
        Self {
            keyring,
            agent: config.into(),
            runtime,
        }
    }

    /// Sends `request`, and replays it where a new credential helps. Blocks this thread.
    pub(crate) fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, BoxError> {
        let transmit = |request| ready(self.agent.run(request).map_err(BoxError::from));
        let sent = adapter::send_http(&self.keyring, request, transmit);
        self.runtime.block_on(sent)
    }
}
