//! A certificate authority for one server, and the certificate that it signs.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use crate::SimulatorError;
use crate::identifier::opaque;

/// The TLS settings of a server, and the root certificate that its clients trust.
pub(super) struct Identity {
    pub(super) root_pem: String,
    pub(super) acceptor: TlsAcceptor,
}

impl Identity {
    pub(super) fn generate(hosts: &[String]) -> Result<Self, SimulatorError> {
        let (root, issuer) = authority().map_err(SimulatorError::certificate)?;
        let (leaf, key) = server(&issuer, hosts).map_err(SimulatorError::certificate)?;
        let config = config(&leaf, &key).map_err(SimulatorError::certificate)?;
        Ok(Self {
            root_pem: root.pem(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
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

fn config(leaf: &Certificate, key: &KeyPair) -> Result<ServerConfig, rustls::Error> {
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
