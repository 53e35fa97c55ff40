//! The middleware: puts a credential on each request, and replays a request whose credential was
//! refreshed.

use http::Extensions;
use multi_auth::adapter::{self, Deadline, JsonBody, Next as Step, RequestAuth};
use multi_auth::{AuthError, Credential, Keyring, ResponseHead};
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use crate::client::{Sending, is_foreign};
use crate::failed::{Sent, failed};
use crate::json_body::read_json;
use crate::redacted::without_keys;
use crate::request::{Target, head};
use crate::saved::{Copied, HeadOnly};

/// A [`reqwest_middleware::Middleware`] that puts the credentials of a keyring on requests.
///
/// Its errors are [`AuthError`]s: [`AuthError::find`] gets them back from a
/// [`reqwest_middleware::Error`].
///
/// On a client of your own, mind its redirects; see the [crate's
/// page](crate#which-client-is-guarded).
#[derive(Clone, Debug)]
pub struct AuthMiddleware {
    keyring: Keyring,
}

impl AuthMiddleware {
    /// The middleware for `keyring`.
    #[must_use]
    pub fn new(keyring: Keyring) -> Self {
        Self { keyring }
    }

    /// Sends `request`. `shared` is a copy of it that redirects keep.
    pub(crate) fn send<'a>(
        &'a self,
        request: Request,
        extensions: &'a mut Extensions,
        next: Next<'a>,
        shared: Option<&'a HeadOnly>,
    ) -> Sent<'a> {
        if request.timeout().is_none() {
            match self.keyring.ready(&head(&request, extensions)) {
                Some(Ok(credential)) => {
                    return self.send_ready(credential, request, extensions, next, shared);
                }
                Some(Err(error)) => return fail(error),
                None => {}
            }
        }
        let mut client = Sending {
            next,
            extensions,
            deadline: Deadline::new(request.timeout().copied()),
            shared,
            keys: None,
        };
        Box::pin(async move { adapter::send(&self.keyring, &mut client, request).await })
    }

    /// Sends a request whose credential is ready. The future is small: a large one costs each
    /// request 500 instructions.
    fn send_ready<'a>(
        &'a self,
        credential: Credential,
        mut request: Request,
        extensions: &'a mut Extensions,
        next: Next<'a>,
        shared: Option<&'a HeadOnly>,
    ) -> Sent<'a> {
        let head = head(&request, extensions);
        let copy = || Copied::of(&request, shared);
        let prepared = RequestAuth::prepare(&self.keyring, credential, &head, copy);
        let auth = match prepared.attach(&mut Target(&mut request)) {
            Ok(auth) => auth,
            Err(error) => return fail(error),
        };
        if auth.is_tracked() {
            return Box::pin(send_tracked(auth, request, extensions, next, shared));
        }
        let sent = next.run(request, extensions);
        Box::pin(async move { Ok(untracked(auth, sent.await?)) })
    }
}

impl Middleware for AuthMiddleware {
    // Written out, because the future that `async_trait` makes is large.
    fn handle<'a, 'e, 'n, 'f>(
        &'a self,
        request: Request,
        extensions: &'e mut Extensions,
        next: Next<'n>,
    ) -> Sent<'f>
    where
        'a: 'f,
        'e: 'f,
        'n: 'f,
        Self: 'f,
    {
        self.send(request, extensions, next, None)
    }
}

/// Sends the first attempt of a request whose response is judged.
async fn send_tracked<'a>(
    auth: RequestAuth<Copied<'a>>,
    request: Request,
    extensions: &'a mut Extensions,
    next: Next<'a>,
    shared: Option<&'a HeadOnly>,
) -> Result<Response> {
    let sent = next.clone().run(request, extensions).await;
    let mut response = sent.map_err(|error| without_keys(error, auth.query_keys()))?;
    auth.redact(response.headers_mut());
    let step = if is_foreign(&auth, &mut response, extensions) {
        Step::Deliver(auth.on_foreign_response(response.status()))
    } else if auth.reads_response() {
        if JsonBody::is_due(response.headers()) {
            response = Box::pin(read_json(response)).await;
        }
        let json = response.extensions_mut().remove::<JsonBody>();
        let head = ResponseHead::new(response.status(), response.headers());
        auth.on_response(&head.with_json(json.as_ref()))
    } else {
        auth.on_response(&ResponseHead::new(response.status(), response.headers()))
    };
    match step {
        Step::Deliver(outcome) => {
            adapter::record(outcome, response.extensions_mut());
            Ok(response)
        }
        Step::Refresh(refreshing, copy) => {
            let mut client = Sending {
                next,
                extensions,
                deadline: Deadline::default(),
                shared,
                keys: None,
            };
            let request = copy.restore()?;
            Box::pin(adapter::replay(&mut client, refreshing, request, response)).await
        }
    }
}

/// `response` to a request whose credential cannot be refreshed.
fn untracked(auth: RequestAuth<Copied<'_>>, mut response: Response) -> Response {
    let head = ResponseHead::new(response.status(), response.headers());
    if let Step::Deliver(outcome) = auth.on_response(&head) {
        adapter::record(outcome, response.extensions_mut());
    }
    response
}

#[cold]
fn fail<'a>(error: AuthError) -> Sent<'a> {
    Box::pin(std::future::ready(Err(failed(error))))
}
