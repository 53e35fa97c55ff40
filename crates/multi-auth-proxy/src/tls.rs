//! Which certificates of vendors are trusted.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

/// The text holds no certificate in PEM, or one that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("there is no PEM certificate that can be read: name a file with `BEGIN CERTIFICATE` in it")]
#[non_exhaustive]
pub struct CertificateError;

/// The certificates in `pem`.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates.map_err(|_| CertificateError)?;
    // One that is no certificate is found out here.
    let (added, ignored) = RootCertStore::empty().add_parsable_certificates(certificates.clone());
    if added == 0 || ignored > 0 {
        return Err(CertificateError);
    }
    Ok(certificates)
}

/// Trusts the certificates of the system, and `others`.
#[expect(clippy::expect_used, reason = "aws-lc-rs has TLS 1.2 and 1.3")]
pub(crate) fn client(others: Vec<CertificateDer<'static>>) -> ClientConfig {
    let provider = Arc::new(default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("the provider has a version of TLS");
    let builder = match Verifier::new_with_extra_roots(others.clone(), provider) {
        Ok(verifier) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier)),
        // The system trusts no certificate. Plain http on loopback works.
        Err(_) => builder.with_root_certificates(only(others)),
    };
    builder.with_no_client_auth()
}

fn only(certificates: Vec<CertificateDer<'static>>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    roots
}
