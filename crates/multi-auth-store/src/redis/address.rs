//! The address of a server: `rediss://HOST[:PORT][/DB]`, or sentinels that name it.

use std::fmt;
use std::net::IpAddr;

use url::Url;

use crate::{StoreError, StoreProblem};

/// Where the server is.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) is_tls: bool,
    pub(super) hosts: Vec<(String, u16)>,
    /// The name of the primary, if `hosts` are sentinels.
    pub(super) service: Option<String>,
    pub(super) database: i64,
    pub(super) user: Option<String>,
}

const SERVER_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26_379;

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        parse(url).map_err(|problem| {
            StoreError::new(
                "the address of the token store",
                StoreProblem::Address(problem),
            )
        })
    }

    /// Whether the server is this machine. Sentinels may name any machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.service.is_none()
            && self.hosts.iter().all(|(host, _)| {
                host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
            })
    }
}

fn parse(url: &str) -> Result<Address, &'static str> {
    let (scheme, rest) = url.split_once("://").ok_or("is not a URL")?;
    let (is_tls, has_sentinels) = match scheme {
        "redis" => (false, false),
        "rediss" => (true, false),
        "redis+sentinel" => (false, true),
        "rediss+sentinel" => (true, true),
        _ => return Err("has another scheme than `redis` and `rediss`"),
    };
    if rest.contains(['?', '#']) {
        return Err("has a query or a fragment");
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (Some(user), hosts),
        None => (None, authority),
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err("has a password, which belongs to another setting");
    }
    let port = if has_sentinels {
        SENTINEL_PORT
    } else {
        SERVER_PORT
    };
    let hosts: Vec<_> = hosts
        .split(',')
        .map(|host| host_and_port(host, port))
        .collect::<Option<_>>()
        .ok_or("has an invalid host or port")?;
    if hosts.len() > 1 && !has_sentinels {
        return Err("has several hosts, which only sentinels may have");
    }
    let (service, database) = match path.split_once('/') {
        Some((service, database)) if has_sentinels => (Some(service), database),
        None if has_sentinels => (Some(path), ""),
        _ => (None, path),
    };
    if service == Some("") {
        return Err("does not name the service of its sentinels");
    }
    let database = match database {
        "" => 0,
        number => number.parse().map_err(|_| "has an invalid database")?,
    };
    Ok(Address {
        is_tls,
        hosts,
        service: service.map(str::to_owned),
        database,
        user: user.map(str::to_owned),
    })
}

/// The host and the port, read as the URL standard says.
fn host_and_port(text: &str, default: u16) -> Option<(String, u16)> {
    // `http` has a host that is checked; `redis` would accept any text.
    let url = Url::parse(&format!("http://{text}")).ok()?;
    let is_plain = url.path() == "/" && url.username().is_empty() && !text.contains('/');
    let host = url.host_str().filter(|_| is_plain)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = if text.ends_with(":80") {
        Some(80)
    } else {
        url.port()
    };
    Some((host.to_owned(), port.unwrap_or(default)))
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The hosts, for errors.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.hosts.iter().map(|(host, port)| {
            if host.contains(':') {
                format!("[{host}]:{port}")
            } else {
                format!("{host}:{port}")
            }
        });
        f.write_str(&hosts.collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests;
