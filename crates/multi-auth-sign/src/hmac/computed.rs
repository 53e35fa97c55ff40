//! Computes a value for a request.

use aws_lc_rs::{digest, hmac};
use http::Method;
use secrecy::zeroize::Zeroizing;

use super::facts::Facts;
use super::sink::{First, Sink};
use super::template::{Reads, Template};
use super::value::Computation;
use super::{HashAlgorithm, OutputEncoding};
use crate::SignError;

/// A checked [`TemplateValue`](super::TemplateValue).
pub(super) struct Computed {
    pub(super) function: Function,
    pub(super) message: Template,
    pub(super) output: OutputEncoding,
    pub(super) methods: Vec<Method>,
    pub(super) is_optional: bool,
    pub(super) longest: Option<usize>,
    /// What its message and its key need.
    pub(super) reads: Reads,
}

/// What is made of the message.
pub(super) enum Function {
    Text,
    Hash(HashAlgorithm),
    /// An HMAC with the key of the signer.
    Hmac(Box<hmac::Key>),
    /// An HMAC with a key of this request.
    HmacWith(HashAlgorithm, Template),
}

impl Function {
    pub(super) fn of(computation: Computation, key: &[u8], own_key: Option<Template>) -> Self {
        match (computation, own_key) {
            (Computation::Text, _) => Self::Text,
            (Computation::Hash(algorithm), _) => Self::Hash(algorithm),
            (Computation::Hmac(algorithm), None) => {
                Self::Hmac(Box::new(hmac::Key::new(algorithm.hmac(), key)))
            }
            (Computation::Hmac(algorithm), Some(key)) => Self::HmacWith(algorithm, key),
        }
    }
}

impl Computed {
    /// The value for the request of `facts`.
    pub(super) fn compute(&self, facts: &Facts<'_>) -> Result<Zeroizing<Vec<u8>>, SignError> {
        let is_meant = self.methods.is_empty() || self.methods.contains(facts.request.method());
        if !is_meant {
            return Ok(Zeroizing::default());
        }
        match &self.function {
            Function::Text => {
                let mut text = Zeroizing::new(Vec::with_capacity(self.length(facts)?));
                let has_any = self.fill(facts, &mut *text)?;
                Ok(self.encoded(&text, has_any))
            }
            Function::Hash(algorithm) => {
                let mut hash = digest::Context::new(algorithm.digest());
                let has_any = self.fill(facts, &mut hash)?;
                Ok(self.encoded(hash.finish().as_ref(), has_any))
            }
            Function::Hmac(key) => self.hmac(facts, key),
            Function::HmacWith(algorithm, key) => {
                self.hmac(facts, &hmac::Key::new(algorithm.hmac(), &facts.text(key)?))
            }
        }
    }

    fn hmac(&self, facts: &Facts<'_>, key: &hmac::Key) -> Result<Zeroizing<Vec<u8>>, SignError> {
        let mut hmac = hmac::Context::with_key(key);
        let has_any = self.fill(facts, &mut hmac)?;
        Ok(self.encoded(hmac.sign().as_ref(), has_any))
    }

    /// Writes the message to `sink`. Returns whether there is one.
    fn fill(&self, facts: &Facts<'_>, sink: &mut impl Sink) -> Result<bool, SignError> {
        let left = self.longest.unwrap_or(usize::MAX);
        let mut first = First {
            sink,
            left,
            has_any: false,
        };
        facts.write(&self.message, &mut first)?;
        Ok(first.has_any)
    }

    fn length(&self, facts: &Facts<'_>) -> Result<usize, SignError> {
        let mut length = 0;
        self.fill(facts, &mut length)?;
        Ok(length)
    }

    fn encoded(&self, bytes: &[u8], has_message: bool) -> Zeroizing<Vec<u8>> {
        if self.is_optional && !has_message {
            return Zeroizing::default();
        }
        Zeroizing::new(self.output.encode(bytes))
    }
}
