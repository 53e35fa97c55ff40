//! The middleware: asks the keyring, attaches, sends, and replays once after a renewal.

use async_trait::async_trait;
use http::Extensions;
use multi_auth::{
    AuthError, Authenticator, Credential, Flow, Keyring, Next as Step, Outcome, Renewal,
    RequestHead, ResponseHead,
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

    /// A credential that is not at hand; `None` if the time is over before there is one.
    async fn obtain(
        &self,
        request: &RequestHead<'_>,
        limit: Limit,
    ) -> Option<std::result::Result<Credential, AuthError>> {
        limit.within(self.keyring.authenticate(request)).await
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
        let obtained = if let Some(ready) = self.keyring.ready(&asked) {
            ready
        } else {
            // Its time is over: reqwest alone can make the error that says so, and sends nothing.
            let obtained = self.obtain(&asked, limit).await;
            obtained.unwrap_or_else(|| Ok(Credential::none()))
        };
        let mut credential = obtained.map_err(failed)?;
        if credential.is_none() {
            limit.pass_on(&mut request);
            return next.run(request, extensions).await;
        }
        let mut flow = Flow::new(&self.keyring, &credential, &asked);
        let mut copy = flow.keeps_copy().then(|| request.try_clone()).flatten();
        loop {
            flow.attach(&self.keyring, credential, &mut Target(&mut request))
                .map_err(failed)?;
            let keys = flow.query_keys().cloned();
            limit.pass_on(&mut request);
            let sent = next.clone().run(request, extensions).await;
            let response = sent.map_err(|error| without_keys(error, keys.as_ref()))?;
            // What is judged is the URL that was asked, with the key in it.
            let step = judge(&mut flow, &response, copy.is_some(), extensions);
            let response = redacted(response, keys.as_ref());

            match step {
                Step::Deliver(outcome) => return Ok(with_outcome(response, outcome)),
                Step::Renew => {}
            }
            // The flow renews only where there is a copy.
            let Some(mut replay) = copy.take() else {
                return Ok(response);
            };
            let renewed = self.obtain(&head(&replay, extensions), limit).await;
            let Some(renewed) = renewed else {
                limit.pass_on(&mut replay);
                return next.run(replay, extensions).await;
            };
            match flow.on_renewed(renewed) {
                Renewal::Deliver(outcome) => return Ok(with_outcome(response, Some(outcome))),
                Renewal::Fail(error) => return Err(failed(error)),
                Renewal::Replay(newer) => (request, credential) = (replay, newer),
            }
        }
    }
}

/// What reqwest-middleware's error carries. That error shows its cause's cause, and not its cause,
/// so the `AuthError` stands one step further down.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotAuthenticated(#[source] AuthError);

fn failed(error: AuthError) -> Error {
    Error::middleware(NotAuthenticated(error))
}

fn judge(flow: &mut Flow, response: &Response, has_copy: bool, extensions: &Extensions) -> Step {
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
