//! Properties of a response, as the file describes them.

use schemars::JsonSchema;
use serde::Deserialize;

/// A property of a response. Each part that is given must hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConditionTable {
    /// The statuses, such as `[400, 403]`. Default: any.
    #[serde(default)]
    pub(crate) status: Vec<u16>,
    /// The name of a header field.
    pub(crate) header: Option<String>,
    /// The text that the value of the header field contains. Case does not matter.
    pub(crate) contains: Option<String>,
    /// The JSON pointer of a value in the body, such as `/error/code`. Bodies of more than 64 KiB
    /// are not read.
    pub(crate) json: Option<String>,
    /// The values of which it is one, such as `["token_expired"]`.
    #[serde(default)]
    pub(crate) equals: Vec<Scalar>,
}

/// A value of the body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Scalar {
    /// A string.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Boolean(bool),
}

impl Scalar {
    /// The value as text.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Boolean(value) => value.to_string(),
        }
    }
}
