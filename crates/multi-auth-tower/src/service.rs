//! The service: sends at once where the credential is ready, and waits for it where it is not.

use std::fmt;
use std::task::{Context, Poll};

use http::{Request, Response};
use multi_auth::AuthError;
use multi_auth::adapter::{self, RequestAuth};
use tower_service::Service;

use crate::below::{Below, Spare};
use crate::sent::Sent;
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
    type Future = ResponseFuture<S, B, P>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let layer = &self.layer;
        let credential = match layer.keyring.ready(&layer.head(&request)) {
            Some(Ok(credential)) => credential,
            Some(Err(error)) => return self.fail(error),
            None => return self.obtain_and_send(request),
        };
        let mut auth = RequestAuth::new(&layer.keyring, &credential, &layer.head(&request));
        let spare = || Spare::of(layer, &request, &self.inner);
        let copy = auth.keeps_copy().then(spare).flatten();
        if let Err(error) = auth.attach(&layer.keyring, credential, &mut request, copy) {
            return self.fail(error);
        }
        let sent = Sent::after(&auth, &mut request);
        ResponseFuture::sending(self.inner.call(request), auth, sent)
    }
}

impl<S: Clone, P> AuthService<S, P> {
    /// Fails without a call to the service below, and gives up the capacity that it reserved in `poll_ready`: a clone has
    /// reserved none.
    #[cold]
    fn fail<B>(&mut self, error: AuthError) -> ResponseFuture<S, B, P>
    where
        S: Service<Request<B>>,
    {
        self.inner = self.inner.clone();
        ResponseFuture::failed(error.into())
    }
}

impl<S, P> AuthService<S, P> {
    #[inline(never)]
    fn obtain_and_send<B, R>(&mut self, request: Request<B>) -> ResponseFuture<S, B, P>
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
        let ready = std::mem::replace(&mut self.inner, clone);
        let keyring = self.layer.keyring.clone();
        let mut below = Below::ready(ready, self.layer.clone());
        ResponseFuture::boxed(async move { adapter::send(&keyring, &mut below, request).await })
    }
}
