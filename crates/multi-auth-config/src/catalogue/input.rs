//! A field of an entry that the user of a vendor must set.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

/// A field that the user must set.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InputTable {
    /// The vendor's word for it.
    pub(super) label: String,
    /// The page where the user finds or creates it.
    pub(super) page: Option<String>,
    /// An example, for a field that is not a secret.
    pub(super) example: Option<String>,
}

/// A field of an entry that the user must set.
#[derive(Clone, Debug)]
pub struct Input {
    pub(super) path: String,
    pub(super) label: String,
    pub(super) page: Option<String>,
    pub(super) example: Option<String>,
    /// Where its table is.
    pub(super) at: usize,
}

impl Input {
    pub(super) fn of(path: String, table: Spanned<InputTable>) -> Self {
        let at = table.span().start;
        let InputTable {
            label,
            page,
            example,
        } = table.into_inner();
        Self {
            path,
            label,
            page,
            example,
            at,
        }
    }

    /// The field of the entry, such as `key` or `also.key`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The vendor's word for it.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The page where the user finds or creates it.
    #[must_use]
    pub fn page(&self) -> Option<&str> {
        self.page.as_deref()
    }

    /// Whether it is a secret.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.path.rsplit('.').next() == Some("key")
    }
}
