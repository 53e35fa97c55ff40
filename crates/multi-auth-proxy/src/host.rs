//! The names of this proxy. A request for another name may come from a web page, whose server
//! resolved its own name to this machine (DNS rebinding).

use std::net::IpAddr;

/// Whether `host`, in lowercase, is an address, `localhost` or one of `others`.
pub(crate) fn is_own(host: &str, others: &[String]) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok() || others.iter().any(|own| own == host)
}
