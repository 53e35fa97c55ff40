//! Follows redirects above the authentication, so that the keyring is asked at every hop.
//!
//! As RFC 9110, 15.4, and the Fetch standard have it: 303 turns into GET, 301 and 302 turn a POST
//! into GET, 307 and 308 keep method and body. On the way to another origin the caller's own
//! credentials and every header marked sensitive stay behind, for good, and a hop at an origin other
//! than the first gets no credential of the keyring's: whoever redirects must not borrow it. Nor may
//! another origin say what is to be done at the first: sent back there, only a request of a safe method
//! (RFC 9110, 9.2.1) gets the credential again.

use std::borrow::Cow;

use async_trait::async_trait;
use http::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, EXPECT,
    HOST, LAST_MODIFIED, LOCATION, TRAILER, TRANSFER_ENCODING,
};
use http::{Extensions, HeaderMap, Method, StatusCode};
use multi_auth::{ForeignHop, Keyring, QueryKeys, RequestHead};
use reqwest::{Request, Response, Url};
use reqwest_middleware::{Error, Middleware, Next, Result};
use url::Origin;

use crate::default_headers::RemainingDefaults;
use crate::limit::Limit;
use crate::middleware::failed;
use crate::target::head;

/// The vendor redirected more often than is followed (10 times).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {LIMIT} redirects: the last was not followed")]
pub struct TooManyRedirects;

const LIMIT: usize = 10;

/// What to do with a redirect to another origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OtherOrigins {
    /// Follow it, with no credential.
    Follow,
    /// Deliver the redirect itself.
    Stop,
}

#[derive(Debug)]
pub(crate) struct Redirects {
    pub(crate) keyring: Keyring,
    pub(crate) others: OtherOrigins,
    /// What [`DefaultHeaders`](crate::default_headers::DefaultHeaders) sets at the first origin.
    pub(crate) default_headers: HeaderMap,
}

#[async_trait]
impl Middleware for Redirects {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let home = request.url().origin();
        let limit = Limit::of(&request);
        // What is said of foreign hops stays here: whoever sends the request again has the caller's own.
        let mut foreign: Option<Extensions> = None;
        let mut is_foreign = false;
        let mut defaults = Cow::Borrowed(&self.default_headers);
        for _ in 0..=LIMIT {
            let hop = Hop::keep(&request);
            let said = match foreign.as_mut().filter(|_| is_foreign) {
                Some(foreign) => foreign,
                None => &mut *extensions,
            };
            let response = next.clone().run(request, said).await?;
            let Some(following) = hop.after(&response, self, &home, extensions) else {
                return Ok(response);
            };
            request = following;
            limit.pass_on(&mut request, None).map_err(failed)?;
            let is_home = request.url().origin() == home;
            is_foreign = !is_home || (foreign.is_some() && !request.method().is_safe());
            let left = response.url();
            if request.url().origin() != left.origin() {
                leave(left, &self.keyring, extensions, defaults.to_mut());
            }
            if is_foreign {
                let said = foreign.get_or_insert_with(|| extensions.clone());
                said.insert(ForeignHop);
                said.insert(RemainingDefaults(defaults.clone().into_owned()));
            }
        }
        Err(Error::middleware(TooManyRedirects))
    }
}

/// What of a request is needed to follow the redirect that may answer it.
struct Hop {
    copy: Request,
    /// Whether the copy has all of the body.
    is_whole: bool,
}

impl Hop {
    fn keep(request: &Request) -> Self {
        match request.try_clone() {
            Some(copy) => Self {
                copy,
                is_whole: true,
            },
            None => Self {
                copy: without_stream(request),
                is_whole: false,
            },
        }
    }

    /// The request that follows the redirect in `response`; `None` to deliver it as it is.
    fn after(
        self,
        response: &Response,
        rules: &Redirects,
        home: &Origin,
        extensions: &Extensions,
    ) -> Option<Request> {
        let Self { mut copy, is_whole } = self;
        let method = method_after(response.status(), copy.method())?;
        let target = target(copy.url(), response)?;
        let crosses = target.origin() != copy.url().origin();
        if crosses && rules.others == OtherOrigins::Stop {
            return None;
        }
        let mut own = None;
        if crosses {
            let left = copy.url().clone();
            leave(&left, &rules.keyring, extensions, copy.headers_mut());
            copy.headers_mut().remove(HOST);
            *copy.url_mut() = target;
            take_out_names_of(&left, &mut copy, &rules.keyring, extensions);
        } else {
            // Of this very origin's, or taken out when the way came back to it.
            own = rules.keyring.own_query_keys(&head(&copy, extensions));
            *copy.url_mut() = target;
        }
        if copy.url().origin() == *home {
            take_out_planted(&mut copy, own.as_ref(), &rules.keyring, extensions);
        }
        if method == copy.method() {
            return is_whole.then_some(copy);
        }
        Some(without_body(copy, method))
    }
}

/// Removes from `headers` what belongs to the origin of `left`.
fn leave(left: &Url, keyring: &Keyring, extensions: &Extensions, headers: &mut HeaderMap) {
    let none = HeaderMap::new();
    let left = RequestHead::from_url(&Method::GET, left, &none, extensions);
    keyring.remove_credentials(&left, headers);
}

/// Takes out of the query of `request`, at another origin than `left`, what has the name of a key of that one's.
fn take_out_names_of(
    left: &Url,
    request: &mut Request,
    keyring: &Keyring,
    extensions: &Extensions,
) {
    let none = HeaderMap::new();
    let left = RequestHead::from_url(&Method::GET, left, &none, extensions);
    let cleaned = keyring.query_without_names_of(&left, &head(request, extensions));
    set_query(request, cleaned);
}

/// Puts the query that is `cleaned`, if one is, on `request`.
fn set_query(request: &mut Request, cleaned: Option<String>) {
    if let Some(query) = cleaned {
        let query = Some(query).filter(|query| !query.is_empty());
        request.url_mut().set_query(query.as_deref());
    }
}

/// Takes a key that the redirect put into its target's query out again, for it would count there as the
/// caller's own. What is the caller's `own` stays.
fn take_out_planted(
    request: &mut Request,
    own: Option<&QueryKeys>,
    keyring: &Keyring,
    extensions: &Extensions,
) {
    let cleaned = keyring.query_without_credentials(&head(request, extensions), own);
    set_query(request, cleaned);
}

fn method_after(status: StatusCode, method: &Method) -> Option<Method> {
    match status {
        StatusCode::SEE_OTHER if method != Method::HEAD => Some(Method::GET),
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if method == Method::POST => {
            Some(Method::GET)
        }
        StatusCode::SEE_OTHER
        | StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => Some(method.clone()),
        _ => None,
    }
}

/// Where `response` leads, if to a web page at all.
fn target(from: &Url, response: &Response) -> Option<Url> {
    let location = response.headers().get(LOCATION)?;
    let target = from
        .join(std::str::from_utf8(location.as_bytes()).ok()?)
        .ok()?;
    matches!(target.scheme(), "https" | "http").then_some(target)
}

/// The copy of a request whose body is a stream.
fn without_stream(request: &Request) -> Request {
    let mut copy = Request::new(request.method().clone(), request.url().clone());
    *copy.headers_mut() = request.headers().clone();
    *copy.timeout_mut() = request.timeout().copied();
    *copy.version_mut() = request.version();
    copy
}

fn without_body(mut request: Request, method: Method) -> Request {
    *request.method_mut() = method;
    *request.body_mut() = None;
    for name in [
        CONTENT_ENCODING,
        CONTENT_LANGUAGE,
        CONTENT_LENGTH,
        CONTENT_LOCATION,
        CONTENT_TYPE,
        // With it left there, the request would not be sent again after a refresh either.
        EXPECT,
        LAST_MODIFIED,
        TRAILER,
        TRANSFER_ENCODING,
    ] {
        request.headers_mut().remove(name);
    }
    request
}
