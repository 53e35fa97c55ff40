//! The public part of a key.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::KeyPair;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::pair::Pair;
use super::{SigningKey, der};

/// Names and values of a public JWK: only the required members, sorted by name (RFC 7638, 3.2).
type Members = Vec<(&'static str, String)>;

impl SigningKey {
    /// Returns the public key as a JWK with only its required members (RFC 7638, 3.2), for a vendor
    /// that checks signatures with it. `None` for HS256.
    ///
    /// It has neither `kid` nor `alg`.
    #[must_use]
    pub fn public_jwk(&self) -> Option<serde_json::Value> {
        Some(self.members()?.into_iter().collect())
    }

    /// The SHA-256 thumbprint of the public JWK, in base64url (RFC 7638), which many servers use as
    /// the key's ID. None for HS256.
    #[must_use]
    pub fn thumbprint(&self) -> Option<String> {
        let members = self.members()?.into_iter();
        // No value needs an escape: each is base64url or a name.
        let members = members.map(|(name, value)| format!("\"{name}\":\"{value}\""));
        let json = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        Some(URL_SAFE_NO_PAD.encode(digest(&SHA256, json.as_bytes())))
    }

    /// The SHA-256 hash of the public key (`SubjectPublicKeyInfo`, RFC 5280, 4.1), in base64. None
    /// for HS256.
    ///
    /// Snowflake shows it as `RSA_PUBLIC_KEY_FP`, with `SHA256:` before it.
    #[must_use]
    pub fn public_key_sha256(&self) -> Option<String> {
        let der = match &*self.pair {
            Pair::Rsa(key, _) => key.public_key().as_der(),
            Pair::Ecdsa(key) => key.public_key().as_der(),
            Pair::Ed25519(key) => key.public_key().as_der(),
            Pair::Hmac(_) => return None,
        };
        Some(STANDARD.encode(digest(&SHA256, der.ok()?.as_ref())))
    }

    fn members(&self) -> Option<Members> {
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Some(match &*self.pair {
            Pair::Rsa(key, _) => {
                let (n, e) = modulus_and_exponent(key.public_key().as_ref())?;
                let kty = "RSA".to_owned();
                vec![("e", encoded(e)), ("kty", kty), ("n", encoded(n))]
            }
            Pair::Ecdsa(key) => {
                // An uncompressed point: 4, x, y (SEC 1, 2.3.3).
                let point = key.public_key().as_ref().get(1..)?;
                let (x, y) = point.split_at(point.len() / 2);
                let crv = if x.len() == 32 { "P-256" } else { "P-384" };
                let (crv, kty) = (crv.to_owned(), "EC".to_owned());
                vec![
                    ("crv", crv),
                    ("kty", kty),
                    ("x", encoded(x)),
                    ("y", encoded(y)),
                ]
            }
            Pair::Ed25519(key) => {
                let (crv, kty) = ("Ed25519".to_owned(), "OKP".to_owned());
                let x = encoded(key.public_key().as_ref());
                vec![("crv", crv), ("kty", kty), ("x", x)]
            }
            Pair::Hmac(_) => return None,
        })
    }
}

/// The two numbers of an `RSAPublicKey` (RFC 8017, A.1.1), as the library writes it.
fn modulus_and_exponent(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (numbers, _) = der::element(der::SEQUENCE, der)?;
    let (modulus, rest) = der::element(der::INTEGER, numbers)?;
    let (exponent, _) = der::element(der::INTEGER, rest)?;
    // A zero in front says that the number is positive.
    let unsigned = |number: &'_ [u8]| number.iter().take_while(|byte| **byte == 0).count();
    Some((
        &modulus[unsigned(modulus)..],
        &exponent[unsigned(exponent)..],
    ))
}
