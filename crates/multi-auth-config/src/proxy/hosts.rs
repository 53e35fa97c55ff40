//! The names of a proxy.

use std::net::IpAddr;

use crate::Advice;

/// The names by which callers reach a proxy: addresses, `localhost` and the configured names.
///
/// A request for another name may come from a web page, whose server resolved its own name to this
/// machine (DNS rebinding).
///
/// ```
/// use multi_auth_config::proxy::ProxySettings;
///
/// # fn main() -> Result<(), multi_auth_config::Advice> {
/// let settings = ProxySettings::default().with_host("proxy.internal")?;
/// assert!(settings.hosts().contains("Proxy.Internal"));
/// assert!(settings.hosts().contains("[::1]"));
/// assert!(!settings.hosts().contains("attacker.example"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ProxyHosts(Vec<String>);

const NOT_A_HOST: Advice = Advice::new(
    "is not a host's name",
    "write the name alone, as in \"immuta.example.com\"",
);

impl ProxyHosts {
    /// Whether `host`, without a port, is one of the names.
    #[must_use]
    pub fn contains(&self, host: &str) -> bool {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let is = |name: &str| host.eq_ignore_ascii_case(name);
        is("localhost") || address.parse::<IpAddr>().is_ok() || self.0.iter().any(|name| is(name))
    }

    pub(super) fn push(&mut self, host: &str) -> Result<(), Advice> {
        self.0.push(host_name(host)?);
        Ok(())
    }
}

/// `text` in lowercase, if it is a name without a port.
pub(super) fn host_name(text: &str) -> Result<String, Advice> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_part) {
        return Err(NOT_A_HOST);
    }
    Ok(text.to_ascii_lowercase())
}
