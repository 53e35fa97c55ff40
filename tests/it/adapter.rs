//! One interface to all adapters, so that each scenario is written once and runs on each.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::rt::TokioExecutor;
use multi_auth::{Account, Anonymous, AuthError, Keyring, Outcome, Transport};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_tower::{AuthLayer, RedirectGuard, TowerTransport};
use reqwest_middleware::ClientWithMiddleware;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;

use self::hyper_example::HyperClient as HyperAdapter;
use self::ureq_example::UreqClient as UreqAdapter;
use crate::body::TestBody;

#[path = "../../examples/adapters/hyper.rs"]
mod hyper_example;
#[path = "../../examples/adapters/ureq.rs"]
mod ureq_example;

/// Runs every scenario once per adapter.
macro_rules! on_each_adapter {
    ($($(#[$doc:meta])* async fn $name:ident($adapter:ident: Adapter) $body:block)+) => {
        $($(#[$doc])* async fn $name($adapter: $crate::adapter::Adapter) $body)+

        mod by_reqwest {
            $(#[tokio::test] async fn $name() {
                super::$name($crate::adapter::Adapter::Reqwest).await;
            })+
        }

        mod by_tower {
            $(#[tokio::test] async fn $name() {
                super::$name($crate::adapter::Adapter::Tower).await;
            })+
        }
    };
}

/// Runs every scenario on each adapter and on the adapters of the examples, which follow no
/// redirects and send no streams.
#[allow(unused_macros, reason = "another test binary uses this file too")]
macro_rules! on_every_adapter {
    ($($(#[$doc:meta])* async fn $name:ident($adapter:ident: Adapter) $body:block)+) => {
        on_each_adapter! {
            $($(#[$doc])* async fn $name($adapter: Adapter) $body)+
        }

        mod by_hyper {
            $(#[tokio::test] async fn $name() {
                super::$name($crate::adapter::Adapter::Hyper).await;
            })+
        }

        mod by_ureq {
            $(#[tokio::test] async fn $name() {
                super::$name($crate::adapter::Adapter::Ureq).await;
            })+
        }
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Adapter {
    Reqwest,
    Tower,
    /// `examples/adapters/hyper.rs`.
    Hyper,
    /// `examples/adapters/ureq.rs`.
    Ureq,
}

/// A client of one adapter, as the README shows it.
#[derive(Clone)]
pub(crate) enum Client {
    Reqwest(ClientWithMiddleware),
    Tower(BoxCloneSyncService<Request<TestBody>, http::Response<Bytes>, BoxError>),
    Hyper(Box<HyperAdapter>),
    Ureq(UreqAdapter),
}

/// The response that a caller got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    pub(crate) outcome: Option<Outcome>,
}

impl Adapter {
    /// The client whose requests carry the credentials of `keyring`.
    pub(crate) fn client(self, keyring: &Keyring) -> Client {
        match self {
            Self::Reqwest => Client::Reqwest(guarded_client(keyring.clone()).build().unwrap()),
            Self::Tower => {
                let layer = AuthLayer::new(keyring.clone())
                    .with_replay(TestBody::copy)
                    .read_responses();
                let service = ServiceBuilder::new()
                    .layer(FollowRedirectLayer::with_policy(RedirectGuard::new(
                        keyring.clone(),
                    )))
                    .layer(layer)
                    .service(hyper());
                Client::Tower(BoxCloneSyncService::new(service.and_then(collect)))
            }
            Self::Hyper => Client::Hyper(Box::new(HyperAdapter::new(keyring.clone()))),
            Self::Ureq => Client::Ureq(UreqAdapter::new(keyring.clone(), Handle::current())),
        }
    }

    /// A transport for token requests.
    pub(crate) fn transport(self) -> Arc<dyn Transport> {
        match self {
            Self::Reqwest | Self::Ureq => Arc::new(ReqwestTransport::new().unwrap()),
            Self::Tower | Self::Hyper => {
                let client = HyperClient::builder(TokioExecutor::new()).build_http();
                Arc::new(TowerTransport::<_, http_body_util::Full<Bytes>>::new(
                    client,
                ))
            }
        }
    }
}

pub(crate) type Hyper = HyperClient<hyper_util::client::legacy::connect::HttpConnector, TestBody>;

pub(crate) fn hyper() -> Hyper {
    HyperClient::builder(TokioExecutor::new()).build_http()
}

pub(crate) async fn collect<B>(
    response: http::Response<B>,
) -> Result<http::Response<Bytes>, BoxError>
where
    B: http_body::Body<Error: Into<BoxError>>,
{
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(Into::into)?.to_bytes();
    Ok(http::Response::from_parts(parts, body))
}

impl Client {
    pub(crate) async fn get(&self, url: &str) -> Result<Answer, BoxError> {
        self.send(Request::get(url).body(TestBody::default()).unwrap())
            .await
    }

    pub(crate) async fn post(&self, url: &str, body: TestBody) -> Result<Answer, BoxError> {
        self.send(Request::post(url).body(body).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<TestBody>) -> Result<Answer, BoxError> {
        match self {
            Self::Reqwest(client) => send_by_reqwest(client, request).await,
            Self::Tower(service) => Ok(Answer::of(service.clone().oneshot(request).await?)),
            Self::Hyper(client) => {
                let request = request.map(|body| body.bytes().unwrap_or_default());
                Ok(Answer::of(collect(client.send(request).await?).await?))
            }
            Self::Ureq(client) => {
                let client = client.clone();
                let request = request.map(|body| body.bytes().unwrap_or_default().to_vec());
                let send = move || -> Result<_, BoxError> {
                    let (parts, mut body) = client.send(request)?.into_parts();
                    let body = Bytes::from(body.read_to_vec()?);
                    Ok(http::Response::from_parts(parts, body))
                };
                Ok(Answer::of(spawn_blocking(send).await??))
            }
        }
    }
}

impl Answer {
    fn of(response: http::Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            body,
            outcome: parts.extensions.get().copied(),
        }
    }
}

async fn send_by_reqwest(
    client: &ClientWithMiddleware,
    request: Request<TestBody>,
) -> Result<Answer, BoxError> {
    let (parts, body) = request.into_parts();
    let mut builder = client
        .request(parts.method, parts.uri.to_string())
        .headers(parts.headers)
        .body(match body.bytes() {
            Some(bytes) => reqwest::Body::from(bytes),
            None => reqwest::Body::wrap(body),
        });
    if let Some(account) = parts.extensions.get::<Account>() {
        builder = builder.with_extension(account.clone());
    }
    if let Some(anonymous) = parts.extensions.get::<Anonymous>() {
        builder = builder.with_extension(*anonymous);
    }
    let response = builder.send().await?;
    let outcome = response.extensions().get().copied();
    let status = response.status();
    Ok(Answer {
        status,
        body: response.bytes().await?,
        outcome,
    })
}

/// The `AuthError` in a failure, which must have one.
pub(crate) fn auth_error(failure: Result<Answer, BoxError>) -> AuthError {
    let failure = failure.expect_err("the request fails");
    AuthError::find(&*failure)
        .expect("the failure holds an AuthError")
        .clone()
}
