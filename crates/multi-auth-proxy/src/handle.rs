//! Handles one request: who sends it, what for, and may they.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue, TRANSFER_ENCODING};
use http::request::Parts;
use http::{Method, Request, Response, Version};
use http_body::Body;
use http_body_util::Full;
use multi_auth_config::proxy::CallerToken;
use tokio::sync::OwnedSemaphorePermit;

use crate::caller::{Peer, take_token};
use crate::connection::Connection;
use crate::forward::forward;
use crate::hop::Pseudonym;
use crate::problem::{Kind, Problem};
use crate::proxy::Shared;
use crate::record::Record;
use crate::response::ResponseBody;
use crate::route::{Found, Mount};
use crate::state::State;
use crate::tunnel;
use crate::usage::{Active, CallerBody};

/// A request that the caller may send.
pub(crate) struct Admitted<'s> {
    pub(crate) found: Found<'s>,
    /// Its place among the caller's requests at once.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
}

/// Handles a request that came over `connection`.
pub(crate) async fn handle(
    shared: Arc<Shared>,
    connection: Connection,
    active: Active,
    request: Request<CallerBody>,
) -> Response<ResponseBody> {
    shared.audit.has_room().await;
    let state = shared.state.load_full();
    let (mut parts, body) = request.into_parts();
    let ends = ends_connection(&parts);
    let path = parts.uri.path();
    // A path that is not admitted may hold anything.
    let path = if CallerToken::find_in(path.as_bytes()).is_some() {
        ""
    } else {
        path
    };
    let mut record = Record::new(shared.audit.clone(), active, parts.method.clone(), path);
    let usual = refuse_odd_requests(&parts, &body, &shared.pseudonym);
    let mut response = if usual.is_ok() && parts.method == Method::CONNECT {
        tunnel::open(&shared, &state, connection, parts, record).await
    } else {
        let admitted =
            usual.and_then(|()| admit(&state, &connection.peer, &mut parts, &mut record));
        match admitted {
            Ok(admitted) => {
                let request = Request::from_parts(parts, body);
                forward(&shared, &state, connection, admitted, request, record).await
            }
            Err(problem) => refuse(&problem, record),
        }
    };
    if ends {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

/// Whether the response ends the connection. A request in chunks may have had a length too, which
/// hyper removes; RFC 9112, 6.3 requires the end then.
fn ends_connection(parts: &Parts) -> bool {
    parts.version < Version::HTTP_2 && parts.headers.contains_key(TRANSFER_ENCODING)
}

/// The response to a request that the proxy answers itself.
pub(crate) fn refuse(problem: &Problem, mut record: Record) -> Response<ResponseBody> {
    record.refuse(problem);
    problem
        .response::<Full<Bytes>>()
        .map(|body| ResponseBody::of_proxy(body, record))
}

/// Finds the caller and the vendor, and applies the caller's rules and limits. Removes the caller's
/// token.
fn admit<'s>(
    state: &'s State,
    peer: &Peer,
    parts: &mut Parts,
    record: &mut Record,
) -> Result<Admitted<'s>, Problem> {
    let mut found = state.routes.find(parts, peer)?;
    record.set_target(found.route, &found.path);
    let token = take_token(&mut parts.headers, &mut found.query)?;
    let identity = peer.identity(token);
    let caller = state.callers.find(identity.as_ref());
    // A client that has this as its proxy may send its credential after a 407 only.
    let caller = caller.map_err(|problem| match found.mount {
        Mount::Vendor => problem.of_kind(Kind::NoProxyCredential),
        Mount::Path | Mount::Host | Mount::Tunnel => problem,
    })?;
    record.set_caller(&caller, identity);
    if !caller.allows(&found.route.name, &parts.method, &found.path) {
        let detail = "no rule of the caller allows this vendor, method and path";
        return Err(Problem::new(Kind::NotAllowed, detail));
    }
    let permit = caller.admit()?;
    record.admit();
    Ok(Admitted { found, permit })
}

fn refuse_odd_requests(
    parts: &Parts,
    body: &CallerBody,
    pseudonym: &Pseudonym,
) -> Result<(), Problem> {
    if parts.method == Method::TRACE {
        return Err(Problem::new(
            Kind::Method,
            "the proxy does not pass on this method",
        ));
    }
    let mut codings = parts.headers.get_all(TRANSFER_ENCODING).iter();
    let is_chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    if !(codings.next().is_none_or(is_chunked) && codings.next().is_none()) {
        let detail = "the request has a transfer coding that the proxy does not pass on";
        return Err(Problem::new(Kind::UnsupportedCoding, detail));
    }
    // hyper would send such a body with the length 0.
    let is_safe = matches!(parts.method, Method::GET | Method::HEAD);
    if is_safe && body.size_hint().exact().is_none() {
        let detail = "a body of GET or HEAD without a length cannot be passed on";
        return Err(Problem::new(Kind::LengthRequired, detail));
    }
    if CallerToken::find_in(parts.uri.path().as_bytes()).is_some() {
        let detail = "the token of a caller is in the path, where vendors would see it";
        return Err(Problem::new(Kind::UnknownCaller, detail));
    }
    if pseudonym.is_in(&parts.headers) {
        return Err(Problem::new(
            Kind::Loop,
            "the request came through this proxy before",
        ));
    }
    Ok(())
}
