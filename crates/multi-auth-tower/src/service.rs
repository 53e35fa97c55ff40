//! The service: sends the request at once if its credential is ready, and waits for the credential
//! otherwise.

use std::fmt;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use multi_auth::adapter::{self, RequestAuth};
use multi_auth::{AuthError, BodyNeed};
use tower_service::Service;

use crate::below::{Below, Spare};
use crate::sent::Sent;
use crate::signable::Signable;
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
    B: Body + Send + 'static,
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
        let head = layer.head(&request);
        if layer.keyring.needs_body(&head) != BodyNeed::Nothing {
            return self.wait_and_send(request, true);
        }
        let credential = match layer.keyring.ready(&head) {
            Some(Ok(credential)) => credential,
            Some(Err(error)) => return self.fail(error),
            None => return self.wait_and_send(request, false),
        };
        let copy = || Spare::of(layer, &request, &self.inner);
        let prepared = RequestAuth::prepare(&layer.keyring, credential, &head, copy);
        let auth = match prepared.attach(&mut request) {
            Ok(auth) => auth,
            Err(error) => return self.fail(error),
        };
        if let Err(error) = auth.check_reads(layer.reads_responses) {
            return self.fail(error);
        }
        let sent = Sent::after(&auth, &mut request);
        ResponseFuture::sending(self.inner.call(request), auth, sent)
    }
}

impl<S: Clone, P> AuthService<S, P> {
    /// Fails without a call to the service below.
    #[cold]
    fn fail<B>(&mut self, error: AuthError) -> ResponseFuture<S, B, P>
    where
        S: Service<Request<B>>,
    {
        self.give_up_capacity();
        ResponseFuture::failed(error.into())
    }

    /// Gives up the capacity that the service below reserved in `poll_ready`: a clone has reserved
    /// none.
    fn give_up_capacity(&mut self) {
        self.inner = self.inner.clone();
    }
}

impl<S, P> AuthService<S, P> {
    /// Sends a request that waits: for its credential, or for the body that its scheme signs.
    #[inline(never)]
    fn wait_and_send<B, R>(
        &mut self,
        request: Request<B>,
        is_signed: bool,
    ) -> ResponseFuture<S, B, P>
    where
        S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + 'static,
        P: ReplayBody<B> + Clone + Send + 'static,
        B: Body + Send + 'static,
        R: Send + 'static,
    {
        let keyring = self.layer.keyring.clone();
        let (parts, body) = request.into_parts();
        let body = if is_signed {
            Signable::new(&self.layer.replay, body)
        } else {
            Signable::unsigned(body)
        };
        let below = if body.is_read() {
            self.take_ready()
        } else {
            self.take_unready()
        };
        ResponseFuture::boxed(async move {
            let (body, read) = body.read().await?;
            let request = Request::from_parts(parts, body);
            adapter::send(&keyring, &mut below.with_body(read), request).await
        })
    }

    /// The service that `poll_ready` made ready. The clone that replaces it must become ready
    /// first.
    fn take_ready<B>(&mut self) -> Below<S, B, P>
    where
        S: Clone,
        P: Clone,
    {
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone);
        Below::ready(ready, &self.layer)
    }

    /// A service that must become ready first. While the caller's body arrives, other requests have
    /// the capacity.
    fn take_unready<B>(&mut self) -> Below<S, B, P>
    where
        S: Clone,
        P: Clone,
    {
        self.give_up_capacity();
        Below::unready(self.inner.clone(), &self.layer)
    }
}
