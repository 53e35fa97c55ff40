//! The service: chooses the quick way where the credential is at hand, the slow one where not.

use std::fmt;
use std::task::{Context, Poll};

use http::{Request, Response};
use multi_auth::AuthError;
use tower_service::Service;

use crate::attempt::Attempt;
use crate::{AuthLayer, BoxError, ReplayBody, ReplayEmpty, ResponseFuture};

/// A service that puts the credentials of a keyring on the requests of another.
///
/// Made by [`AuthLayer`].
#[derive(Clone)]
pub struct AuthService<S, P = ReplayEmpty> {
    inner: S,
    layer: AuthLayer<P>,
}

impl<S, P> AuthService<S, P> {
    pub(crate) fn new(inner: S, layer: AuthLayer<P>) -> Self {
        Self { inner, layer }
    }

    /// The service below.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service below, to change it.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service below, without the authentication.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: fmt::Debug, P> fmt::Debug for AuthService<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthService")
            .field("inner", &self.inner)
            .field("layer", &self.layer)
            .finish()
    }
}

impl<S, P, B, R> Service<Request<B>> for AuthService<S, P>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
    P: ReplayBody<B> + Clone + Send + 'static,
    B: Send + 'static,
    R: Send + 'static,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let credential = match self.layer.keyring.ready(&self.layer.head(&request)) {
            Some(Ok(credential)) => credential,
            Some(Err(error)) => return self.fail(error),
            None => return self.obtain_and_send(request),
        };
        // The request is changed where it lies: to move it costs 30 instructions each time.
        let mut attempt = Attempt::new(&self.layer, &credential, &request, &self.inner);
        if let Err(error) = attempt.attach(&self.layer.keyring, credential, &mut request) {
            return self.fail(error);
        }
        ResponseFuture::sending(self.inner.call(request), attempt)
    }
}

impl<S: Clone, P> AuthService<S, P> {
    /// Fails without a call to the service below, and gives up the capacity that it reserved in `poll_ready`: a clone has
    /// reserved none.
    #[cold]
    fn fail<B>(&mut self, error: AuthError) -> ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        self.inner = self.inner.clone();
        ResponseFuture::failed(error.into())
    }
}

impl<S, P> AuthService<S, P> {
    #[inline(never)]
    fn obtain_and_send<B, R>(&mut self, request: Request<B>) -> ResponseFuture<S, B>
    where
        S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + 'static,
        P: ReplayBody<B> + Clone + Send + 'static,
        B: Send + 'static,
        R: Send + 'static,
    {
        // The service that is ready is the one to call; its clone must become ready first.
        let clone = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        // A body need not be `Sync`, so it does not cross the await with the head.
        let (parts, body) = request.into_parts();
        ResponseFuture::boxed(async move {
            let head = Request::from_parts(parts, ());
            let credential = layer.keyring.authenticate(&layer.head(&head)).await?;
            let mut request = head.map(|()| body);
            let mut attempt = Attempt::new(&layer, &credential, &request, &ready);
            attempt.attach(&layer.keyring, credential, &mut request)?;
            let response = ready.call(request).await.map_err(Into::into)?;
            drop(ready);
            attempt.finish(response).await
        })
    }
}
