//! The driver for clients that use the types of the crate `http`.

use std::future::Future;
use std::marker::PhantomData;

use http::{Extensions, HeaderMap, Request, Response};

mod copy;
pub use copy::RequestCopy;

use super::driver::{HttpClient, send};
use crate::adapter::Outgoing;
use crate::{AuthError, BodyView, Keyring, RequestHead, ResponseHead};

/// Sends an [`http::Request`] by `transmit`, with the credential of `keyring`, and replays it where
/// a new credential helps.
///
/// The body is in memory, so a scheme that signs bodies reads it, and a replay sends a clone of it.
/// For a body that can be read only once, implement [`HttpClient`].
///
/// The client behind `transmit` must not follow redirects, and its errors must not show the URL: a
/// key may be in the query.
///
/// ```
/// use http::{Request, Response};
/// use multi_auth::{ApiKey, AuthError, Keyring, adapter};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), AuthError> {
/// let keyring = Keyring::builder()
///     .bind("https://api.example.com", ApiKey::header("x-api-key", "k-123")?)?
///     .build();
/// let request = Request::post("https://api.example.com/v1").body("{}").expect("a valid request");
///
/// let transmit = async |request: Request<&str>| {
///     assert_eq!(request.headers()["x-api-key"], "k-123");
///     Ok::<_, AuthError>(Response::new(()))
/// };
/// let response = adapter::send_http(&keyring, request, transmit).await?;
/// # assert!(response.status().is_success());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Those of `transmit`, and every [`AuthError`] that keeps the request from having its credential.
pub async fn send_http<B, R, E, S>(
    keyring: &Keyring,
    request: Request<B>,
    transmit: impl FnMut(Request<B>) -> S + Send,
) -> Result<Response<R>, E>
where
    B: AsRef<[u8]> + Clone + Send,
    R: Send,
    E: From<AuthError> + Send,
    S: Future<Output = Result<Response<R>, E>> + Send,
{
    let body = PhantomData;
    send(keyring, &mut HttpTypes { transmit, body }, request).await
}

/// A closure as the driver's client.
struct HttpTypes<B, T> {
    transmit: T,
    body: PhantomData<fn(B)>,
}

impl<B, R, E, T, S> HttpClient for HttpTypes<B, T>
where
    B: AsRef<[u8]> + Clone + Send,
    R: Send,
    E: From<AuthError> + Send,
    T: FnMut(Request<B>) -> S + Send,
    S: Future<Output = Result<Response<R>, E>> + Send,
{
    type Request = Request<B>;
    type Copy = RequestCopy<B>;
    type Response = Response<R>;
    type Error = E;

    fn head<'a>(&'a self, request: &'a Request<B>) -> RequestHead<'a> {
        RequestHead::from_uri(
            request.method(),
            request.uri(),
            request.headers(),
            request.extensions(),
        )
        .with_body(BodyView::Bytes(request.body().as_ref()))
    }

    fn outgoing<'a>(&self, request: &'a mut Request<B>) -> impl Outgoing + 'a {
        request
    }

    fn copy(&self, request: &Request<B>) -> Option<RequestCopy<B>> {
        Some(RequestCopy::new(request, request.body().clone()))
    }

    fn restore(&self, copy: RequestCopy<B>) -> Result<Request<B>, E> {
        Ok(copy.restore())
    }

    async fn send(&mut self, request: Request<B>) -> Result<Response<R>, E> {
        (self.transmit)(request).await
    }

    fn response<'a>(&self, response: &'a Response<R>) -> ResponseHead<'a> {
        ResponseHead::new(response.status(), response.headers())
    }

    fn failed(error: AuthError) -> E {
        error.into()
    }

    fn headers_mut<'a>(&self, response: &'a mut Response<R>) -> &'a mut HeaderMap {
        response.headers_mut()
    }

    fn extensions<'a>(&self, response: &'a mut Response<R>) -> &'a mut Extensions {
        response.extensions_mut()
    }
}
