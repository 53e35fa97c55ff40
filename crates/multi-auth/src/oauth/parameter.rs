//! A parameter of a token request: a fixed value, or one that a source returns for each attempt.

use std::sync::Arc;

use secrecy::SecretString;

use crate::{AuthError, TokenSource};

/// Names with values, in the order of the request.
pub(crate) type Pairs = Vec<(String, SecretString)>;

/// A parameter of a token request. `Debug` prints only its name.
#[derive(Clone)]
pub(crate) struct Parameter {
    name: String,
    value: Value,
}

#[derive(Clone)]
enum Value {
    Fixed(SecretString),
    /// Called for each attempt: servers refuse an assertion that they have seen (RFC 7523, 3).
    Fresh(Arc<dyn TokenSource>),
}

impl Parameter {
    pub(super) fn fixed(name: &str, value: impl Into<SecretString>) -> Self {
        Self {
            name: name.to_owned(),
            value: Value::Fixed(value.into()),
        }
    }

    pub(super) fn fresh(name: &str, source: impl TokenSource + 'static) -> Self {
        Self {
            name: name.to_owned(),
            value: Value::Fresh(Arc::new(source)),
        }
    }

    /// The name and the value for one attempt.
    pub(crate) async fn pair(&self) -> Result<(String, SecretString), AuthError> {
        let value = match &self.value {
            Value::Fixed(value) => value.clone(),
            Value::Fresh(source) => source.token().await?.value().clone(),
        };
        Ok((self.name.clone(), value))
    }
}

impl std::fmt::Debug for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}
