//! The addresses that a request reaches without a proxy.

use std::net::{IpAddr, Ipv6Addr};

/// Whether `address` is of this machine or on its link: a loopback address, a link-local one, or
/// one of the metadata of EC2, which are in `fd00:ec2::/32`.
///
/// An adapter sends requests to such an address past all proxies: a proxy could not reach the same
/// server, and would see the credentials of plain http.
///
/// ```
/// use multi_auth::adapter::is_local;
///
/// assert!(is_local([169, 254, 169, 254].into()));
/// assert!(!is_local([10, 0, 0, 1].into()));
/// ```
#[must_use]
#[inline]
pub fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unicast_link_local() || is_of_ec2(&address)
        }
    }
}

fn is_of_ec2(address: &Ipv6Addr) -> bool {
    address.segments().starts_with(&[0xfd00, 0x0ec2])
}
