//! A value that is computed for each request.

use http::Method;

use super::{HashAlgorithm, OutputEncoding};

/// A named value of an [`HmacSigner`](super::HmacSigner), computed for each request from a
/// template: a signature, a hash inside it, or a text that occurs twice.
///
/// ```
/// use multi_auth_sign::{HashAlgorithm, OutputEncoding, TemplateValue};
///
/// let body = TemplateValue::hash(HashAlgorithm::Sha256, "{body}");
/// let signature = TemplateValue::hmac(HashAlgorithm::Sha512, "{path}{body_hash}")
///     .with_output(OutputEncoding::Base64);
/// ```
#[derive(Clone, Debug)]
pub struct TemplateValue {
    pub(super) computation: Computation,
    pub(super) message: Box<str>,
    pub(super) key: Option<Box<str>>,
    pub(super) output: OutputEncoding,
    pub(super) methods: Vec<Method>,
    pub(super) is_optional: bool,
    pub(super) longest: Option<usize>,
}

/// What is made of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Computation {
    Text,
    Hash(HashAlgorithm),
    Hmac(HashAlgorithm),
}

impl TemplateValue {
    /// The HMAC of `message` (RFC 2104) with the signer's key, in hexadecimal.
    #[must_use]
    pub fn hmac(algorithm: HashAlgorithm, message: &str) -> Self {
        Self::new(Computation::Hmac(algorithm), message, OutputEncoding::Hex)
    }

    /// The hash of `message`, in hexadecimal.
    #[must_use]
    pub fn hash(algorithm: HashAlgorithm, message: &str) -> Self {
        Self::new(Computation::Hash(algorithm), message, OutputEncoding::Hex)
    }

    /// The `message` itself.
    #[must_use]
    pub fn text(message: &str) -> Self {
        Self::new(Computation::Text, message, OutputEncoding::Raw)
    }

    fn new(computation: Computation, message: &str, output: OutputEncoding) -> Self {
        Self {
            computation,
            message: message.into(),
            key: None,
            output,
            methods: Vec::new(),
            is_optional: false,
            longest: None,
        }
    }

    /// Uses the template `key` as the key of the HMAC, such as `{key}&{token_secret}`.
    #[must_use]
    pub fn with_key(self, key: &str) -> Self {
        let key = Some(key.into());
        Self { key, ..self }
    }

    /// Sets how the value is written.
    #[must_use]
    pub fn with_output(self, output: OutputEncoding) -> Self {
        Self { output, ..self }
    }

    /// Computes the value only for these methods. For others it is empty.
    #[must_use]
    pub fn for_methods(self, methods: impl IntoIterator<Item = Method>) -> Self {
        let methods = methods.into_iter().collect();
        Self { methods, ..self }
    }

    /// Leaves the value empty if the message is.
    #[must_use]
    pub fn unless_empty(self) -> Self {
        let is_optional = true;
        Self {
            is_optional,
            ..self
        }
    }

    /// Uses only the first `bytes` of the message.
    #[must_use]
    pub fn with_longest_message(self, bytes: usize) -> Self {
        let longest = Some(bytes);
        Self { longest, ..self }
    }
}
