//! A certificate authority for one server, and the certificate that it signs.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::SimulatorError;
use crate::identifier::opaque;

/// The TLS settings of a server, and the root certificate that its clients trust.
pub(super) struct Identity {
    pub(super) root_pem: String,
    pub(super) acceptor: TlsAcceptor,
}

/// Whether a server asks its clients for a certificate, and which authority must have signed it.
#[derive(Clone, Debug)]
pub(crate) struct ClientCertificates {
    pub(crate) root_pem: String,
    /// Whether a client without a certificate is refused.
    pub(crate) are_required: bool,
}

impl Identity {
    pub(super) fn generate(
        hosts: &[String],
        clients: Option<&ClientCertificates>,
    ) -> Result<Self, SimulatorError> {
        let (root, issuer) = authority().map_err(SimulatorError::certificate)?;
        let (leaf, key) = server(&issuer, hosts).map_err(SimulatorError::certificate)?;
        let verifier = match clients {
            Some(clients) => clients.verifier()?,
            None => WebPkiClientVerifier::no_client_auth(),
        };
        let config = config(&leaf, &key, verifier).map_err(SimulatorError::certificate)?;
        Ok(Self {
            root_pem: root.pem(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }
}

impl ClientCertificates {
    fn verifier(&self) -> Result<Arc<dyn ClientCertVerifier>, SimulatorError> {
        let root = CertificateDer::from_pem_slice(self.root_pem.as_bytes());
        let mut roots = RootCertStore::empty();
        let added = roots.add(root.map_err(SimulatorError::certificate)?);
        added.map_err(SimulatorError::certificate)?;
        let provider = Arc::new(default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = if self.are_required {
            verifier
        } else {
            verifier.allow_unauthenticated()
        };
        verifier.build().map_err(SimulatorError::certificate)
    }
}

fn authority() -> Result<(Certificate, Issuer<'static, KeyPair>), rcgen::Error> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    // A unique name, so that a client can trust the roots of several servers.
    let name = format!("multi-auth simulator root {}", opaque());
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate()?;
    let root = params.self_signed(&key)?;
    Ok((root, Issuer::new(params, key)))
}

fn server(
    issuer: &Issuer<'_, KeyPair>,
    hosts: &[String],
) -> Result<(Certificate, KeyPair), rcgen::Error> {
    let loopback = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let names = loopback.iter().chain(hosts).cloned();
    let mut params = CertificateParams::new(names.collect::<Vec<_>>())?;
    params
        .distinguished_name
        .push(DnType::CommonName, "multi-auth simulator");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    Ok((params.signed_by(&key, issuer)?, key))
}

fn config(
    leaf: &Certificate,
    key: &KeyPair,
    clients: Arc<dyn ClientCertVerifier>,
) -> Result<ServerConfig, rustls::Error> {
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![leaf.der().clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
