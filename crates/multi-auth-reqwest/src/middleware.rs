//! The middleware: asks the keyring, attaches, sends, and replays once after a refresh.

use async_trait::async_trait;
use http::{Extensions, StatusCode};
use multi_auth::{
    AfterRefresh, AuthError, Credential, Keyring, Next as Step, Outcome, RequestAuth, RequestHead,
    ResponseHead,
};
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next, Result};

use crate::limit::Limit;
use crate::redacted::{redacted, without_keys};
use crate::target::{Target, head};

/// A [`reqwest_middleware::Middleware`] that puts the credentials of a keyring on requests.
///
/// Its errors are [`AuthError`]s: [`AuthError::find`] gets them back from a
/// [`reqwest_middleware::Error`].
///
/// On a client of your own, mind its redirects; see the [crate's page](crate#which-client-is-guarded).
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

    /// Obtains a credential that is not available yet, within the request's time limit.
    async fn obtain(
        &self,
        request: &RequestHead<'_>,
        limit: Limit,
        refused: Option<StatusCode>,
    ) -> std::result::Result<Credential, AuthError> {
        let credential = self.keyring.authenticate(request);
        limit.within(refused, credential).await
    }
}

#[async_trait]
impl Middleware for AuthMiddleware {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let limit = Limit::of(&request);
        let asked = head(&request, extensions);
        let obtained = match self.keyring.ready(&asked) {
            Some(ready) => ready,
            None => self.obtain(&asked, limit, None).await,
        };
        let mut credential = obtained.map_err(failed)?;
        if credential.is_empty() {
            limit.pass_on(&mut request, None).map_err(failed)?;
            return next.run(request, extensions).await;
        }
        let mut flow = RequestAuth::new(&self.keyring, &credential, &asked);
        let mut copy = flow.keeps_copy().then(|| request.try_clone()).flatten();
        let mut refused = None;
        loop {
            flow.attach(&self.keyring, credential, &mut Target(&mut request))
                .map_err(failed)?;
            let keys = flow.query_keys().cloned();
            limit.pass_on(&mut request, refused).map_err(failed)?;
            let sent = next.clone().run(request, extensions).await;
            let response = sent.map_err(|error| without_keys(error, keys.as_ref()))?;
            // What is judged is the URL that was asked, with the key in it.
            let step = judge(&mut flow, &response, copy.is_some(), extensions);
            let response = redacted(response, keys.as_ref());

            match step {
                Step::Deliver(outcome) => return Ok(with_outcome(response, outcome)),
                Step::Refresh => {}
            }
            // The flow refreshes only where there is a copy.
            let Some(replay) = copy.take() else {
                return Ok(response);
            };
            refused = Some(response.status());
            let asked = head(&replay, extensions);
            let refreshed = self.obtain(&asked, limit, refused).await;
            match flow.on_refreshed(refreshed) {
                AfterRefresh::Deliver(outcome) => return Ok(with_outcome(response, Some(outcome))),
                AfterRefresh::Fail(error) => return Err(failed(error)),
                AfterRefresh::Replay(newer) => (request, credential) = (replay, newer),
            }
        }
    }
}

/// What reqwest-middleware's error carries. That error shows this text as its own and has our
/// source as its source, so the `AuthError` is one step further down.
#[derive(Debug, thiserror::Error)]
#[error("the request was not sent, because it has no valid credential")]
struct NotAuthenticated(#[source] AuthError);

pub(crate) fn failed(error: AuthError) -> Error {
    Error::middleware(NotAuthenticated(error))
}

fn judge(
    flow: &mut RequestAuth,
    response: &Response,
    has_copy: bool,
    extensions: &Extensions,
) -> Step {
    let status = response.status();
    let method = http::Method::GET;
    let answered = RequestHead::from_url(&method, response.url(), response.headers(), extensions);
    if !flow.covers(&answered) {
        return Step::Deliver(flow.on_foreign_response(status));
    }
    flow.on_response(&ResponseHead::new(status, response.headers()), has_copy)
}

fn with_outcome(mut response: Response, outcome: Option<Outcome>) -> Response {
    if let Some(outcome) = outcome {
        response.extensions_mut().insert(outcome);
    }
    response
}
