//! The URL of a vendor: a request's path continues it.

use http::Uri;
use http::uri::{Authority, Scheme};
use url::{Position, Url};

/// The URL of a vendor, such as `https://api.example.com/v2`.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    origin: Url,
    scheme: Scheme,
    authority: Authority,
    /// Without a slash at the end.
    path: String,
}

impl BaseUrl {
    /// The URL of `origin` and `path`.
    pub(crate) fn new(origin: &Url, path: &str) -> Option<Self> {
        let authority = &origin[Position::BeforeHost..Position::AfterPort];
        Some(Self {
            origin: origin.clone(),
            scheme: origin.scheme().parse().ok()?,
            authority: authority.parse().ok()?,
            path: path.trim_end_matches('/').to_owned(),
        })
    }

    /// Its host, in lowercase.
    pub(crate) fn host(&self) -> &str {
        self.authority.host()
    }

    /// Its host and port.
    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Whether its scheme is `https`.
    pub(crate) fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// Its path, without a slash at the end.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The vendor's URI for `path` and `query`.
    pub(crate) fn uri(&self, path: &str, query: Option<&str>) -> Result<Uri, http::Error> {
        let own = &self.path;
        let slash = if own.is_empty() && path.is_empty() {
            "/"
        } else {
            ""
        };
        let path = match query {
            Some(query) => format!("{own}{path}{slash}?{query}"),
            None => format!("{own}{path}{slash}"),
        };
        let uri = Uri::builder().scheme(self.scheme.clone());
        uri.authority(self.authority.clone())
            .path_and_query(path)
            .build()
    }

    /// Returns the rest of an absolute `url` after the vendor's URL, in any spelling of that.
    /// `None` if it does not begin with that.
    pub(crate) fn below(&self, url: &str) -> Option<String> {
        let url = if url.starts_with("//") {
            self.origin.join(url)
        } else {
            Url::parse(url)
        };
        let url = url.ok()?;
        let is_own = url.origin() == self.origin.origin();
        let path = Some(&url[Position::BeforePath..]).filter(|_| is_own)?;
        self.below_path(path).map(str::to_owned)
    }

    /// Returns the rest of `path` after the path of the vendor's URL. `None` if it does not begin
    /// with that.
    pub(crate) fn below_path<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(self.path.as_str())?;
        (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then_some(rest)
    }

    /// Whether it covers `authority` and `path`, which a client sent to its HTTP proxy. The proxy
    /// uses TLS, so the default port of http means the default port of https.
    pub(crate) fn is_at(&self, authority: &Authority, path: &str) -> bool {
        let own = self.authority.port_u16();
        let port = authority.port_u16().filter(|port| *port != 80);
        let is_port = own == port || own.is_none() && port == Some(443);
        is_port
            && self.authority.host().eq_ignore_ascii_case(authority.host())
            && self.below_path(path).is_some()
    }
}
