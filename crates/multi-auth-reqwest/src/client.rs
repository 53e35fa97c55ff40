//! The rest of a middleware stack as the driver's HTTP client.

use std::time::Duration;

use http::{Extensions, HeaderMap, Method};
use multi_auth::adapter::{Deadline, HttpClient, Outgoing, RequestAuth};
use multi_auth::{AuthError, QueryKeys, RequestHead, ResponseHead};
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Next, Result};

use crate::failed::failed;
use crate::redacted::{redact, without_keys};
use crate::request::{Target, copy_of, head};

/// Sends the attempts at one request.
pub(crate) struct Sending<'a> {
    next: Next<'a>,
    extensions: &'a mut Extensions,
    deadline: Deadline,
    /// The keys in the query of the attempt under way.
    keys: Option<QueryKeys>,
}

impl<'a> Sending<'a> {
    pub(crate) fn new(next: Next<'a>, extensions: &'a mut Extensions, deadline: Deadline) -> Self {
        Self {
            next,
            extensions,
            deadline,
            keys: None,
        }
    }

    /// Sends the first attempt, which has no time limit.
    pub(crate) async fn send_first(
        &mut self,
        auth: &RequestAuth<Request>,
        request: Request,
    ) -> Result<Response> {
        self.keys = auth.query_keys().cloned();
        self.send(request).await
    }
}

impl HttpClient for Sending<'_> {
    type Request = Request;
    type Response = Response;
    type Error = Error;

    fn head<'a>(&'a self, request: &'a Request) -> RequestHead<'a> {
        head(request, self.extensions)
    }

    fn outgoing<'a>(&self, request: &'a mut Request) -> impl Outgoing + 'a {
        Target(request)
    }

    fn copy(&self, request: &Request) -> Option<Request> {
        copy_of(request)
    }

    async fn send(&mut self, request: Request) -> Result<Response> {
        let sent = self.next.clone().run(request, self.extensions).await;
        sent.map_err(|error| without_keys(error, self.keys.as_ref()))
    }

    fn response<'a>(&self, response: &'a Response) -> ResponseHead<'a> {
        ResponseHead::new(response.status(), response.headers())
    }

    fn failed(error: AuthError) -> Error {
        failed(error)
    }

    fn headers_mut<'a>(&self, response: &'a mut Response) -> &'a mut HeaderMap {
        response.headers_mut()
    }

    fn extensions<'a>(&self, response: &'a mut Response) -> &'a mut Extensions {
        response.extensions_mut()
    }

    fn attached(&mut self, auth: &RequestAuth<Request>, _: &mut Request) {
        self.keys = auth.query_keys().cloned();
    }

    /// A client below may follow redirects. The URL that is judged has the key in it.
    fn is_foreign(&mut self, auth: &RequestAuth<Request>, response: &mut Response) -> bool {
        let is_foreign = {
            let (method, headers) = (Method::GET, response.headers());
            let is_asked = |copy: &Request| copy.url() == response.url();
            let answered = RequestHead::from_url(&method, response.url(), headers, self.extensions);
            !auth.copy().is_some_and(is_asked) && !auth.covers(&answered)
        };
        if let Some(keys) = self.keys.take() {
            redact(response, &keys);
        }
        is_foreign
    }

    fn deadline(&self) -> Deadline {
        self.deadline
    }

    fn set_time_limit(&self, request: &mut Request, left: Duration) {
        *request.timeout_mut() = Some(left);
    }
}
