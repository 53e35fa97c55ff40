//! What one configuration gives: vendors, callers and the service that sends requests.

use std::borrow::Cow;
use std::collections::HashSet;
use std::net::IpAddr;
use std::time::Duration;

use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Uri};
use multi_auth::{AuthError, Generation, Keyring, ProtectionSpace, RequestHead};
use multi_auth_config::proxy::ProxySettings;
use multi_auth_config::{Config, LiveKeyring, Vendor};
use multi_auth_tower::{AuthLayer, AuthService, ReadJson};
use rustls::ClientConfig;
use tokio::task::AbortHandle;
use tower_layer::Layer;

use crate::base_url::BaseUrl;
use crate::caller::Callers;
use crate::destination::TunnelConnector;
use crate::replay::Replay;
use crate::route::{Route, Routes};
use crate::upstream::Upstream;

/// What one configuration gives.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) live: LiveKeyring,
    pub(crate) routes: Routes,
    pub(crate) callers: Callers,
    pub(crate) service: AuthService<ReadJson<Upstream>, Replay>,
    pub(crate) tunnels: TunnelConnector,
    pub(crate) idle_timeout: Duration,
    /// The bindings of each vendor, by their index in the keyring.
    bindings: Vec<Vec<usize>>,
    watch: AbortHandle,
}

/// The number of a request's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbered {
    /// There is no credential yet.
    Unknown,
    /// The credential is a fixed key.
    NoToken,
    Token(u64),
}

impl Numbered {
    pub(crate) fn number(self) -> Option<u64> {
        match self {
            Self::Token(number) => Some(number),
            Self::Unknown | Self::NoToken => None,
        }
    }
}

impl State {
    pub(crate) fn new(
        config: &Config,
        settings: &ProxySettings,
        live: LiveKeyring,
        tls: &ClientConfig,
        earlier: Option<&Self>,
    ) -> Self {
        let routes = Routes::new(config.vendors(), settings.hosts());
        let private_hosts = private_hosts(&routes, settings);
        let upstream = Upstream::new(tls, private_hosts, settings.response_timeout());
        let layer = AuthLayer::new(live.keyring().clone()).with_replay(Replay::new());
        Self {
            service: layer.read_responses().layer(upstream),
            tunnels: TunnelConnector::new(settings.private_hosts()),
            callers: Callers::new(
                settings.callers(),
                config.vendors().len(),
                earlier.map(|earlier| &earlier.callers),
            ),
            idle_timeout: settings.idle_timeout(),
            bindings: bindings_of(config.vendors(), live.keyring()),
            watch: tokio::spawn(live.clone().watch()).abort_handle(),
            routes,
            live,
        }
    }

    fn keyring(&self) -> &Keyring {
        self.live.keyring()
    }

    /// The URL of `route`: that of the configuration, or the one that the token response names.
    pub(crate) async fn url_of<'r>(&self, route: &'r Route) -> Result<Cow<'r, BaseUrl>, AuthError> {
        if !route.space.has_subdomains() {
            return Ok(Cow::Borrowed(&route.url));
        }
        let named = self.keyring().base_url(&route.space).await?;
        let named = named.and_then(|url| BaseUrl::new(&url, url.path()));
        Ok(named.map_or(Cow::Borrowed(&route.url), Cow::Owned))
    }

    /// Whether the credential of `request` is that of `route`. Another vendor may have a part of
    /// the paths below the URL.
    pub(crate) fn is_of(&self, route: &Route, request: &RequestHead<'_>) -> bool {
        let binding = self.keyring().binding_index(request);
        binding.is_some_and(|binding| self.bindings_of(route).contains(&binding))
    }

    /// The bindings of `route`, by their index in the keyring.
    pub(crate) fn bindings_of(&self, route: &Route) -> &[usize] {
        self.bindings.get(route.index).map_or(&[], Vec::as_slice)
    }

    /// The number of the token that `request` gets, or that it gets none.
    pub(crate) fn generation(&self, request: &RequestHead<'_>) -> Numbered {
        match self.keyring().ready(request) {
            Some(Ok(credential)) => {
                let number = credential.id().newest().map(Generation::number);
                number.map_or(Numbered::NoToken, Numbered::Token)
            }
            _ => Numbered::Unknown,
        }
    }

    /// The same for a request to `uri` without fields.
    pub(crate) fn generation_at(&self, method: &Method, uri: &Uri, route: &Route) -> Numbered {
        let (headers, mut extensions) = (HeaderMap::new(), Extensions::new());
        if let Some(account) = &route.account {
            extensions.insert(account.clone());
        }
        self.generation(&RequestHead::from_uri(method, uri, &headers, &extensions))
    }

    /// Removes what is in the place of a credential. Returns the query without it, if it was in the
    /// query.
    pub(crate) fn remove_placeholders(&self, parts: &mut Parts) -> Option<String> {
        let mut headers = std::mem::take(&mut parts.headers);
        let head = RequestHead::from_parts(parts);
        self.keyring().remove_credentials(&head, &mut headers);
        let query = self.keyring().query_without_names_of(&head, &head);
        parts.headers = headers;
        query
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// The bindings of each vendor, by their index in `keyring`.
fn bindings_of(vendors: &[Vendor], keyring: &Keyring) -> Vec<Vec<usize>> {
    let bindings: Vec<_> = keyring.bindings().collect();
    let own = |vendor: &Vendor| {
        let bindings = bindings.iter().enumerate().filter(|(_, binding)| {
            let mut spaces = vendor.protection_spaces().iter();
            spaces.any(|space| is_same_space(space, binding.protection_space()))
        });
        bindings.map(|(index, _)| index).collect()
    };
    vendors.iter().map(own).collect()
}

/// Whether both are one protection space. A slash at the end of the path does not count.
fn is_same_space(one: &ProtectionSpace, other: &ProtectionSpace) -> bool {
    let path = |space: &ProtectionSpace| space.path().trim_end_matches('/').to_owned();
    one.origin() == other.origin()
        && path(one) == path(other)
        && one.account() == other.account()
        && one.has_subdomains() == other.has_subdomains()
}

/// The hosts that may have a private address: those of the settings, and a vendor's own URL if it
/// has an address or `localhost` in it.
fn private_hosts(routes: &Routes, settings: &ProxySettings) -> HashSet<String> {
    let named = settings.private_hosts().iter().cloned();
    let is_local = |host: &str| {
        host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok()
    };
    let hosts = routes
        .iter()
        .map(|route| route.url.host())
        .filter(|host| is_local(host));
    named.chain(hosts.map(str::to_owned)).collect()
}
