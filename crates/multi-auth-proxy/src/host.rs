//! The names of this proxy. A web page can have any other name lead here (DNS rebinding).

use std::net::IpAddr;

/// Whether `host`, in lowercase, is an address, `localhost` or one of `others`.
pub(crate) fn is_own(host: &str, others: &[String]) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok() || others.iter().any(|own| own == host)
}
