use multi_auth_config::Config;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{ServerName, UnixTime};

use super::*;

/// An authority for vendors at `urls`.
fn authority_for(urls: &[&str]) -> CertificateAuthority {
    let vendor = |(number, url)| {
        format!("[vendors.v{number}]\nscheme = 'bearer'\nurl = '{url}'\nkey = {{ env = 'KEY' }}\n")
    };
    let text: String = urls.iter().enumerate().map(vendor).collect();
    let config = Config::parse(&text, "multi-auth.toml", []).unwrap();
    CertificateAuthority::new(config.vendors()).unwrap()
}

/// Whether a client that trusts `authority` accepts a certificate that it issues for `host`.
fn is_trusted(authority: &CertificateAuthority, host: &str) -> bool {
    let (certificate, _) = authority.certify(host, SystemClock.wall()).unwrap();
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(authority.certificate_pem().as_bytes());
    roots.add(root.unwrap()).unwrap();
    let provider = Arc::new(default_provider());
    let client = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let client = client.build().unwrap();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    client
        .verify_server_cert(&certificate, &[], &name, &[], UnixTime::now())
        .is_ok()
}

#[test]
fn an_authority_is_trusted_for_the_hosts_of_vendors_only() {
    let names = authority_for(&["https://V.example/api", "https://w.example:8443"]);
    assert!(is_trusted(&names, "v.example") && is_trusted(&names, "w.example"));
    for host in ["x.example", "example", "xv.example", "127.0.0.1", "::1"] {
        assert!(!is_trusted(&names, host), "{host}");
    }
    let addresses = authority_for(&["https://127.0.0.1:1", "https://[::1]:2"]);
    assert!(is_trusted(&addresses, "127.0.0.1") && is_trusted(&addresses, "::1"));
    for host in ["127.0.0.2", "::2", "v.example"] {
        assert!(!is_trusted(&addresses, host), "{host}");
    }
}

#[test]
fn an_authority_without_hosts_is_trusted_for_nothing() {
    let none = authority_for(&["http://127.0.0.1:1"]);
    assert!(!none.covers("127.0.0.1"));
    for host in ["v.example", "127.0.0.1", "::1"] {
        assert!(!is_trusted(&none, host), "{host}");
    }
}

#[test]
fn a_certificate_is_used_again_and_no_output_has_the_key() {
    let authority = authority_for(&["https://[::1]:2"]);
    assert!(authority.covers("[::1]") && !authority.covers("[::2]"));
    let server = || authority.server("[::1]").unwrap();
    assert!(Arc::ptr_eq(&server(), &server()));
    let shown = format!("{authority:?} {}", authority.certificate_pem());
    assert!(
        !shown.contains("PRIVATE") && !shown.contains("KeyPair"),
        "{shown}"
    );
}
