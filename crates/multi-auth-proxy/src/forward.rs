//! Sends an admitted request to its vendor, and the response to the caller.

use std::sync::Arc;

use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, EXPECT, HOST, HeaderValue, SET_COOKIE, USER_AGENT,
};
use http::request::Parts;
use http::{Request, Response, StatusCode, Version, response};
use http_body::Body as _;
use hyper::upgrade::OnUpgrade;
use multi_auth::{Outcome, RequestHead};
use tower_service::Service;

use crate::base_url::BaseUrl;
use crate::body::RequestBody;
use crate::connection::Connection;
use crate::failure::problem_of;
use crate::handle::{Admitted, refuse};
use crate::hop;
use crate::map_back::Mounted;
use crate::problem::{Kind, Problem};
use crate::proxy::Shared;
use crate::record::Record;
use crate::response::{ResponseBody, VendorBody};
use crate::route::Found;
use crate::state::{Numbered, State};
use crate::upgrade::Ends;
use crate::upstream::{CallerQuery, ChangesProtocol};
use crate::usage::CallerBody;

/// Sends `request` to its vendor, and gives the response.
pub(crate) async fn forward(
    shared: &Arc<Shared>,
    state: &State,
    connection: Connection,
    admitted: Admitted<'_>,
    request: Request<CallerBody>,
    mut record: Record,
) -> Response<ResponseBody> {
    let Admitted { found, permit } = admitted;
    let exchange = Exchange {
        shared,
        state,
        found,
    };
    let Exchanged { parts, body, ends } = match exchange.run(request, &mut record).await {
        Ok(exchanged) => exchanged,
        Err(problem) => return refuse(&problem, record),
    };
    record.respond(parts.status);
    let body = match ends {
        None => ResponseBody::of_vendor(body, record, permit),
        Some(ends) => {
            ends.join(Arc::clone(shared), connection, record, permit);
            ResponseBody::empty()
        }
    };
    Response::from_parts(parts, body)
}

/// A request to a vendor, and its response.
struct Exchange<'s> {
    shared: &'s Shared,
    state: &'s State,
    found: Found<'s>,
}

/// Fields by which some servers take another method or path for that of the request.
const OVERRIDES: [&str; 5] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];

/// The response of a vendor, as the caller gets it.
struct Exchanged {
    parts: response::Parts,
    body: VendorBody,
    /// Both connections, if the protocol changes.
    ends: Option<Ends>,
}

impl Exchange<'_> {
    async fn run(
        &self,
        request: Request<CallerBody>,
        record: &mut Record,
    ) -> Result<Exchanged, Problem> {
        let (mut parts, body) = request.into_parts();
        let url = self.state.url_of(self.found.route).await;
        let url = url.map_err(|error| problem_of(&error))?;
        let authority = authority(&parts);
        let mounted = Mounted::new(&self.found, &url, authority.as_deref());
        let upgrade = parts.extensions.remove::<OnUpgrade>();
        let changes = self.prepare(&url, &mut parts)?;
        if changes && !body.is_end_stream() {
            let detail = "a request that changes the protocol has no body";
            return Err(Problem::new(Kind::BadBody, detail));
        }
        if !self
            .state
            .is_of(self.found.route, &RequestHead::from_parts(&parts))
        {
            let detail = "this path has the credential of another vendor";
            return Err(Problem::new(Kind::NotAllowed, detail));
        }
        self.attach_constants(&mut parts);
        let asked = (parts.method.clone(), parts.uri.clone());
        let before = self.state.generation(&RequestHead::from_parts(&parts));
        let body = if changes {
            RequestBody::default()
        } else {
            RequestBody::of(body)
        };
        let mut service = self.state.service.clone();
        let response = service.call(Request::from_parts(parts, body)).await;
        let (mut parts, body) = response.map_err(|error| problem_of(&*error))?.into_parts();
        let outcome = parts.extensions.get::<Outcome>();
        let generation = match (before, outcome) {
            (Numbered::Unknown, _) | (Numbered::Token(_), Some(_)) => {
                self.state
                    .generation_at(&asked.0, &asked.1, self.found.route)
            }
            (known, _) => known,
        };
        record.set_token(generation.number(), outcome.map_or(1, Outcome::attempts));
        mounted.map(&mut parts.headers);
        let ends = self.finish(&mut parts, upgrade.filter(|_| changes))?;
        Ok(Exchanged { parts, body, ends })
    }

    /// Makes the caller's request one for the vendor, without what the caller sends in the place of
    /// a credential. Returns whether it asks for a change of the protocol.
    fn prepare(&self, url: &BaseUrl, parts: &mut Parts) -> Result<bool, Problem> {
        let Found {
            route, path, query, ..
        } = &self.found;
        let protocol = hop::remove_fields(&mut parts.headers);
        parts.headers.remove(EXPECT);
        parts.headers.remove(HOST);
        let invalid = |_| Problem::new(Kind::AmbiguousPath, "the path is not valid in a URL");
        parts.uri = url.uri(path, query.as_deref()).map_err(invalid)?;
        parts.extensions.clear();
        if let Some(account) = &route.account {
            parts.extensions.insert(account.clone());
        }
        if let Some(query) = self.state.remove_placeholders(parts) {
            let query = Some(query.as_str()).filter(|query| !query.is_empty());
            parts.uri = url.uri(path, query).map_err(invalid)?;
        }
        let query = parts.uri.query().map(str::to_owned);
        parts.extensions.insert(CallerQuery(query));
        let changes = protocol.is_some();
        if let Some(protocol) = protocol {
            hop::insert_upgrade(&mut parts.headers, protocol);
            parts.extensions.insert(ChangesProtocol);
            // With a length and no body, the vendor would take the next request for the body.
            parts.headers.remove(CONTENT_LENGTH);
        }
        self.shared
            .pseudonym
            .append_to(&mut parts.headers, parts.version);
        Ok(changes)
    }

    /// Sets what the caller cannot choose.
    fn attach_constants(&self, parts: &mut Parts) {
        for name in OVERRIDES {
            parts.headers.remove(name);
        }
        // A body with a content coding cannot be searched for the credential.
        parts
            .headers
            .insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        parts.headers.remove("grpc-accept-encoding");
        for (name, value) in &self.found.route.headers {
            let is_of_client = *name == USER_AGENT || *name == ACCEPT;
            if !(is_of_client && parts.headers.contains_key(name)) {
                parts.headers.insert(name.clone(), value.clone());
            }
        }
    }

    /// Makes the vendor's response one for the caller. Returns both connections if the protocol
    /// changes.
    fn finish(
        &self,
        parts: &mut response::Parts,
        caller: Option<OnUpgrade>,
    ) -> Result<Option<Ends>, Problem> {
        let protocol = hop::remove_fields(&mut parts.headers);
        self.shared
            .pseudonym
            .append_to(&mut parts.headers, parts.version);
        parts.version = Version::HTTP_11;
        // A session is a credential too, and the caller's cookies do not pass.
        parts.headers.remove(SET_COOKIE);
        if parts.status != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(None);
        }
        let vendor = parts.extensions.remove::<OnUpgrade>();
        let (Some(protocol), Some(caller), Some(vendor)) = (protocol, caller, vendor) else {
            let detail = "the vendor changed the protocol, which the request did not ask for";
            return Err(Problem::new(Kind::CutOff, detail));
        };
        hop::insert_upgrade(&mut parts.headers, protocol);
        Ok(Some(Ends { caller, vendor }))
    }
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
