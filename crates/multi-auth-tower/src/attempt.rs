//! One attempt at a request, with what is needed for a second.

use std::future::poll_fn;
use std::sync::Arc;

use http::{Request, Response};
use multi_auth::{
    AfterRefresh, AuthError, Credential, Keyring, Next, Outcome, RequestAuth, RequestHead,
    ResponseHead,
};
use tower_service::Service;
use url::Url;

use crate::way::Way;
use crate::{AuthLayer, BoxError, ReplayBody};

/// A request under way.
pub(crate) struct Attempt<S, B> {
    flow: RequestAuth,
    way: Way,
    /// In a box, for it is large and most requests need none.
    spare: Option<Box<Spare<S, B>>>,
}

/// What is needed to send a request again.
pub(crate) struct Spare<S, B> {
    keyring: Keyring,
    default_origin: Option<Arc<Url>>,
    service: S,
    request: Request<B>,
}

/// What to do after an answer.
pub(crate) enum Step<S, B> {
    Deliver(Option<Outcome>),
    Refresh(RequestAuth, Box<Spare<S, B>>),
}

impl<P> AuthLayer<P> {
    pub(crate) fn head<'a, B>(&'a self, request: &'a Request<B>) -> RequestHead<'a> {
        let head = RequestHead::from_uri(
            request.method(),
            request.uri(),
            request.headers(),
            request.extensions(),
        );
        at(head, self.default_origin.as_deref())
    }
}

fn at<'a>(head: RequestHead<'a>, origin: Option<&'a Url>) -> RequestHead<'a> {
    match origin {
        Some(origin) => head.with_default_origin(origin),
        None => head,
    }
}

impl<S: Clone, B> Attempt<S, B> {
    /// The attempt at `request` with `credential`, keeping a copy of the request where a second one may be
    /// needed.
    #[inline]
    pub(crate) fn new<P: ReplayBody<B>>(
        layer: &AuthLayer<P>,
        credential: &Credential,
        request: &Request<B>,
        service: &S,
    ) -> Self {
        if credential.is_empty() || !credential.id().is_refreshable() {
            return Self {
                flow: RequestAuth::fixed(credential),
                way: Way::default(),
                spare: None,
            };
        }
        let flow = RequestAuth::new(&layer.keyring, credential, &layer.head(request));
        let copy = flow.keeps_copy();
        Self {
            flow,
            way: Way::default(),
            spare: copy.then(|| Spare::of(layer, request, service)).flatten(),
        }
    }

    /// Attaches `credential`. A request that gets nothing is none of the keyring's business, and its answer
    /// neither.
    #[inline]
    pub(crate) fn attach(
        &mut self,
        keyring: &Keyring,
        credential: Credential,
        request: &mut Request<B>,
    ) -> Result<(), AuthError> {
        if credential.is_empty() {
            return Ok(());
        }
        attach(&mut self.flow, &mut self.way, keyring, credential, request)
    }

    /// Lets the copy go: there is no answer.
    pub(crate) fn give_up(&mut self) {
        self.spare = None;
    }

    /// What to do with `response`.
    #[inline]
    pub(crate) fn judge<R>(&mut self, response: &mut Response<R>) -> Step<S, B> {
        // The copy goes with this answer, however long the future is kept.
        let spare = self.spare.take();
        if self.way.is_foreign(&self.flow, response) {
            return Step::Deliver(self.flow.on_foreign_response(response.status()));
        }
        let head = ResponseHead::new(response.status(), response.headers());
        match self.flow.on_response(&head, spare.is_some()) {
            Next::Deliver(outcome) => Step::Deliver(outcome),
            Next::Refresh => match spare {
                Some(spare) => Step::Refresh(std::mem::take(&mut self.flow), spare),
                // The flow refreshes only where there is a copy.
                None => Step::Deliver(None),
            },
        }
    }

    /// Does all that is to do with `response`.
    pub(crate) async fn finish<R>(
        mut self,
        mut response: Response<R>,
    ) -> Result<Response<R>, BoxError>
    where
        S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>>,
    {
        match self.judge(&mut response) {
            Step::Deliver(outcome) => {
                leave_outcome(outcome, &mut response);
                Ok(response)
            }
            Step::Refresh(flow, spare) => spare.refresh(flow, response).await,
        }
    }
}

impl<S, B> Spare<S, B> {
    /// A copy of `request`, if its body can be had twice.
    fn of<P: ReplayBody<B>>(
        layer: &AuthLayer<P>,
        request: &Request<B>,
        service: &S,
    ) -> Option<Box<Self>>
    where
        S: Clone,
    {
        let mut copy = Request::new(layer.replay.copy(request.body())?);
        *copy.method_mut() = request.method().clone();
        *copy.uri_mut() = request.uri().clone();
        *copy.version_mut() = request.version();
        *copy.headers_mut() = request.headers().clone();
        *copy.extensions_mut() = request.extensions().clone();
        Some(Box::new(Self {
            keyring: layer.keyring.clone(),
            default_origin: layer.default_origin.clone(),
            service: service.clone(),
            request: copy,
        }))
    }

    /// Refreshes the credential and sends the request again, if that is what comes of it.
    pub(crate) async fn refresh<R>(
        self,
        mut flow: RequestAuth,
        mut refusal: Response<R>,
    ) -> Result<Response<R>, BoxError>
    where
        S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>>,
    {
        let Self {
            keyring,
            default_origin,
            mut service,
            mut request,
        } = self;
        let refreshed = {
            let head = RequestHead::from_uri(
                request.method(),
                request.uri(),
                request.headers(),
                request.extensions(),
            );
            let head = at(head, default_origin.as_deref());
            keyring.authenticate(&head).await
        };
        let mut way = Way::default();
        match flow.on_refreshed(refreshed) {
            AfterRefresh::Deliver(outcome) => {
                leave_outcome(Some(outcome), &mut refusal);
                return Ok(refusal);
            }
            AfterRefresh::Fail(error) => return Err(error.into()),
            AfterRefresh::Replay(credential) => {
                attach(&mut flow, &mut way, &keyring, credential, &mut request)?;
            }
        }
        // What holds on to the connection, or to a permit below, must go first.
        drop(refusal);
        poll_fn(|cx| service.poll_ready(cx))
            .await
            .map_err(Into::into)?;
        let mut response = service.call(request).await.map_err(Into::into)?;
        let outcome = last_outcome(&mut flow, &way, &mut response);
        leave_outcome(outcome, &mut response);
        Ok(response)
    }
}

/// Attaches `credential`, and leaves word of it for a redirect policy below.
#[inline]
fn attach<B>(
    flow: &mut RequestAuth,
    way: &mut Way,
    keyring: &Keyring,
    credential: Credential,
    request: &mut Request<B>,
) -> Result<(), AuthError> {
    let is_refreshable = credential.id().is_refreshable();
    way.set_out(request);
    if flow.attach(keyring, credential, request)? {
        way.leave_word(flow, is_refreshable, request);
    } else {
        *way = Way::default();
    }
    Ok(())
}

/// What came of the second attempt, after which there is no third.
fn last_outcome<R>(
    flow: &mut RequestAuth,
    way: &Way,
    response: &mut Response<R>,
) -> Option<Outcome> {
    if way.is_foreign(flow, response) {
        return flow.on_foreign_response(response.status());
    }
    let head = ResponseHead::new(response.status(), response.headers());
    match flow.on_response(&head, false) {
        Next::Deliver(outcome) => outcome,
        Next::Refresh => None,
    }
}

#[inline]
pub(crate) fn leave_outcome<R>(outcome: Option<Outcome>, response: &mut Response<R>) {
    if let Some(outcome) = outcome {
        response.extensions_mut().insert(outcome);
    }
}
