//! Puts the credentials of a [`multi_auth::Keyring`] on the requests of any tower service.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use multi_auth::{Alphamoon, Keyring};
//! use multi_auth_tower::{AuthLayer, ReplayClone};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! # let client = tower::service_fn(|request: Request<Full<Bytes>>| async move {
//! #     assert_eq!(request.headers()["authorization"], "Basic dXNlcjpwYXNz");
//! #     Ok::<_, std::io::Error>(Response::new(Full::<Bytes>::default()))
//! # });
//! let alphamoon = Alphamoon::default();
//! let keyring = Keyring::builder()
//!     .bind(alphamoon.protection_space(), alphamoon.organization_key("user:pass")?)?
//!     .build();
//! let service = ServiceBuilder::new()
//!     .layer(AuthLayer::new(keyring).with_replay(ReplayClone))
//!     .service(client); // hyper-util's legacy client, tonic's channel, any other
//!
//! let request = Request::get("https://workspace.alphamoon.ai/api/v0.3/processes")
//!     .body(Full::<Bytes>::default())?;
//! let response = service.oneshot(request).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Bodies
//!
//! After a refresh, the layer sends the request again if a [`ReplayBody`] policy gives a second
//! body:
//!
//! | policy | replays | a scheme that signs bodies reads |
//! |---|---|---|
//! | [`ReplayEmpty`], the default | an empty body | an empty body |
//! | [`ReplayClone`] | a clone of the body | the clone |
//! | a closure `Fn(&B) -> Option<B>` | what it gives | what it gives |
//! | [`BufferBody`] | a body that it read | any body up to a limit |
//! | [`NeverReplay`] | nothing | an empty body |
//!
//! [`AuthLayer::new`] needs a body that implements `Default`. If yours does not, as `kube`'s does not, say how an empty one
//! is made:
//!
//! ```
//! use http_body::Body as _;
//! # use multi_auth::Keyring;
//! # use multi_auth_tower::AuthLayer;
//! # struct Body;
//! # impl Body { fn empty() -> Self { Self } }
//! # impl http_body::Body for Body {
//! #     type Data = bytes::Bytes;
//! #     type Error = std::convert::Infallible;
//! #     fn poll_frame(
//! #         self: std::pin::Pin<&mut Self>,
//! #         _: &mut std::task::Context<'_>,
//! #     ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
//! #         std::task::Poll::Ready(None)
//! #     }
//! #     fn is_end_stream(&self) -> bool { true }
//! # }
//! # fn layer(keyring: Keyring) -> impl Sized {
//! let replay = |body: &Body| body.is_end_stream().then(Body::empty); // kube::client::Body, for one
//! let layer = AuthLayer::new(keyring).with_replay(replay);
//! # use tower::Layer;
//! # let ok = tower::service_fn(|_: http::Request<Body>| async { Ok::<_, std::io::Error>(http::Response::new(Body)) });
//! # let service = layer.layer(ok);
//! # fn is_service<S: tower::Service<http::Request<Body>>>(service: S) -> S { service }
//! # is_service(service)
//! # }
//! ```
//!
//! A scheme that reads responses, for a vendor that reports an expired token with status 200, needs
//! [`AuthLayer::read_responses`].
//!
//! # Redirects
//!
//! Put tower-http's `FollowRedirect` *outside* this layer, with the policy [`RedirectGuard`]
//! (feature `follow-redirect`): then the keyring is asked at every hop, and the request keeps its
//! account. The policy guards a `FollowRedirect` below the layer too: tower-http's own takes
//! `Authorization` and cookies off on the way to another origin, but no other header, and it drops
//! the request's extensions. Of another service below that follows redirects the layer learns
//! nothing.
//!
//! # tonic
//!
//! tonic's clients name no origin in their requests, so say which one it is: without
//! [`AuthLayer::with_default_origin`] they go out with no credential. A call that streams is not sent
//! again; that its status says "unauthenticated" can be declared with
//! [`BearerBuilder::refresh_when`](multi_auth::BearerBuilder::refresh_when), where the head has it.
//!
//! # Errors
//!
//! The service's error is a [`BoxError`]; [`AuthError::find`](multi_auth::AuthError::find) gets an
//! `AuthError` back from it.
//!
//! # reqwest
//!
//! reqwest's client is a service for its own request type. Two conversions make it one for
//! [`http::Request`]:
//!
//! ```
//! # use multi_auth::Keyring;
//! # use multi_auth_tower::AuthLayer;
//! # use tower::Layer;
//! # fn wrap(client: reqwest::Client, keyring: Keyring) -> impl Sized {
//! let inner = tower::service_fn(move |request: http::Request<reqwest::Body>| {
//!     let client = client.clone();
//!     async move {
//!         let answer = client.execute(request.try_into()?).await;
//!         // An error shows its URL, and a key may be in its query.
//!         let response = answer.map_err(reqwest::Error::without_url)?;
//!         Ok::<_, reqwest::Error>(http::Response::<reqwest::Body>::from(response))
//!     }
//! });
//! let copy = |body: &reqwest::Body| Some(reqwest::Body::from(body.as_bytes()?.to_vec()));
//! AuthLayer::new(keyring).with_replay(copy).layer(inner)
//! # }
//! ```
//!
//! Build that client with `redirect(Policy::none())`: else it follows redirects below this layer.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `follow-redirect` | no | `RedirectGuard`, a policy for tower-http's `FollowRedirect` |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod layer;
pub use layer::AuthLayer;

mod service;
pub use service::AuthService;

mod future;
pub use future::ResponseFuture;

mod read_json;
pub use read_json::{PeekedBody, ReadJson, ReadJsonFuture, ReadJsonLayer};

mod replay;
pub use replay::{
    BufferBody, BufferProblem, Buffering, NeverReplay, ReplayBody, ReplayClone, ReplayEmpty,
};

#[cfg(feature = "follow-redirect")]
mod redirect;
#[cfg(feature = "follow-redirect")]
mod trail;
#[cfg(feature = "follow-redirect")]
pub use redirect::RedirectGuard;

mod transport;
pub use transport::TowerTransport;

mod below;
mod sent;
mod signable;

/// Any error, as tower's own middleware has it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
