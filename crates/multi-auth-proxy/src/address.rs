//! Which addresses a vendor may have, checked after its name is resolved.

use std::collections::HashSet;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tokio::sync::Semaphore;
use tower_service::Service;

use crate::BoxError;

/// The host has only addresses that are not public.
#[derive(Debug, thiserror::Error)]
#[error("{host} has a private address, which the proxy does not connect to")]
pub(crate) struct PrivateAddress {
    host: String,
}

/// Resolves the names of vendors, and leaves out addresses that are not public.
#[derive(Clone, Debug)]
pub(crate) struct Resolver<R = GaiResolver> {
    inner: R,
    /// The hosts that may have any address.
    private_hosts: Arc<HashSet<String>>,
    /// For names that are resolved at once, if there is a limit.
    lookups: Option<Arc<Semaphore>>,
}

impl Resolver {
    pub(crate) fn new(private_hosts: HashSet<String>) -> Self {
        Self {
            inner: GaiResolver::new(),
            private_hosts: Arc::new(private_hosts),
            lookups: None,
        }
    }

    /// The same, which resolves at most so many names at once.
    pub(crate) fn with_lookups(self, most: usize) -> Self {
        let lookups = Some(Arc::new(Semaphore::new(most)));
        Self { lookups, ..self }
    }
}

impl<R> Resolver<R> {
    /// Checks a host that is an address: it is not resolved.
    pub(crate) fn check(&self, host: &str) -> Result<(), PrivateAddress> {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse();
        let is_private = address.is_ok_and(|address| !is_public(address));
        if is_private && !self.private_hosts.contains(host) {
            let host = host.to_owned();
            return Err(PrivateAddress { host });
        }
        Ok(())
    }
}

type Resolving =
    Pin<Box<dyn Future<Output = Result<std::vec::IntoIter<SocketAddr>, BoxError>> + Send>>;

impl<R> Service<Name> for Resolver<R>
where
    R: Service<Name, Response: Iterator<Item = SocketAddr> + Send, Error: Into<BoxError> + Send>,
    R: Clone + Send + 'static,
    R::Future: Send,
{
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Resolving;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Resolving {
        let host = name.as_str().to_ascii_lowercase();
        let is_named = self.private_hosts.contains(&host);
        let (mut inner, lookups) = (self.inner.clone(), self.lookups.clone());
        Box::pin(async move {
            let addresses = match lookups {
                None => inner.call(name).await.map_err(Into::into)?,
                Some(lookups) => {
                    let place = lookups.acquire_owned().await?;
                    // A lookup does not end with its caller, so it keeps its place.
                    let lookup = tokio::spawn(async move {
                        let addresses = inner.call(name).await;
                        drop(place);
                        addresses
                    });
                    lookup.await?.map_err(Into::into)?
                }
            };
            let addresses: Vec<_> = addresses.collect();
            if addresses.is_empty() {
                return Err(io::Error::from(io::ErrorKind::NotFound).into());
            }
            let is_allowed = |address: &SocketAddr| is_named || is_public(address.ip());
            let allowed: Vec<_> = addresses.into_iter().filter(is_allowed).collect();
            if allowed.is_empty() {
                return Err(PrivateAddress { host }.into());
            }
            Ok(allowed.into_iter())
        })
    }
}

/// Whether `address` is of the public internet (the IANA registries of special-purpose addresses,
/// RFC 6890).
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(address) => is_public_v4(address),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = matches!(
        address.octets(),
        // This network, protocol assignments, benchmarks, reserved addresses, and those that the
        // customers of a provider share.
        [0 | 240..=255, ..] | [192, 0, 0, _] | [198, 18..=19, ..] | [100, 64..=127, ..]
    );
    !(special
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // 2000::/3 is all that is assigned to the internet.
    let [first, second, ..] = address.segments();
    let is_documentation =
        first == 0x2001 && second == 0x0db8 || first == 0x3fff && second < 0x1000;
    let is_protocol = first == 0x2001 && second < 0x0200;
    first & 0xe000 == 0x2000 && !is_documentation && !is_protocol
}

/// The IPv4 address that an IPv6 address stands for: mapped, compatible, NAT64 and 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let ipv4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] if high != 0 => Some(ipv4(high, low)),
        [0x0064, 0xff9b, .., high, low] | [0x2002, high, low, ..] => Some(ipv4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// The addresses that a vendor's host may have, if it has `addresses`.
    async fn allowed(private: &[&str], addresses: &[&str]) -> Result<Vec<String>, BoxError> {
        let addresses: Vec<SocketAddr> = addresses
            .iter()
            .map(|address| SocketAddr::new(address.parse().unwrap(), 0))
            .collect();
        let inner = tower::service_fn(move |_: Name| {
            let addresses = addresses.clone().into_iter();
            async move { Ok::<_, Infallible>(addresses) }
        });
        let mut resolver = Resolver {
            inner,
            private_hosts: Arc::new(private.iter().map(ToString::to_string).collect()),
            lookups: Some(Arc::new(Semaphore::new(1))),
        };
        let allowed = resolver.call("V.example".parse()?).await?;
        Ok(allowed.map(|address| address.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn private_addresses_of_a_vendor_are_left_out_unless_its_host_is_named() {
        let mixed = ["127.0.0.1", "1.1.1.1", "::ffff:10.0.0.1"];
        assert_eq!(allowed(&[], &mixed).await.unwrap(), ["1.1.1.1"]);
        let error = allowed(&[], &["169.254.169.254", "::1"]).await.unwrap_err();
        assert!(error.is::<PrivateAddress>(), "{error}");
        assert_eq!(
            allowed(&["v.example"], &["10.0.0.1"]).await.unwrap(),
            ["10.0.0.1"]
        );
        assert!(allowed(&["w.example"], &["10.0.0.1"]).await.is_err());
        assert!(allowed(&["v.example"], &[]).await.is_err());
    }

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        let public = [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "2002:101:101::1",
        ];
        for address in public {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        let special = [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.168.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::a00:1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "100::1",
            "5f00::1",
        ];
        for address in special {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
