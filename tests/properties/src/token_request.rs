//! A token request with a prepared response.

use std::cell::OnceCell;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response};
use multi_auth::{TokenEndpoint, TokenEndpointBuilder, Transport, TransportError};
use tokio::runtime::Runtime;

/// The key that every token request here sends.
pub(crate) const KEY: &str = "key-0123456789abcdef";

#[derive(Debug)]
struct Canned(Response<Vec<u8>>);

#[async_trait]
impl Transport for Canned {
    async fn send(&self, _: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        Ok(self.0.clone())
    }
}

/// A token endpoint that responds with `answer`.
pub(crate) fn answered_with(answer: Response<Vec<u8>>) -> TokenEndpointBuilder {
    TokenEndpoint::builder("https://auth.example/token", Arc::new(Canned(answer)))
        .unwrap()
        .dangerous_without_endpoint_limit()
        .json([("apikey", KEY)])
}

/// Runs `future` to its end on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    thread_local! {
        static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() };
    }
    RUNTIME.with(|own| own.get_or_init(runtime).block_on(future))
}

/// A runtime on this thread.
#[must_use]
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}
