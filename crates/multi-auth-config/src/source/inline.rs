//! A secret in the configuration itself, with `dangerous_inline`.

use std::fmt;

use async_trait::async_trait;
use multi_auth::SecretString;
use schemars::JsonSchema;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

use super::{SecretSource, SourceError, SourceProblem};

/// A secret in the configuration file itself.
#[derive(Clone, JsonSchema)]
pub(crate) struct Inline(#[schemars(with = "String")] SecretString);

impl fmt::Debug for Inline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inline")
    }
}

impl<'de> Deserialize<'de> for Inline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(InlineVisitor)
    }
}

/// Copies a text into a secret, and wipes the original.
struct InlineVisitor;

impl Visitor<'_> for InlineVisitor {
    type Value = Inline;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Inline, E> {
        Ok(Inline(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Inline, E> {
        let text = Zeroizing::new(text);
        Ok(Inline(text.as_str().into()))
    }
}

impl Inline {
    pub(crate) fn secret(&self) -> &SecretString {
        &self.0
    }
}

#[async_trait]
impl SecretSource for Inline {
    async fn read(&self) -> Result<SecretString, SourceError> {
        if self.0.expose_secret().is_empty() {
            return Err(SourceError::new("`dangerous_inline`", SourceProblem::Empty));
        }
        Ok(self.0.clone())
    }
}
