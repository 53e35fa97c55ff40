//! Hosts to which a caller may open a tunnel.

use std::str::FromStr;

use super::host_name;
use crate::Advice;

/// Hosts to which a caller may open a tunnel, and their port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TunnelHosts {
    hosts: Hosts,
    /// `None` for every port.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    Every,
    /// In lowercase.
    One(String),
    /// All subdomains of the name. It is in lowercase and begins with a dot.
    Below(String),
}

/// The port of a tunnel that names none: that of HTTPS.
const PORT: u16 = 443;

const NOT_A_TUNNEL: Advice = Advice::new(
    "names no hosts for a tunnel",
    "write a host, as in \"files.example\" or \"*.files.example:443\"; `*` is every host, and `:*` every port",
);

impl FromStr for TunnelHosts {
    type Err = Advice;

    fn from_str(text: &str) -> Result<Self, Advice> {
        let (hosts, port) = match text.rsplit_once(':') {
            None => (text, Some(PORT)),
            Some((hosts, "*")) => (hosts, None),
            Some((hosts, port)) => (hosts, Some(port.parse().map_err(|_| NOT_A_TUNNEL)?)),
        };
        let hosts = match hosts.strip_prefix('*') {
            None => Hosts::One(host_name(hosts).map_err(|_| NOT_A_TUNNEL)?),
            Some("") => Hosts::Every,
            Some(below) => {
                let name = below.strip_prefix('.').ok_or(NOT_A_TUNNEL)?;
                let name = host_name(name).map_err(|_| NOT_A_TUNNEL)?;
                Hosts::Below(format!(".{name}"))
            }
        };
        Ok(Self { hosts, port })
    }
}

impl TunnelHosts {
    /// Whether it covers `host`, in lowercase, and `port`.
    pub(super) fn covers(&self, host: &str, port: u16) -> bool {
        let is_host = match &self.hosts {
            Hosts::Every => true,
            Hosts::One(own) => own == host,
            Hosts::Below(end) => host.len() > end.len() && host.ends_with(end.as_str()),
        };
        is_host && self.port.is_none_or(|own| own == port)
    }
}

#[cfg(test)]
mod tests {
    use super::TunnelHosts;

    #[test]
    fn a_tunnel_covers_its_hosts_at_its_port() {
        let covers = |tunnel: &str, host, port| {
            let tunnel: TunnelHosts = tunnel.parse().unwrap();
            tunnel.covers(host, port)
        };
        assert!(covers("A.example", "a.example", 443));
        assert!(!covers("a.example", "a.example", 80));
        assert!(!covers("a.example", "b.a.example", 443));
        assert!(covers("*.a.example:80", "c.b.a.example", 80));
        assert!(!covers("*.a.example", "a.example", 443));
        assert!(!covers("*.a.example", ".a.example", 443));
        assert!(!covers("*.a.example", "xa.example", 443));
        assert!(covers("*", "a", 443) && !covers("*", "a", 22));
        assert!(covers("*:*", "a", 22) && covers("10.0.0.1:*", "10.0.0.1", 1));
    }

    #[test]
    fn text_that_names_no_hosts_is_refused() {
        for text in [
            "",
            "*a",
            "*.",
            "a:",
            "a:x",
            "a:65536",
            "https://a",
            "a/b",
            "a:1:2",
            "*.*.a",
        ] {
            assert!(text.parse::<TunnelHosts>().is_err(), "{text}");
        }
    }
}
