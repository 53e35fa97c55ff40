//! The rest of a middleware stack as the driver's HTTP client.

use std::time::Duration;

use http::{Extensions, HeaderMap, Method};
use multi_auth::adapter::{Deadline, HttpClient, Outgoing, RequestAuth};
use multi_auth::{AuthError, QueryKeys, RequestHead, ResponseHead};
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Next, Result};

use crate::failed::failed;
use crate::json_body::read_json;
use crate::redacted::{redact_url, without_keys};
use crate::request::{Target, head};
use crate::saved::{Copied, HeadOnly};

/// Sends the attempts at one request.
pub(crate) struct Sending<'a> {
    pub(crate) next: Next<'a>,
    pub(crate) extensions: &'a mut Extensions,
    pub(crate) deadline: Deadline,
    /// The copy of the request that redirects keep.
    pub(crate) shared: Option<&'a HeadOnly>,
    /// The keys in the query of the attempt under way.
    pub(crate) keys: Option<QueryKeys>,
}

impl<'a> HttpClient for Sending<'a> {
    type Request = Request;
    type Copy = Copied<'a>;
    type Response = Response;
    type Error = Error;

    fn head<'r>(&'r self, request: &'r Request) -> RequestHead<'r> {
        head(request, self.extensions)
    }

    fn outgoing<'r>(&self, request: &'r mut Request) -> impl Outgoing + 'r {
        Target(request)
    }

    fn copy(&self, request: &Request) -> Option<Copied<'a>> {
        Copied::of(request, self.shared)
    }

    fn restore(&self, copy: Copied<'a>) -> Result<Request> {
        copy.restore()
    }

    async fn send(&mut self, request: Request) -> Result<Response> {
        let sent = self.next.clone().run(request, self.extensions).await;
        sent.map_err(|error| without_keys(error, self.keys.as_ref()))
    }

    fn response<'r>(&self, response: &'r Response) -> ResponseHead<'r> {
        ResponseHead::new(response.status(), response.headers())
    }

    fn reads_responses(&self) -> bool {
        true
    }

    async fn read_json(response: Response) -> Response {
        read_json(response).await
    }

    fn failed(error: AuthError) -> Error {
        failed(error)
    }

    fn headers_mut<'r>(&self, response: &'r mut Response) -> &'r mut HeaderMap {
        response.headers_mut()
    }

    fn extensions<'r>(&self, response: &'r mut Response) -> &'r mut Extensions {
        response.extensions_mut()
    }

    fn attached(&mut self, auth: &RequestAuth<Copied<'a>>, _: &mut Request) {
        self.keys = auth.query_keys().cloned();
    }

    fn is_foreign(&mut self, auth: &RequestAuth<Copied<'a>>, response: &mut Response) -> bool {
        is_foreign(auth, response, self.extensions)
    }

    fn deadline(&self) -> Deadline {
        self.deadline
    }

    fn set_time_limit(&self, request: &mut Request, left: Duration) {
        *request.timeout_mut() = Some(left);
    }
}

/// Whether `response` came from outside the credential's protection space: a client below may
/// follow redirects. Removes the keys of the query from its URL, once the URL was compared.
pub(crate) fn is_foreign(
    auth: &RequestAuth<Copied<'_>>,
    response: &mut Response,
    extensions: &Extensions,
) -> bool {
    let url = response.url();
    let is_asked = auth.copy().is_some_and(|copy| copy.is_at(url));
    let is_foreign = !is_asked && {
        let (method, headers) = (Method::GET, response.headers());
        !auth.covers(&RequestHead::from_url(&method, url, headers, extensions))
    };
    if let Some(keys) = auth.query_keys() {
        redact_url(response, keys);
    }
    is_foreign
}
