//! The errors of this crate. Each says what failed and what to do, without any part of a key.

use std::borrow::Cow;

use multi_auth::AuthError;

use crate::{Algorithm, AwsCredentialsProblem};

/// Why a key, a JWT, a signature or a credential is not available.
///
/// `Display` prints what failed ([`fact`](Self::fact)) and what to do ([`remedy`](Self::remedy)).
/// No message contains a part of a key, a header or a claim.
///
/// It converts into an [`AuthError`], so that a token source can return it with `?`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum SignError {
    /// The key that you gave cannot be used.
    #[non_exhaustive]
    Key {
        /// The algorithm that it was given for.
        algorithm: Algorithm,
        /// What is wrong with it.
        problem: KeyProblem,
    },
    /// The description of a JWT is invalid.
    #[non_exhaustive]
    Jwt {
        /// What is wrong with it.
        what: &'static str,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A request cannot be signed, or its signer cannot be built.
    #[non_exhaustive]
    Signature {
        /// What is wrong.
        what: Cow<'static, str>,
        /// What to do about it.
        remedy: &'static str,
    },
    /// Credentials of AWS are not available.
    #[non_exhaustive]
    AwsCredentials {
        /// Why.
        problem: AwsCredentialsProblem,
    },
    /// The request names no host, which is signed.
    NoHost,
    /// The clock shows a time that a JWT cannot hold, such as one before 1970.
    Clock,
    /// The cryptographic library failed, or the system has no random numbers.
    Failed,
}

impl SignError {
    pub(crate) const fn key(algorithm: Algorithm, problem: KeyProblem) -> Self {
        Self::Key { algorithm, problem }
    }

    pub(crate) const fn signature(what: &'static str, remedy: &'static str) -> Self {
        let what = Cow::Borrowed(what);
        Self::Signature { what, remedy }
    }

    /// As [`signature`](Self::signature), for a text that names a part of the request.
    pub(crate) const fn signature_of(what: String, remedy: &'static str) -> Self {
        let what = Cow::Owned(what);
        Self::Signature { what, remedy }
    }

    pub(crate) const fn jwt(what: &'static str, remedy: &'static str) -> Self {
        Self::Jwt { what, remedy }
    }

    /// Returns what failed, without what to do about it.
    #[must_use]
    pub fn fact(&self) -> Cow<'static, str> {
        match self {
            Self::Key { algorithm, problem } => {
                format!("the {algorithm} key {}", problem.fact(*algorithm)).into()
            }
            Self::Jwt { what, .. } => (*what).into(),
            Self::Signature { what, .. } => what.clone(),
            Self::AwsCredentials { problem } => problem.fact(),
            Self::NoHost => "the request names no host, which is signed".into(),
            Self::Clock => "the clock shows a time that cannot be written".into(),
            Self::Failed => "the signature could not be made".into(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Key { algorithm, problem } => problem.remedy(*algorithm),
            Self::Jwt { remedy, .. } | Self::Signature { remedy, .. } => (*remedy).into(),
            Self::AwsCredentials { problem } => problem.remedy().into(),
            Self::NoHost => "give the layer a default origin, or set `Host`".into(),
            Self::Clock => "set the machine's clock".into(),
            Self::Failed => "check that the system has free memory and gives random numbers".into(),
        }
    }
}

impl From<AwsCredentialsProblem> for SignError {
    fn from(problem: AwsCredentialsProblem) -> Self {
        Self::AwsCredentials { problem }
    }
}

/// A failure of the library, or of AWS, may be transient. All other errors are permanent.
impl From<SignError> for AuthError {
    fn from(error: SignError) -> Self {
        match &error {
            SignError::Failed => Self::transient(error),
            SignError::AwsCredentials { problem } if problem.is_transient() => {
                Self::transient(error)
            }
            _ => Self::permanent(error),
        }
    }
}

/// What is wrong with a signing key. The key itself is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyProblem {
    /// It is empty.
    Empty,
    /// It has no line `-----BEGIN ...-----` (RFC 7468).
    NotPem,
    /// It is not a JSON object with a `kty` (RFC 7517).
    NotJwk,
    /// It is PEM without its line breaks.
    NoLineBreaks,
    /// It has text before or after the block of the key.
    SurroundingText,
    /// It has more than one block, or is a set of keys.
    SeveralKeys,
    /// It is encrypted with a password.
    Encrypted,
    /// It cannot sign, because it has no private part.
    #[non_exhaustive]
    NotPrivate {
        /// What it is: "a certificate", "a public key".
        found: &'static str,
    },
    /// It is in a format that only some programs read, such as OpenSSH's, or has more than two
    /// primes.
    UnknownFormat,
    /// It is cut off or damaged, or its public and private parts do not belong together.
    Malformed,
    /// It is a key for another algorithm.
    #[non_exhaustive]
    OtherKey {
        /// What it is: "an RSA key", "a P-384 key".
        found: &'static str,
    },
    /// It is too short to be secure: RSA under 2,048 bits, HS256 under 32 bytes (RFC 7518, 3.2 and
    /// 3.3).
    TooShort,
    /// The JWK lacks a member that a private key has.
    #[non_exhaustive]
    Missing {
        /// The member: `d`, `p`, `y`.
        member: &'static str,
    },
    /// A member of the JWK says that it is not for signatures of this algorithm.
    #[non_exhaustive]
    Contradiction {
        /// The member: `alg`, `use`, `key_ops`.
        member: &'static str,
    },
    /// Its ID is empty, is longer than 256 bytes, or has a control character in it.
    KeyId,
}

impl KeyProblem {
    fn fact(self, algorithm: Algorithm) -> Cow<'static, str> {
        let text = match self {
            Self::Empty => "is empty",
            Self::NotPem => "is not PEM",
            Self::NotJwk => "is not a JWK",
            Self::NoLineBreaks => "has lost its line breaks",
            Self::SurroundingText => "has text before or after its PEM block",
            Self::SeveralKeys => "is one of several in the same text",
            Self::Encrypted => "is encrypted",
            Self::NotPrivate { found } => {
                return format!("has no private part, because it is {found}").into();
            }
            Self::UnknownFormat => "has a format that is not supported",
            Self::Malformed => {
                "cannot be read, or its public and private parts do not belong together"
            }
            Self::OtherKey { found } => {
                return format!("is {found}, and {algorithm} needs {}", algorithm.key()).into();
            }
            Self::TooShort => "is too short to be secure",
            Self::Contradiction { member } => {
                return format!("is not for {algorithm} signatures, by its member `{member}`")
                    .into();
            }
            Self::Missing { member } => {
                return format!("lacks the member `{member}`").into();
            }
            Self::KeyId => "has an invalid ID",
        };
        text.into()
    }

    fn remedy(self, algorithm: Algorithm) -> Cow<'static, str> {
        let text = match self {
            Self::Empty => "give the private key",
            Self::NotPem => "give the whole text of the file, from `-----BEGIN` to the end",
            Self::NotJwk => "give the JSON object of one private key",
            Self::NoLineBreaks => {
                r"restore them: some dashboards and shells turn each into a space or into `\n`"
            }
            Self::SurroundingText => "keep only the lines from `-----BEGIN` to `-----END`",
            Self::SeveralKeys => "keep only the private key that is to sign",
            Self::Encrypted => {
                "decrypt it with `openssl pkey -in key.pem -out plain.pem`, and protect the file"
            }
            Self::NotPrivate { .. } => "give the private key that belongs to it",
            Self::UnknownFormat => {
                "convert it to PKCS#8 with `openssl pkcs8 -topk8 -nocrypt`, or OpenSSH's with `ssh-keygen -p -m PKCS8`"
            }
            Self::Malformed => "copy the key anew, as a whole",
            Self::OtherKey { .. } => "name the algorithm of the key, or give another key",
            Self::TooShort if algorithm == Algorithm::HS256 => {
                "give at least 32 random bytes, decoded if the vendor shows them as hex or base64"
            }
            Self::TooShort => "create an RSA key of at least 2,048 bits",
            Self::Missing { .. } => "give the whole JWK, or the key as PEM",
            Self::Contradiction { .. } => {
                "name the algorithm of the key, or give a key that is for signatures"
            }
            Self::KeyId => "give the ID that the vendor shows beside the key",
        };
        text.into()
    }
}
