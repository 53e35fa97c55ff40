//! The rest of a middleware stack as the driver's HTTP client.

use std::time::Duration;

use http::{Extensions, HeaderMap, Method};
use multi_auth::adapter::{Deadline, HttpClient, Outgoing, RequestAuth};
use multi_auth::{AuthError, QueryKeys, RequestHead, ResponseHead};
use reqwest::{Request, Response, Url};
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

    fn is_foreign(&mut self, auth: &RequestAuth<Request>, response: &mut Response) -> bool {
        is_foreign(
            auth,
            auth.copy().map(Request::url),
            response,
            self.extensions,
        )
    }

    fn deadline(&self) -> Deadline {
        self.deadline
    }

    fn set_time_limit(&self, request: &mut Request, left: Duration) {
        *request.timeout_mut() = Some(left);
    }
}

/// Whether `response` to a request at `asked` came from outside the credential's protection space:
/// a client below may follow redirects. Removes the keys of the query from what it shows, but only
/// after the URL with the key was compared.
pub(crate) fn is_foreign<C>(
    auth: &RequestAuth<C>,
    asked: Option<&Url>,
    response: &mut Response,
    extensions: &Extensions,
) -> bool {
    let is_foreign = asked != Some(response.url()) && {
        let (method, headers) = (Method::GET, response.headers());
        !auth.covers(&RequestHead::from_url(
            &method,
            response.url(),
            headers,
            extensions,
        ))
    };
    if let Some(keys) = auth.query_keys() {
        redact(response, keys);
    }
    is_foreign
}
