//! A variable of a vendor.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Kind;
use crate::Advice;

/// A variable of a vendor.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VariableTable {
    /// The vendor's word for it.
    pub(super) label: String,
    /// A valid value. A secret needs none.
    #[serde(default)]
    pub(super) example: String,
    /// The only values, if there are few.
    pub(super) values: Option<Vec<String>>,
    /// The value if the user sets none. Only with `values`.
    pub(super) default: Option<String>,
    /// What it may hold. Default: `label`.
    pub(super) kind: Option<Kind>,
}

/// What the user fills into the texts of an entry.
#[derive(Clone, Debug)]
pub struct Variable {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) example: String,
    pub(super) default: Option<String>,
    pub(super) kind: Kind,
    /// Where its table is.
    pub(super) at: usize,
}

const NO_DEFAULT: Advice = Advice::new(
    "has a default that is not among its values",
    "write `values` with the default among them, or remove it",
);

const BRACES: Advice = Advice::new("has a value with a brace", "write the values as they are");

const VALUES_AND_KIND: Advice = Advice::new(
    "has a kind besides its values, or no values",
    "remove `kind`, or `values`",
);

impl Variable {
    pub(super) fn of(name: String, table: VariableTable, at: usize) -> Result<Self, Advice> {
        let kind = match (table.values, table.kind) {
            (Some(values), None) if values.iter().any(|value| value.contains(['{', '}'])) => {
                return Err(BRACES);
            }
            (Some(values), None) if !values.is_empty() => Kind::OneOf(values),
            (None, kind) => kind.unwrap_or(Kind::Label),
            (Some(_), _) => return Err(VALUES_AND_KIND),
        };
        let is_closed = matches!(kind, Kind::OneOf(_));
        let (default, example) = (table.default, table.example);
        if default
            .as_ref()
            .is_some_and(|value| !is_closed || !kind.allows(value))
        {
            return Err(NO_DEFAULT);
        }
        if kind != Kind::Secret && !kind.allows(&example) {
            let remedy = format!("write {}", kind.form());
            return Err(Advice::of("has an invalid example", remedy));
        }
        Ok(Self {
            name,
            label: table.label,
            example,
            default,
            kind,
            at,
        })
    }

    /// Its name: `{name}` in the texts of the entry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The vendor's word for it.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// A valid value.
    #[must_use]
    pub fn example(&self) -> &str {
        &self.example
    }

    /// The value if the user sets none.
    #[must_use]
    pub fn default(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// The only values, if there are few; empty otherwise.
    #[must_use]
    pub fn values(&self) -> &[String] {
        match &self.kind {
            Kind::OneOf(values) => values,
            _ => &[],
        }
    }

    /// Checks a value for it: what is wrong, and what to write.
    ///
    /// # Errors
    ///
    /// [`Advice`] if the value is invalid.
    pub fn check(&self, value: &str) -> Result<(), Advice> {
        if self.kind.allows(value) {
            return Ok(());
        }
        let remedy = match self.kind {
            Kind::OneOf(_) => format!("write {}", self.kind.form()),
            _ => format!("write {}, as in {:?}", self.kind.form(), self.example),
        };
        Err(Advice::of("has an invalid value", remedy))
    }

    /// Whether it is a secret, which the table `secrets` of an entry sets.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Secret
    }
}
