//! Signing keys, JWTs, OAuth client assertions and signed requests for [`multi_auth`].
//!
//! ```
//! use std::time::Duration;
//!
//! use multi_auth::{Bearer, Keyring};
//! use multi_auth_sign::{Algorithm, Jwt, JwtSource, SigningKey};
//!
//! # fn main() -> Result<(), multi_auth::AuthError> {
//! # let secret = b"a secret of 32 random bytes, say";
//! let key = SigningKey::from_secret(Algorithm::HS256, secret)?;
//! let jwt = Jwt::builder()
//!     .issuer("my-app")
//!     .audience("https://api.example.com")
//!     .lifetime(Duration::from_secs(600))
//!     .build()?;
//! // Signed when the first request needs it, and again before it expires.
//! let keyring = Keyring::builder()
//!     .bind("https://api.example.com", Bearer::new(JwtSource::new(jwt, key)))?
//!     .build();
//! # Ok(())
//! # }
//! ```
//!
//! # What is where
//!
//! | you want | look at |
//! |---|---|
//! | a private key from PEM, a JWK or a shared secret | [`SigningKey`] |
//! | a bearer token that you sign: App Store Connect, Snowflake | [`JwtSource`] |
//! | an assertion for a token: GitHub Apps, Google service accounts | [`JwtSource`] |
//! | an OAuth client with a key in place of a secret | [`ClientAssertion`] |
//! | a JWT for something else | [`Jwt`] |
//! | HTTP message signatures (RFC 9421), Web Bot Auth | [`HttpSignature`] |
//! | AWS Signature Version 4 | [`SigV4`], [`AwsCredentials`] |
//! | AWS credentials in the environment | [`AwsCredentials::from_env`] |
//! | AWS credentials of a profile in `~/.aws` | [`AwsProfile`] |
//! | AWS credentials of a pod on EKS, by its service account | [`AwsWebIdentity`] |
//! | AWS credentials of a container on ECS or EKS | [`AwsContainer`] |
//! | AWS credentials of an EC2 instance | [`AwsInstanceMetadata`] |
//! | Azure Storage's Shared Key | [`AzureSharedKey`] |
//! | OAuth 1.0a (RFC 5849) | [`OAuth1`] |
//! | an HMAC by a vendor's own rules: Binance, Coinbase, OVH | [`HmacSigner`] |
//! | Digest authentication (RFC 7616) | [`Digest`] |
//! | tokens that are bound to a key, DPoP (RFC 9449) | [`Dpop`] |
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `md5` | no | Digest with MD5, for builders with `dangerous_md5`. MD5 is weak |
//!
//! Cryptography is `aws-lc-rs`. Nothing here verifies a signature or reads a JWT.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod algorithm;
pub use algorithm::Algorithm;

mod aws_credentials;
pub use aws_credentials::{
    AwsContainer, AwsCredentialsProblem, AwsInstanceMetadata, AwsProfile, AwsWebIdentity,
};
mod azure_shared_key;
pub use azure_shared_key::{AzureSharedKey, AzureSharedKeyBuilder};

mod client_assertion;
pub use client_assertion::ClientAssertion;

mod digest;
pub use digest::{Digest, DigestBuilder};

mod dpop;
pub use dpop::{Dpop, DpopBearer, DpopBuilder};

mod error;
pub use error::{KeyProblem, SignError};

mod hmac;
pub use hmac::{
    HashAlgorithm, HmacSigner, HmacSignerBuilder, NonceFormat, OutputEncoding, TemplateValue,
    TimestampFormat,
};

mod jwt;
pub use jwt::{Jwt, JwtBuilder};

mod key;
pub use key::SigningKey;

mod oauth1;
pub use oauth1::{OAuth1, OAuth1Builder};

mod source;
pub use source::JwtSource;

mod http_signature;
pub use http_signature::{HttpSignature, HttpSignatureBuilder};

mod sigv4;
pub use sigv4::{AwsCredentials, SigV4, SigV4Builder};

mod authority;
mod header;
mod host;
mod origins;
mod percent;
mod random;
mod request_target;
mod sync;
mod target;
#[cfg(test)]
mod test_clock;
