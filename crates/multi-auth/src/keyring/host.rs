//! Hosts as keys: names in lower case, IPv6 addresses by value.

use std::collections::HashMap;
use std::net::Ipv6Addr;

use url::{Host, Url};

/// A map from hosts that is asked with a host as a request spells it, without allocating.
#[derive(Debug)]
pub(super) struct HostMap<V> {
    /// Names and IPv4 addresses.
    names: HashMap<Box<str>, V>,
    addresses: HashMap<Ipv6Addr, V>,
}

/// The longest name that DNS can carry, in its text form (RFC 1035, 2.3.4).
const LONGEST_NAME: usize = 255;

impl<V: Default> HostMap<V> {
    /// The value for the host of `url`, made if there is none.
    pub(super) fn entry(&mut self, url: &Url) -> &mut V {
        match url.host() {
            Some(Host::Ipv6(address)) => self.addresses.entry(address).or_default(),
            Some(Host::Domain(_) | Host::Ipv4(_)) | None => self
                .names
                .entry(url.host_str().unwrap_or_default().into())
                .or_default(),
        }
    }
}

impl<V> HostMap<V> {
    /// The value for `host`, spelled as in a URL: in any case, an IPv6 address in brackets.
    pub(super) fn get(&self, host: &str) -> Option<&V> {
        if let Some(address) = host.strip_prefix('[') {
            return self
                .addresses
                .get(&address.strip_suffix(']')?.parse().ok()?);
        }
        if !host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return self.names.get(host);
        }
        let mut lower = [0; LONGEST_NAME];
        let lower = lower.get_mut(..host.len())?;
        lower.copy_from_slice(host.as_bytes());
        lower.make_ascii_lowercase();
        self.names.get(std::str::from_utf8(lower).ok()?)
    }
}

impl<V> Default for HostMap<V> {
    fn default() -> Self {
        Self {
            names: HashMap::new(),
            addresses: HashMap::new(),
        }
    }
}
