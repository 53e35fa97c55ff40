//! Which certificates of vendors are trusted: those of the system, and of `--ca`.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::args::General;
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::input;

pub(crate) fn config(general: &General) -> Result<ClientConfig, Diagnostic> {
    let certificates = certificates(general)?;
    let provider = Arc::new(default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Diagnostic::new(DiagnosticCode::System, error.to_string()))?;
    let builder = match Verifier::new_with_extra_roots(certificates.clone(), provider) {
        Ok(verifier) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier)),
        // The system trusts no certificate. Plain http on loopback works.
        Err(_) => builder.with_root_certificates(only(certificates)),
    };
    Ok(builder.with_no_client_auth())
}

fn only(certificates: Vec<CertificateDer<'static>>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    roots
}

fn certificates(general: &General) -> Result<Vec<CertificateDer<'static>>, Diagnostic> {
    let Some(path) = &general.ca else {
        return Ok(Vec::new());
    };
    let wrong = |problem: String| {
        Diagnostic::usage(format!("--ca {}: {problem}", path.display()))
            .with_remedy("correct the path to that of a PEM file")
    };
    let pem = input::file(path, input::SMALL).map_err(|error| wrong(error.to_string()))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let certificates = certificates.map_err(|error| wrong(error.to_string()))?;
    if certificates.is_empty() {
        return Err(wrong("holds no PEM certificates".to_owned()));
    }
    Ok(certificates)
}
