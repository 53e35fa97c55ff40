//! The certificate authority of one proxy, which lets it read the requests in a tunnel.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use multi_auth::{Clock, SystemClock};
use multi_auth_config::Vendor;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::base_url::BaseUrl;

/// A certificate authority for the hosts of vendors. Its key is in memory only, and ends with the
/// process.
///
/// Its certificate has name constraints (RFC 5280, 4.2.1.10): a client that trusts it trusts it for
/// those hosts only.
///
/// ```
/// use multi_auth_config::Config;
/// use multi_auth_proxy::CertificateAuthority;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = "[vendors.v]\nscheme = 'bearer'\nurl = 'https://v.example'\nkey = { env = 'KEY' }";
/// let config = Config::parse(text, "multi-auth.toml", [])?;
/// let authority = CertificateAuthority::new(config.vendors())?;
/// assert!(authority.certificate_pem().starts_with("-----BEGIN CERTIFICATE-----"));
/// # Ok(())
/// # }
/// ```
pub struct CertificateAuthority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    /// In lowercase, without brackets.
    hosts: HashSet<String>,
    servers: Mutex<HashMap<String, HostTls>>,
}

/// TLS for one host.
struct HostTls {
    tls: Arc<ServerConfig>,
    made: SystemTime,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long the certificate of the authority is valid.
const LIFETIME: Duration = DAY.saturating_mul(3650);

/// How long the certificate of a host is valid.
const HOST_LIFETIME: Duration = DAY.saturating_mul(30);

/// How long the certificate of a host is used.
const HOST_USE: Duration = DAY.saturating_mul(7);

impl CertificateAuthority {
    /// Makes an authority for the hosts of the `vendors` that have `https` in their URL.
    ///
    /// # Errors
    ///
    /// If the system gives no random bytes.
    pub fn new(vendors: &[Vendor]) -> io::Result<Self> {
        let spaces = vendors.iter().flat_map(Vendor::protection_spaces);
        let origins = spaces.map(multi_auth::ProtectionSpace::origin);
        let hosts: HashSet<_> = origins
            .filter(|origin| origin.scheme() == "https")
            .filter_map(|origin| BaseUrl::new(&origin, "").map(|url| bare(url.host()).to_owned()))
            .collect();
        let failed = |error: rcgen::Error| {
            let problem = "no certificate authority could be made: try again";
            io::Error::other(format!("{problem} ({error})"))
        };
        let key = KeyPair::generate().map_err(failed)?;
        let params = authority(&hosts).map_err(failed)?;
        let pem = params.self_signed(&key).map_err(failed)?.pem();
        Ok(Self {
            issuer: Issuer::new(params, key),
            pem,
            hosts,
            servers: Mutex::default(),
        })
    }

    /// The certificate that clients have to trust. It is not secret.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.pem
    }

    /// Whether it may issue a certificate for `host`.
    pub(crate) fn covers(&self, host: &str) -> bool {
        self.hosts.contains(bare(host))
    }

    /// TLS for `host`, with a certificate of this authority.
    pub(crate) fn server(&self, host: &str) -> Option<Arc<ServerConfig>> {
        let (host, now) = (bare(host), SystemClock.wall());
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = |server: &&HostTls| {
            now.duration_since(server.made)
                .is_ok_and(|age| age < HOST_USE)
        };
        if let Some(server) = servers.get(host).filter(is_new) {
            return Some(Arc::clone(&server.tls));
        }
        let tls = Arc::new(self.issue(host, now)?);
        let server = HostTls {
            tls: Arc::clone(&tls),
            made: now,
        };
        servers.insert(host.to_owned(), server);
        Some(tls)
    }

    fn issue(&self, host: &str, now: SystemTime) -> Option<ServerConfig> {
        let (certificate, key) = self.certify(host, now)?;
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions().ok()?;
        let builder = builder.with_no_client_auth();
        let mut tls = builder.with_single_cert(vec![certificate], key).ok()?;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Some(tls)
    }

    fn certify(
        &self,
        host: &str,
        now: SystemTime,
    ) -> Option<(CertificateDer<'static>, PrivateKeyDer<'static>)> {
        let mut params = CertificateParams::new([host.to_owned()]).ok()?;
        params.distinguished_name = DistinguishedName::new();
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = (now - DAY).into();
        params.not_after = (now + HOST_LIFETIME).into();
        let key = KeyPair::generate().ok()?;
        let certificate = params.signed_by(&key, &self.issuer).ok()?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).ok()?;
        Some((certificate.der().clone(), key))
    }
}

/// An authority for `hosts` and for nothing else.
fn authority(hosts: &HashSet<String>) -> Result<CertificateParams, rcgen::Error> {
    let now = SystemClock.wall();
    let mut params = CertificateParams::new([])?;
    let name = "multi-auth proxy";
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = (now - DAY).into();
    params.not_after = (now + LIFETIME).into();
    params.name_constraints = Some(constraints(hosts));
    Ok(params)
}

/// A kind of name without a constraint may have any value, so each kind has one.
fn constraints(hosts: &HashSet<String>) -> NameConstraints {
    let every_address = [
        CidrSubnet::from_addr_prefix(IpAddr::from([0; 4]), 0),
        CidrSubnet::from_addr_prefix(IpAddr::from([0; 16]), 0),
    ];
    let permitted = hosts.iter().map(|host| match host.parse() {
        Ok(address @ IpAddr::V4(_)) => {
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, 32))
        }
        Ok(address) => GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, 128)),
        Err(_) => GeneralSubtree::DnsName(host.clone()),
    });
    let permitted_subtrees: Vec<_> = permitted.collect();
    let is_name = |subtree: &GeneralSubtree| matches!(subtree, GeneralSubtree::DnsName(_));
    let has_name = permitted_subtrees.iter().any(is_name);
    let has_address = !permitted_subtrees.iter().all(is_name);
    let mut excluded_subtrees = Vec::new();
    if !has_address {
        excluded_subtrees.extend(every_address.map(GeneralSubtree::IpAddress));
    }
    if !has_name {
        excluded_subtrees.push(GeneralSubtree::DnsName(String::new()));
    }
    NameConstraints {
        permitted_subtrees,
        excluded_subtrees,
    }
}

/// `host` without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

impl std::fmt::Debug for CertificateAuthority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CertificateAuthority")
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
