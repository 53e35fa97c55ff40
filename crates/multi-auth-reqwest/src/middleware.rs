//! The middleware: puts a credential on each request, and replays a request whose credential was
//! refreshed.

use http::Extensions;
use multi_auth::adapter::{self, Deadline, Next as Step, RequestAuth};
use multi_auth::{AuthError, Credential, Keyring, ResponseHead};
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use crate::client::{Sending, is_foreign};
use crate::failed::{Sent, failed};
use crate::redacted::without_keys;
use crate::request::{Saved, Target, head};

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

    /// Sends a request whose credential is ready. The future is small: a large one costs each
    /// request 500 instructions.
    fn send_ready<'a>(
        &'a self,
        credential: Credential,
        mut request: Request,
        extensions: &'a mut Extensions,
        next: Next<'a>,
    ) -> Sent<'a> {
        let mut auth = RequestAuth::new(&self.keyring, &credential, &head(&request, extensions));
        let copy = auth.keeps_copy().then(|| Saved::of(&request)).flatten();
        let target = &mut Target(&mut request);
        if let Err(error) = auth.attach(&self.keyring, credential, target, copy) {
            return fail(error);
        }
        if !auth.is_tracked() {
            let sent = next.run(request, extensions);
            return Box::pin(async move { Ok(untracked(auth, sent.await?)) });
        }
        Box::pin(send_tracked(auth, request, extensions, next))
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
        if request.timeout().is_none() {
            match self.keyring.ready(&head(&request, extensions)) {
                Some(Ok(credential)) => {
                    return self.send_ready(credential, request, extensions, next);
                }
                Some(Err(error)) => return fail(error),
                None => {}
            }
        }
        let deadline = Deadline::new(request.timeout().copied());
        let mut client = Sending::new(next, extensions, deadline);
        Box::pin(async move { adapter::send(&self.keyring, &mut client, request).await })
    }
}

/// Sends the first attempt of a request whose response is judged.
async fn send_tracked(
    auth: RequestAuth<Saved>,
    request: Request,
    extensions: &mut Extensions,
    next: Next<'_>,
) -> Result<Response> {
    let sent = next.clone().run(request, extensions).await;
    let mut response = sent.map_err(|error| without_keys(error, auth.query_keys()))?;
    auth.redact(response.headers_mut());
    let is_foreign = is_foreign(
        &auth,
        auth.copy().map(Saved::url),
        &mut response,
        extensions,
    );
    let head = ResponseHead::new(response.status(), response.headers());
    let step = if is_foreign {
        Step::Deliver(auth.on_foreign_response(head.status()))
    } else {
        auth.on_response(&head)
    };
    match step {
        Step::Deliver(outcome) => {
            if let Some(outcome) = outcome {
                response.extensions_mut().insert(outcome);
            }
            Ok(response)
        }
        Step::Refresh(refreshing) => {
            let (refreshing, ()) = refreshing.split(|saved| (saved.into_request(), ()));
            let mut client = Sending::new(next, extensions, Deadline::default());
            Box::pin(adapter::replay(&mut client, refreshing, response)).await
        }
    }
}

/// `response` to a request whose credential cannot be refreshed.
fn untracked(auth: RequestAuth<Saved>, mut response: Response) -> Response {
    let head = ResponseHead::new(response.status(), response.headers());
    if let Step::Deliver(Some(outcome)) = auth.on_response(&head) {
        response.extensions_mut().insert(outcome);
    }
    response
}

#[cold]
fn fail<'a>(error: AuthError) -> Sent<'a> {
    Box::pin(std::future::ready(Err(failed(error))))
}
