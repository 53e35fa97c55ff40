//! Which vendor a request is for.

use std::sync::Arc;

use http::header::HOST;
use http::request::Parts;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, Version};
use metrics::Histogram;
use multi_auth::adapter::is_ambiguous_path;
use multi_auth::{Account, ProtectionSpace};
use multi_auth_config::Vendor;
use multi_auth_config::proxy::ProxyHosts;

use crate::base_url::BaseUrl;
use crate::caller::Peer;
use crate::destination::Destination;
use crate::problem::{Kind, Problem};
use crate::stats::Tally;
use crate::telemetry;

/// A vendor, and where it is.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) name: String,
    pub(crate) space: ProtectionSpace,
    /// All protection spaces, of which `space` is the first.
    spaces: Vec<ProtectionSpace>,
    pub(crate) account: Option<Account>,
    /// The header fields of each request to the vendor.
    pub(crate) headers: HeaderMap,
    /// The vendor's URL. A token response may name another one.
    pub(crate) url: BaseUrl,
    pub(crate) tally: Tally,
    pub(crate) seconds: Histogram,
    /// Its place among all vendors.
    pub(crate) index: usize,
}

/// How the caller's URL names the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mount {
    /// `http://127.0.0.1:8780/NAME/path`.
    Path,
    /// `http://NAME.localhost:8780/path`.
    Host,
    /// The vendor's own URL with `http`, from a client that has this as its proxy.
    Vendor,
    /// The vendor's own URL, in a tunnel.
    Tunnel,
}

/// The vendor of a request, and the path below the vendor's URL.
#[derive(Debug)]
pub(crate) struct Found<'r> {
    pub(crate) route: &'r Arc<Route>,
    pub(crate) mount: Mount,
    /// It begins with a slash, or is empty.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
}

impl Route {
    fn new((index, vendor): (usize, &Vendor)) -> Option<Self> {
        let space = vendor.protection_spaces().first()?.clone();
        let mut headers = HeaderMap::new();
        vendor.headers().add_to(&mut headers);
        Some(Self {
            name: vendor.name().to_owned(),
            account: vendor.account().cloned(),
            headers,
            url: BaseUrl::new(&space.origin(), space.path())?,
            space,
            spaces: vendor.protection_spaces().to_vec(),
            tally: Tally::default(),
            seconds: telemetry::seconds(vendor.name()),
            index,
        })
    }
}

/// The vendors, and the names of the proxy.
#[derive(Debug)]
pub(crate) struct Routes {
    routes: Vec<Arc<Route>>,
    pub(crate) hosts: ProxyHosts,
}

impl Routes {
    pub(crate) fn new(vendors: &[Vendor], hosts: &ProxyHosts) -> Self {
        Self {
            routes: vendors
                .iter()
                .enumerate()
                .filter_map(Route::new)
                .map(Arc::new)
                .collect(),
            hosts: hosts.clone(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().map(|route| &**route)
    }

    /// Finds the vendor of a request. Over TCP, the host must be one of this proxy's names.
    pub(crate) fn find(&self, request: &Parts, peer: &Peer) -> Result<Found<'_>, Problem> {
        if let Peer::Tunnel(tunnel) = peer {
            return self.find_in(&tunnel.destination, request);
        }
        let uri = &request.uri;
        let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        if let Some(authority) = uri.authority()
            && request.version < Version::HTTP_2
            && let Some(route) = self.at(authority, uri.path())?
        {
            let below = route.url.below_path(path).unwrap_or_default();
            return found(route, Mount::Vendor, below);
        }
        let host = authority(request)?.host().to_ascii_lowercase();
        if let Some(route) = self.named_by_host(&host) {
            return found(route, Mount::Host, path);
        }
        // A Unix socket has no name that a web page could use.
        if matches!(peer, Peer::Tcp) && !self.hosts.contains(&host) {
            return Err(
                if uri.authority().is_some() && request.version < Version::HTTP_2 {
                    Problem::new(Kind::UnknownUrl, "the URL is of no vendor")
                } else {
                    Problem::new(Kind::UnknownHost, "the host is not this proxy")
                },
            );
        }
        let rest = path.strip_prefix('/').unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (name, below) = rest.split_at(end);
        match self.routes.iter().find(|route| route.name == name) {
            Some(route) => found(route, Mount::Path, below),
            None => Err(unknown()),
        }
    }

    /// The vendor whose URL covers a request in the form of a proxy: that with the longest path.
    fn at(&self, authority: &Authority, path: &str) -> Result<Option<&Arc<Route>>, Problem> {
        let routes = self.routes.iter();
        longest(routes.filter(|route| route.url.is_at(authority, path)))
    }

    /// Whether a host and port are of a vendor, or below a domain of one.
    pub(crate) fn has_host(&self, destination: &Destination) -> bool {
        let Ok(url) = format!("https://{}", destination.without_final_dot()).parse() else {
            return false;
        };
        let mut spaces = self.routes.iter().flat_map(|route| &route.spaces);
        spaces.any(|space| space.covers_origin_of(&url))
    }

    /// The vendors with `https` at a host and port. One whose token response names its URL is at no
    /// fixed host.
    pub(crate) fn at_destination(
        &self,
        destination: &Destination,
    ) -> impl Iterator<Item = &Arc<Route>> + Clone {
        let routes = self.routes.iter();
        let routes = routes.filter(|route| !route.space.has_subdomains());
        routes.filter(|route| route.url.is_https() && destination.is(route.url.authority()))
    }

    /// The same for a request in a tunnel to a host and port: the request must be for that.
    fn find_in(&self, destination: &Destination, request: &Parts) -> Result<Found<'_>, Problem> {
        if !destination.is(&authority(request)?) {
            let detail = "the request is for another host than its tunnel";
            return Err(Problem::new(Kind::UnknownHost, detail));
        }
        let uri = &request.uri;
        let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let routes = self.at_destination(destination);
        let at = routes.filter(|route| route.url.below_path(uri.path()).is_some());
        let route = longest(at)?.ok_or_else(|| {
            let detail = "no URL of a vendor covers this path of the host";
            Problem::new(Kind::UnknownUrl, detail)
        })?;
        let below = route.url.below_path(path).unwrap_or_default();
        found(route, Mount::Tunnel, below)
    }

    fn named_by_host(&self, host: &str) -> Option<&Arc<Route>> {
        let name = host.strip_suffix(".localhost")?;
        let mut routes = self.routes.iter();
        routes.find(|route| route.name.eq_ignore_ascii_case(name))
    }
}

/// The vendor with the longest path. There are several if one URL has accounts.
fn longest<'r>(
    routes: impl Iterator<Item = &'r Arc<Route>> + Clone,
) -> Result<Option<&'r Arc<Route>>, Problem> {
    let Some(most) = routes.clone().map(|route| route.url.path().len()).max() else {
        return Ok(None);
    };
    let mut at = routes.filter(|route| route.url.path().len() == most);
    match (at.next(), at.next()) {
        (_, Some(_)) => Err(Problem::new(
            Kind::UnknownVendor,
            "several vendors have this URL: use the URL of the proxy, which names one",
        )),
        (route, None) => Ok(route),
    }
}

fn found<'r>(route: &'r Arc<Route>, mount: Mount, below: &str) -> Result<Found<'r>, Problem> {
    let (path, query) = match below.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (below, None),
    };
    if is_ambiguous(path) {
        let detail = "servers read the path in different ways, so the rules cannot judge it";
        return Err(Problem::new(Kind::AmbiguousPath, detail));
    }
    Ok(Found {
        route,
        mount,
        path: path.to_owned(),
        query,
    })
}

fn unknown() -> Problem {
    Problem::new(
        Kind::UnknownVendor,
        "the path does not begin with the name of a vendor",
    )
}

/// The host and port of a request.
fn authority(request: &Parts) -> Result<Authority, Problem> {
    let wrong = || Problem::new(Kind::UnknownHost, "the request has no valid Host");
    let mut fields = request.headers.get_all(HOST).iter();
    let field = match (fields.next(), fields.next()) {
        (None, _) => None,
        (Some(host), None) => Some(host.to_str().map_err(|_| wrong())?),
        (Some(_), Some(_)) => return Err(wrong()),
    };
    let named = request.uri.authority().map(Authority::as_str);
    // RFC 9113, 8.3.1. In HTTP/1.1, an absolute URL replaces the field (RFC 9112, 3.2.2).
    if request.version == Version::HTTP_2
        && let (Some(named), Some(field)) = (named, field)
        && !named.eq_ignore_ascii_case(field)
    {
        return Err(wrong());
    }
    let authority = named.or(field).ok_or_else(wrong)?;
    authority.parse().map_err(|_| wrong())
}

/// Whether servers may read `path` in different ways: it has `.`, `..`, an empty segment, a
/// backslash or an encoded separator, also encoded again.
fn is_ambiguous(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let separators = ["//", "\\", "%2f", "%5c", "%00", "%252f", "%255c"];
    let is_dots = |segment: &str| matches!(segment, "." | "..");
    !(path.is_empty() || path.starts_with('/'))
        || separators.iter().any(|text| lower.contains(text))
        || path.split('/').any(is_dots)
        || is_ambiguous_path(path)
}

#[cfg(test)]
mod tests;
