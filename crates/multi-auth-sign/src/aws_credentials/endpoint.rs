//! Checks the URLs that credentials are requested from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use multi_auth::UrlProblem;
use url::{Host, Url};

use super::AwsCredentialsProblem as Problem;
use crate::SignError;

/// The task metadata endpoint of ECS.
pub(super) const ECS: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2));

/// The agent of EKS Pod Identity.
pub(super) const EKS: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23));
pub(super) const EKS_IPV6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23));

/// A URL that credentials are requested from: https, or http to a loopback address or to one of
/// `plain`.
pub(super) fn parse(what: &'static str, text: &str, plain: &[IpAddr]) -> Result<Url, SignError> {
    let refuse = |problem| Err(Problem::Url { what, problem }.into());
    let Ok(url) = Url::parse(text) else {
        return refuse(UrlProblem::NotAbsolute);
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) || address(&url).is_some_and(|ip| plain.contains(&ip)) => {}
        "http" => return refuse(UrlProblem::PlainHttp),
        _ => return refuse(UrlProblem::Scheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(UrlProblem::Userinfo);
    }
    if url.fragment().is_some() {
        return refuse(UrlProblem::Fragment);
    }
    Ok(url)
}

/// A URL of this machine, for tests.
pub(super) fn parse_loopback(what: &'static str, text: &str) -> Result<Url, SignError> {
    let url = parse(what, text, &[])?;
    if is_loopback(&url) {
        return Ok(url);
    }
    let remedy = "give a loopback address, such as http://127.0.0.1:1338";
    Err(Problem::Value { what, remedy }.into())
}

/// `url` without its path and query, to be shown: the path may be a key.
pub(super) fn shown(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The address in `url`. A name is not looked up.
fn address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

fn is_loopback(url: &Url) -> bool {
    address(url).is_some_and(|address| address.is_loopback())
        || url.host() == Some(Host::Domain("localhost"))
}
