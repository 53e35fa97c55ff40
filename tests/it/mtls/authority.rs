//! An authority that signs the certificates of clients.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};

pub(super) struct Authority {
    pub(super) root_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate of a client, and its private key.
#[derive(Clone)]
pub(super) struct ClientCertificate {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) certificate_pem: String,
    pub(super) key_pem: String,
    key: Vec<u8>,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        Self {
            root_pem: params.self_signed(&key).unwrap().pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// A new certificate for a client.
    pub(super) fn client(&self, name: &str) -> ClientCertificate {
        self.sign(name, &[], ExtendedKeyUsagePurpose::ClientAuth)
    }

    /// A new certificate for a server on loopback.
    pub(super) fn server(&self) -> ClientCertificate {
        let usage = ExtendedKeyUsagePurpose::ServerAuth;
        self.sign("server", &["127.0.0.1".to_owned()], usage)
    }

    fn sign(
        &self,
        name: &str,
        hosts: &[String],
        usage: ExtendedKeyUsagePurpose,
    ) -> ClientCertificate {
        let mut params = CertificateParams::new(hosts).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        ClientCertificate {
            certificate: certificate.der().clone(),
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            key: key.serialize_der(),
        }
    }
}

impl ClientCertificate {
    /// Certificate and key in one PEM text, as reqwest wants them.
    pub(super) fn pem(&self) -> String {
        format!("{}{}", self.certificate_pem, self.key_pem)
    }

    pub(super) fn thumbprint(&self) -> String {
        thumbprint(&self.certificate)
    }

    pub(super) fn certified_key(&self) -> Arc<CertifiedKey> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let chain = vec![self.certificate.clone()];
        let key = PrivateKeyDer::Pkcs8(self.key.clone().into());
        Arc::new(CertifiedKey::from_der(chain, key, &provider).unwrap())
    }
}

/// `x5t#S256` of a certificate in DER (RFC 8705, 3.1).
pub(super) fn thumbprint(certificate: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(certificate))
}
