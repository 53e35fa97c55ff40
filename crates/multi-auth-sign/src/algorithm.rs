//! Signature algorithms.

use std::fmt;

/// A signature algorithm, by its name in RFC 7518, 3.1, and RFC 8037, 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: GitHub Apps, Google, Salesforce, Snowflake.
    RS256,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    PS256,
    /// RSASSA-PSS with SHA-512 and a salt of 64 bytes: `rsa-pss-sha512` of RFC 9421, 3.3.1.
    PS512,
    /// ECDSA on the curve P-256 with SHA-256: App Store Connect.
    ES256,
    /// ECDSA on the curve P-384 with SHA-384.
    ES384,
    /// `EdDSA` on the curve Ed25519.
    EdDSA,
    /// HMAC with SHA-256: Ghost, `client_secret_jwt`. Signer and verifier share the key.
    HS256,
}

impl Algorithm {
    /// The value of the header member `alg`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
            Self::HS256 => "HS256",
        }
    }

    /// Whether `name` names this algorithm. RFC 9864 calls `EdDSA` on Ed25519 `Ed25519`.
    pub(crate) fn is_named(self, name: &str) -> bool {
        name == self.name() || (self == Self::EdDSA && name == "Ed25519")
    }

    /// The kind of key that it needs.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::RS256 | Self::PS256 | Self::PS512 => "an RSA key",
            Self::ES256 => "a P-256 key",
            Self::ES384 => "a P-384 key",
            Self::EdDSA => "an Ed25519 key",
            Self::HS256 => "a shared secret",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
