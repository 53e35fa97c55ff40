//! kube-client: its layer, with the token in a file.

use std::future::{Ready, ready};
use std::hint::black_box;
use std::task::{Context, Poll};

use http::{Request, Response};
use kube_client::Config;
use kube_client::client::ConfigExt;
use tower_layer::Layer;
use tower_service::Service;

use multi_auth_benches::stacks::{NoBody, drive};

pub(crate) fn token_file() {
    let path = std::env::temp_dir().join(format!("multi-auth-peers-{}", std::process::id()));
    std::fs::write(&path, "t".repeat(256)).unwrap();
    let mut config = Config::new("https://api.vendor.example".parse().unwrap());
    config.auth_info.token_file = Some(path.to_string_lossy().into_owned());
    let layer = config.auth_layer().unwrap().unwrap();
    drive(layer.layer(Answers));
    std::fs::remove_file(path).unwrap();
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Answers at once, with the error that this layer wants.
#[derive(Clone)]
struct Answers;

impl Service<Request<NoBody>> for Answers {
    type Response = Response<()>;
    type Error = BoxError;
    type Future = Ready<Result<Response<()>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<NoBody>) -> Self::Future {
        black_box(request);
        ready(Ok(Response::new(())))
    }
}
