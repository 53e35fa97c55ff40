//! The form of a secret in its placement: after a prefix, or in base64.

use std::borrow::Cow;
use std::fmt;

use secrecy::SecretString;

use crate::secret;

#[derive(Clone)]
pub(super) enum Form {
    Prefixed(Cow<'static, str>),
    /// `Basic ` and base64 of the secret (RFC 7617).
    Basic,
}

impl Form {
    /// The text before the secret.
    pub(super) fn prefix(&self) -> &str {
        match self {
            Self::Basic => "Basic ",
            Self::Prefixed(prefix) => prefix,
        }
    }

    /// The prefix if it is a single word; anything else may hold a key by mistake.
    pub(super) fn scheme(&self) -> &str {
        const MAX_WORD: usize = "Bearer ".len();
        match self {
            Self::Basic => "Basic ",
            Self::Prefixed(prefix) => {
                let word = prefix.trim_end_matches(' ');
                let is_word = word.bytes().all(|byte| byte.is_ascii_alphabetic());
                if is_word && prefix.len() <= MAX_WORD {
                    prefix
                } else {
                    ""
                }
            }
        }
    }

    /// The secret in `text`; `None` if it does not have this form.
    pub(super) fn without_form(&self, text: &str) -> Option<SecretString> {
        let secret = text.strip_prefix(self.prefix())?;
        match self {
            Self::Prefixed(_) => Some(secret.into()),
            Self::Basic => {
                let bytes = secret::base64::decode(secret)?;
                Some(str::from_utf8(&bytes).ok()?.into())
            }
        }
    }
}

/// The prefix is not printed: it may hold a key by mistake.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prefixed(prefix) if prefix.is_empty() => "Bare",
            Self::Prefixed(_) => "Prefixed",
            Self::Basic => "Basic",
        })
    }
}
