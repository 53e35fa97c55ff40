//! Handles one request: who sends it, what for, may they, and then sends it on.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use multi_auth::{Outcome, RequestHead};
use multi_auth_config::proxy::CallerToken;
use tokio::sync::OwnedSemaphorePermit;
use tower_service::Service;

use crate::audit::Record;
use crate::base_url::BaseUrl;
use crate::body::RequestBody;
use crate::caller::{Peer, take_token};
use crate::failure::problem_of;
use crate::hop;
use crate::map_back::Mounted;
use crate::problem::{Kind, Problem};
use crate::proxy::Shared;
use crate::response::ResponseBody;
use crate::route::Found;
use crate::state::State;
use crate::upgrade;
use crate::upstream::{CallerQuery, ChangesProtocol};

/// A request that the caller may send.
struct Admitted<'s> {
    found: Found<'s>,
    permit: Option<OwnedSemaphorePermit>,
}

/// Handles a request from `peer`.
pub(crate) async fn handle(
    shared: Arc<Shared>,
    peer: Peer,
    request: Request<Incoming>,
) -> Response<ResponseBody> {
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
    let mut record = Record::new(shared.audit.clone(), parts.method.clone(), path);
    let mut response = match admit(&state, peer, &mut parts, &mut record) {
        Ok(admitted) => send(&state, admitted, parts, body, record).await,
        Err(problem) => refuse(&problem, record),
    };
    if ends {
        let close = HeaderValue::from_static("close");
        response
            .headers_mut()
            .insert(http::header::CONNECTION, close);
    }
    response
}

/// Whether the response ends the connection. A request in chunks may have had a length too, which
/// hyper removes; RFC 9112, 6.3 requires the end then.
fn ends_connection(parts: &Parts) -> bool {
    parts.version < Version::HTTP_2 && parts.headers.contains_key(TRANSFER_ENCODING)
}

fn refuse(problem: &Problem, mut record: Record) -> Response<ResponseBody> {
    record.refuse(problem);
    problem
        .response::<Full<Bytes>>()
        .map(|body| ResponseBody::of_proxy(body, record))
}

/// Finds the caller and the vendor, and applies the caller's rules and limits. Removes the caller's
/// token.
fn admit<'s>(
    state: &'s State,
    peer: Peer,
    parts: &mut Parts,
    record: &mut Record,
) -> Result<Admitted<'s>, Problem> {
    refuse_odd_requests(parts)?;
    let mut found = state.routes.find(parts, matches!(peer, Peer::Tcp))?;
    record.set_target(found.route, &found.path);
    let token = take_token(&mut parts.headers, &mut found.query)?;
    let caller = state.callers.find(token.as_ref(), peer)?;
    record.set_caller(&caller);
    let (vendor, path) = (&found.route.name, found.path.as_str());
    let path = if path.is_empty() { "/" } else { path };
    let mut rules = caller.settings.rules().iter();
    if !rules.any(|rule| rule.allows(vendor, &parts.method, path)) {
        let detail = "no rule of the caller allows this vendor, method and path";
        return Err(Problem::new(Kind::NotAllowed, detail));
    }
    let permit = caller.admit()?;
    record.admit();
    Ok(Admitted { found, permit })
}

fn refuse_odd_requests(parts: &Parts) -> Result<(), Problem> {
    if matches!(parts.method, Method::CONNECT | Method::TRACE) {
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
    if CallerToken::find_in(parts.uri.path().as_bytes()).is_some() {
        let detail = "the token of a caller is in the path, where vendors would see it";
        return Err(Problem::new(Kind::UnknownCaller, detail));
    }
    if hop::is_loop(&parts.headers) {
        return Err(Problem::new(
            Kind::Loop,
            "the request came through this proxy before",
        ));
    }
    Ok(())
}

/// Sends an admitted request to its vendor.
async fn send(
    state: &State,
    admitted: Admitted<'_>,
    mut parts: Parts,
    body: Incoming,
    mut record: Record,
) -> Response<ResponseBody> {
    let Admitted { found, permit } = admitted;
    let authority = authority(&parts);
    let url = match state.url_of(found.route).await {
        Ok(url) => url,
        Err(error) => return refuse(&problem_of(&error), record),
    };
    let mounted = Mounted::new(found.route, &url, found.mount, authority.as_deref());
    let caller_upgrade = parts.extensions.remove::<OnUpgrade>();
    let changes = match prepare(state, &found, &url, &mut parts) {
        Ok(changes) => changes,
        Err(problem) => return refuse(&problem, record),
    };
    let head = RequestHead::from_parts(&parts);
    let before = state.generation(&head);
    let asked = (parts.method.clone(), parts.uri.clone());
    let request = Request::from_parts(parts, RequestBody::of(body));
    let mut service = state.service.clone();
    let response = match service.call(request).await {
        Ok(response) => response,
        Err(error) => return refuse(&problem_of(&*error), record),
    };
    let (mut parts, body) = response.into_parts();
    let outcome = parts.extensions.get::<Outcome>();
    let generation = match (before, outcome) {
        (Some(generation), None) => Some(generation),
        _ => state.generation_at(&asked.0, &asked.1, found.route),
    };
    record.set_token(generation, outcome.map_or(1, Outcome::attempts));
    let protocol = hop::remove_fields(&mut parts.headers);
    hop::append_via(&mut parts.headers);
    if let Some(mounted) = mounted {
        mounted.map(&mut parts.headers);
    }
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        let vendor = parts.extensions.remove::<OnUpgrade>();
        let (true, Some(protocol), Some(caller), Some(vendor)) =
            (changes, protocol, caller_upgrade, vendor)
        else {
            let detail = "the vendor changed the protocol, which the request did not ask for";
            return refuse(&Problem::new(Kind::CutOff, detail), record);
        };
        hop::insert_upgrade(&mut parts.headers, protocol);
        upgrade::join(caller, vendor);
    }
    parts.version = Version::HTTP_11;
    record.respond(parts.status);
    Response::from_parts(parts, ResponseBody::of_vendor(body, record, permit))
}

/// Makes the caller's request one for the vendor, without what the caller sends in the place of a
/// credential. Returns whether it asks for a change of the protocol.
fn prepare(
    state: &State,
    found: &Found<'_>,
    url: &BaseUrl,
    parts: &mut Parts,
) -> Result<bool, Problem> {
    let route = found.route;
    let protocol = hop::remove_fields(&mut parts.headers);
    parts.headers.remove(EXPECT);
    parts.headers.remove(HOST);
    let invalid = |_| Problem::new(Kind::AmbiguousPath, "the path is not valid in a URL");
    parts.uri = url
        .uri(&found.path, found.query.as_deref())
        .map_err(invalid)?;
    parts.extensions.clear();
    if let Some(account) = &route.account {
        parts.extensions.insert(account.clone());
    }
    let query = state.remove_placeholders(parts);
    if let Some(query) = &query {
        let query = Some(query.as_str()).filter(|query| !query.is_empty());
        parts.uri = url.uri(&found.path, query).map_err(invalid)?;
    }
    let query = parts.uri.query().map(str::to_owned);
    parts.extensions.insert(CallerQuery(query));
    route.headers.add_to(&mut parts.headers);
    hop::append_via(&mut parts.headers);
    let changes = protocol.is_some();
    if let Some(protocol) = protocol {
        hop::insert_upgrade(&mut parts.headers, protocol);
        parts.extensions.insert(ChangesProtocol);
        // Such a request has no body.
        parts.headers.remove(CONTENT_LENGTH);
    }
    Ok(changes)
}

/// The host and port by which the caller reaches this proxy.
fn authority(parts: &Parts) -> Option<String> {
    let named = parts
        .uri
        .authority()
        .map(|authority| authority.as_str().to_owned());
    let field = || Some(parts.headers.get(HOST)?.to_str().ok()?.to_owned());
    named.or_else(field)
}
