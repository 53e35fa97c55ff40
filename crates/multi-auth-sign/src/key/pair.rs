//! A key of the cryptographic library, and the signature that it makes.

use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING,
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RSA_PSS_SHA512,
    RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{error::Unspecified, hmac};

use super::der;
use super::pem::Format;
use crate::{Algorithm, KeyProblem};

/// The library wipes its memory of a key.
pub(super) enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    /// It has 1,232 bytes, the others 72 at most.
    Hmac(Box<hmac::Key>),
}

/// The shortest key for HS256 (RFC 7518, 3.2): as long as the hash.
const SHORTEST_SECRET: usize = 32;

impl Pair {
    /// The key in the bytes of a PEM block.
    pub(super) fn from_der(
        algorithm: Algorithm,
        format: Format,
        der: &[u8],
    ) -> Result<Self, KeyProblem> {
        // The library ignores what follows the key.
        let is_whole = der::element(der::SEQUENCE, der).is_some_and(|(_, rest)| rest.is_empty());
        if !is_whole {
            return Err(KeyProblem::Malformed);
        }
        let key = match algorithm {
            Algorithm::RS256 | Algorithm::PS256 | Algorithm::PS512 => {
                match rsa_for(algorithm, format, der) {
                    // The library keeps the texts of its errors stable; a test watches this one.
                    Err(error) if error.to_string() == "TooSmall" => {
                        return Err(KeyProblem::TooShort);
                    }
                    key => key.ok().map(|key| Self::rsa(algorithm, key)).transpose()?,
                }
            }
            Algorithm::ES256 | Algorithm::ES384 => curve(algorithm)
                .and_then(|(curve, _)| ecdsa(curve, format, der))
                .map(Self::Ecdsa),
            Algorithm::EdDSA => ed25519(format, der).map(Self::Ed25519),
            Algorithm::HS256 => None,
        };
        key.ok_or_else(|| match recognized(format, der) {
            Some(found) => KeyProblem::OtherKey { found },
            None => KeyProblem::Malformed,
        })
    }

    pub(super) fn rsa(algorithm: Algorithm, key: RsaKeyPair) -> Result<Self, KeyProblem> {
        match algorithm {
            Algorithm::RS256 => Ok(Self::Rsa(key, &RSA_PKCS1_SHA256)),
            Algorithm::PS256 => Ok(Self::Rsa(key, &RSA_PSS_SHA256)),
            Algorithm::PS512 => Ok(Self::Rsa(key, &RSA_PSS_SHA512)),
            _ => Err(KeyProblem::OtherKey {
                found: "an RSA key",
            }),
        }
    }

    pub(super) fn hmac(secret: &[u8]) -> Result<Self, KeyProblem> {
        match secret.len() {
            0 => Err(KeyProblem::Empty),
            1..SHORTEST_SECRET => Err(KeyProblem::TooShort),
            _ => Ok(Self::Hmac(Box::new(hmac::Key::new(
                hmac::HMAC_SHA256,
                secret,
            )))),
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::Ecdsa(key) => Ok(key.sign(&random, message)?.as_ref().to_vec()),
            Self::Ed25519(key) => Ok(key.try_sign(message)?.as_ref().to_vec()),
            Self::Hmac(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
        }
    }
}

/// The curve of an ECDSA algorithm, and the length of its numbers in bytes.
pub(super) fn curve(algorithm: Algorithm) -> Option<(&'static EcdsaSigningAlgorithm, usize)> {
    match algorithm {
        Algorithm::ES256 => Some((&ECDSA_P256_SHA256_FIXED_SIGNING, 32)),
        Algorithm::ES384 => Some((&ECDSA_P384_SHA384_FIXED_SIGNING, 48)),
        _ => None,
    }
}

/// The RSA key in `der`. A key for RSASSA-PSS signs nothing else (RFC 4055, 1.2).
fn rsa_for(algorithm: Algorithm, format: Format, der: &[u8]) -> Result<RsaKeyPair, KeyRejected> {
    match der::pss_key(der) {
        Some(key) if algorithm != Algorithm::RS256 => RsaKeyPair::from_der(key),
        _ => rsa(format, der),
    }
}

fn rsa(format: Format, der: &[u8]) -> Result<RsaKeyPair, KeyRejected> {
    match format {
        Format::Pkcs1 => RsaKeyPair::from_der(der),
        Format::Pkcs8 | Format::Sec1 => RsaKeyPair::from_pkcs8(der),
    }
}

fn ecdsa(
    curve: &'static EcdsaSigningAlgorithm,
    format: Format,
    der: &[u8],
) -> Option<EcdsaKeyPair> {
    let key = match format {
        Format::Pkcs8 => EcdsaKeyPair::from_pkcs8(curve, der),
        Format::Sec1 => EcdsaKeyPair::from_private_key_der(curve, der),
        Format::Pkcs1 => return None,
    };
    key.ok()
}

fn ed25519(format: Format, der: &[u8]) -> Option<Ed25519KeyPair> {
    match format {
        Format::Pkcs8 => Ed25519KeyPair::from_pkcs8(der).ok(),
        Format::Pkcs1 | Format::Sec1 => None,
    }
}

/// Tries each kind of key to name the one in an error. Called only for a key that cannot be used.
fn recognized(format: Format, der: &[u8]) -> Option<&'static str> {
    let is_on = |curve| ecdsa(curve, format, der).is_some();
    if rsa(format, der).is_ok() {
        Some("an RSA key")
    } else if der::pss_key(der).is_some() {
        Some("an RSA-PSS key")
    } else if is_on(&ECDSA_P256_SHA256_FIXED_SIGNING) {
        Some("a P-256 key")
    } else if is_on(&ECDSA_P384_SHA384_FIXED_SIGNING) {
        Some("a P-384 key")
    } else if is_on(&ECDSA_P521_SHA512_FIXED_SIGNING) {
        Some("a P-521 key")
    } else if is_on(&ECDSA_P256K1_SHA256_FIXED_SIGNING) {
        Some("a secp256k1 key")
    } else if ed25519(format, der).is_some() {
        Some("an Ed25519 key")
    } else {
        None
    }
}
