//! Keys of every algorithm, made here.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, EcPrivateKeyRfc5915Der, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::DecodingKey;
use multi_auth_sign::{Algorithm, SigningKey};

/// A key as a user has it, and what verifies its signatures.
pub(crate) struct Given {
    pub(crate) algorithm: Algorithm,
    pub(crate) format: &'static str,
    pub(crate) pem: String,
    pub(crate) verifier: DecodingKey,
}

impl Given {
    pub(crate) fn key(&self) -> SigningKey {
        SigningKey::from_pem(self.algorithm, self.pem.clone()).unwrap()
    }
}

pub(crate) const SECRET: &[u8; 32] = b"\x00 secret of 32 bytes, one is 0 \xff";

pub(crate) fn secret() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, SECRET).unwrap()
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// PKCS#8 of one RSA key of 2,048 bits, which takes a moment to make.
pub(crate) static RSA: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    der.as_ref().to_vec()
});

pub(crate) fn ecdsa(algorithm: Algorithm) -> EcdsaKeyPair {
    EcdsaKeyPair::generate(curve(algorithm)).unwrap()
}

fn curve(algorithm: Algorithm) -> &'static EcdsaSigningAlgorithm {
    match algorithm {
        Algorithm::ES256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        _ => &ECDSA_P384_SHA384_FIXED_SIGNING,
    }
}

/// The PKCS#1 key inside PKCS#8, behind version, algorithm and the lengths: 26 bytes for this size.
pub(crate) fn pkcs1(pkcs8: &[u8]) -> &[u8] {
    &pkcs8[26..]
}

/// Every algorithm with a key pair, in every format that it comes in.
pub(crate) fn all() -> Vec<Given> {
    let mut all = Vec::new();
    for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::PS512] {
        let public = RsaKeyPair::from_pkcs8(&RSA).unwrap();
        let verifier = DecodingKey::from_rsa_der(public.public_key().as_ref());
        for (format, der) in [("PRIVATE KEY", &RSA[..]), ("RSA PRIVATE KEY", pkcs1(&RSA))] {
            let (pem, verifier) = (pem(format, der), verifier.clone());
            all.push(Given {
                algorithm,
                format,
                pem,
                verifier,
            });
        }
    }
    for algorithm in [Algorithm::ES256, Algorithm::ES384] {
        let key = ecdsa(algorithm);
        let pkcs8 = key.to_pkcs8v1().unwrap();
        let sec1: EcPrivateKeyRfc5915Der<'_> = key.private_key().as_der().unwrap();
        let verifier = DecodingKey::from_ec_der(key.public_key().as_ref());
        for (format, der) in [
            ("PRIVATE KEY", pkcs8.as_ref()),
            ("EC PRIVATE KEY", sec1.as_ref()),
        ] {
            let (pem, verifier) = (pem(format, der), verifier.clone());
            all.push(Given {
                algorithm,
                format,
                pem,
                verifier,
            });
        }
    }
    let key = Ed25519KeyPair::generate().unwrap();
    for (format, der) in [
        ("v1", key.to_pkcs8v1().unwrap()),
        ("v2", key.to_pkcs8().unwrap()),
    ] {
        all.push(Given {
            algorithm: Algorithm::EdDSA,
            format,
            pem: pem("PRIVATE KEY", der.as_ref()),
            verifier: DecodingKey::from_ed_der(key.public_key().as_ref()),
        });
    }
    all
}
