//! The text of a vendor: its documentation, its variables, its inputs, and its entry.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};
use toml::value::Datetime;

use super::value::Kind;
use crate::advice::expected;
use crate::document::VendorTable;
use crate::reading::position;
use crate::{Advice, ConfigError, ConfigLocation, schema};

/// A vendor as data: how its API is authenticated, and what a user must supply.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "multi-auth vendor")]
pub(crate) struct DefinitionTable {
    /// The version of this format: 1.
    #[schemars(with = "u32")]
    format: Spanned<u32>,
    /// The vendor's name as it writes it.
    title: String,
    /// The page of the vendor's documentation that describes the authentication.
    #[schemars(with = "Option<String>")]
    docs: Option<Spanned<String>>,
    /// The day on which that page was read.
    #[schemars(with = "Option<String>")]
    read: Option<Datetime>,
    /// Other sources that say the same, such as a package of the vendor.
    #[serde(default)]
    confirmed_by: Vec<String>,
    /// Facts that are not from the vendor's page.
    #[serde(default)]
    unverified: Vec<String>,
    /// The statuses that mean that the rate limit is reached. Default: `[429]`.
    #[serde(default)]
    rate_limit: Vec<u16>,
    /// The variables of the entry: `{name}` in its texts.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, VariableTable>")]
    variables: BTreeMap<String, Spanned<VariableTable>>,
    /// The fields of the entry that the user must set, such as `key`, by path.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, InputTable>")]
    inputs: BTreeMap<String, Spanned<InputTable>>,
    /// The entry of a configuration, without what the user must set.
    #[schemars(with = "VendorTable")]
    #[serde(rename = "entry")]
    _entry: IgnoredAny,
}

impl DefinitionTable {
    /// The texts that a program shows.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let docs = self.docs.as_ref().map(|docs| docs.get_ref().as_str());
        let lists = self.confirmed_by.iter().chain(&self.unverified);
        let variables = self.variables.values().map(Spanned::get_ref);
        let variables = variables.flat_map(|variable| {
            let values = variable.values.iter().flatten();
            values.chain([&variable.label, &variable.example])
        });
        let inputs = self.inputs.values().map(Spanned::get_ref);
        let inputs = inputs.flat_map(|input| {
            let others = input.page.iter().chain(&input.example);
            others.chain([&input.label])
        });
        let texts = lists.chain(variables).chain(inputs).chain([&self.title]);
        texts.map(String::as_str).chain(docs)
    }
}

/// A variable of a vendor.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct VariableTable {
    /// The vendor's word for it.
    label: String,
    /// A valid value. A secret needs none.
    #[serde(default)]
    example: String,
    /// The only values, if there are few.
    values: Option<Vec<String>>,
    /// The value if the user sets none. Only with `values`.
    default: Option<String>,
    /// What it may hold. Default: `label`.
    kind: Option<Kind>,
}

/// A field that the user must set.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InputTable {
    /// The vendor's word for it.
    label: String,
    /// The page where the user finds or creates it.
    page: Option<String>,
    /// An example, for a field that is not a secret.
    example: Option<String>,
}

/// A vendor of a [`Catalogue`](crate::Catalogue).
#[derive(Clone, Debug)]
pub struct VendorDefinition {
    pub(super) name: String,
    pub(super) file: String,
    title: String,
    docs: Option<String>,
    read: Option<Datetime>,
    confirmed_by: Vec<String>,
    unverified: Vec<String>,
    rate_limit: Vec<u16>,
    variables: Vec<Variable>,
    inputs: Vec<Input>,
}

/// What the user fills into the texts of an entry.
#[derive(Clone, Debug)]
pub struct Variable {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) example: String,
    pub(super) default: Option<String>,
    pub(super) kind: Kind,
    /// Where its example is.
    pub(super) at: usize,
}

/// A field of an entry that the user must set.
#[derive(Clone, Debug)]
pub struct Input {
    pub(super) path: String,
    pub(super) label: String,
    pub(super) page: Option<String>,
    pub(super) example: Option<String>,
}

const FORMAT: Advice = Advice::new(
    "is not a version of this format",
    "write format = 1, or use a newer release",
);

const DOCS: Advice = Advice::new(
    "is not an https URL",
    "write the page of the vendor's documentation",
);

const NO_DEFAULT: Advice = Advice::new(
    "has a default that is not among its values",
    "write `values` with the default among them, or remove it",
);

const BRACES: Advice = Advice::new("has a value with a brace", "write the values as they are");

const CONTROL: Advice = Advice::new(
    "has a text with a control character",
    "remove it: these texts are shown on a terminal",
);

const VALUES_AND_KIND: Advice = Advice::new(
    "has a kind besides its values, or no values",
    "remove `kind`, or `values`",
);

const NO_FIELD: Advice = Advice::new(
    "has an input that is no field of an entry",
    "write the path of a field, such as key, client_id, url or \"also.key\"",
);

const NO_NAME: Advice = Advice::new(
    "has an invalid name",
    "use lower-case letters, digits and `_`",
);

impl VendorDefinition {
    /// Reads the vendor `name` from `text`. Errors name `file`.
    pub(super) fn parse(name: &str, file: &str, text: &str) -> Result<Self, ConfigError> {
        let wrong = |field: &str, at: usize, advice| {
            ConfigError::invalid(location(file, text, field, at), advice)
        };
        let root = DeTable::parse(text).map_err(|error| malformed(file, text, &error))?;
        let table = DefinitionTable::deserialize(Deserializer::from(root));
        let table = table.map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            wrong("", at, expected(error.message(), ""))
        })?;
        if table.texts().any(|text| text.contains(char::is_control)) {
            return Err(wrong("", 0, CONTROL));
        }
        if *table.format.get_ref() != 1 {
            return Err(wrong("format", table.format.span().start, FORMAT));
        }
        let is_https = |docs: &&Spanned<String>| docs.get_ref().starts_with("https://");
        if let Some(docs) = table.docs.as_ref().filter(|docs| !is_https(docs)) {
            return Err(wrong("docs", docs.span().start, DOCS));
        }
        let mut variables = Vec::new();
        for (name, variable) in table.variables {
            let (at, variable) = (variable.span().start, variable.into_inner());
            if !crate::template::is_name(&name) {
                return Err(wrong("variables", at, NO_NAME));
            }
            let field = format!("variables.{name}");
            let variable = Variable::of(name, variable, at);
            variables.push(variable.map_err(|advice| wrong(&field, at, advice))?);
        }
        let is_field = |path: &str| path.split('.').all(|name| schema::words().contains(name));
        let odd = table.inputs.iter().find(|(path, _)| !is_field(path));
        if let Some((_, input)) = odd {
            return Err(wrong("inputs", input.span().start, NO_FIELD));
        }
        let inputs = table.inputs.into_iter();
        let mut inputs: Vec<_> = inputs
            .map(|(path, input)| Input::of(path, input.into_inner()))
            .collect();
        // Those of the first credential come first, and secrets last.
        inputs.sort_by_key(|input| (input.path.matches('.').count(), input.is_secret()));
        Ok(Self {
            name: name.to_owned(),
            file: file.to_owned(),
            title: table.title,
            docs: table.docs.map(Spanned::into_inner),
            read: table.read,
            confirmed_by: table.confirmed_by,
            unverified: table.unverified,
            rate_limit: table.rate_limit,
            variables,
            inputs,
        })
    }

    /// The name in a configuration: `preset = "name"`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The vendor's name as it writes it.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The page of the vendor's documentation.
    #[must_use]
    pub fn docs(&self) -> Option<&str> {
        self.docs.as_deref()
    }

    /// The day on which that page was read, as in `2026-11-29`.
    #[must_use]
    pub fn read_on(&self) -> Option<String> {
        self.read.as_ref().map(ToString::to_string)
    }

    /// Other sources that say the same.
    #[must_use]
    pub fn confirmed_by(&self) -> &[String] {
        &self.confirmed_by
    }

    /// Facts that are not from the vendor's page.
    #[must_use]
    pub fn unverified(&self) -> &[String] {
        &self.unverified
    }

    /// The statuses that mean that the rate limit is reached.
    #[must_use]
    pub fn rate_limit(&self) -> &[u16] {
        match &self.rate_limit[..] {
            [] => &[429],
            statuses => statuses,
        }
    }

    /// What the user fills into the texts of the entry.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The fields that the user must set.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }
}

impl Variable {
    fn of(name: String, table: VariableTable, at: usize) -> Result<Self, Advice> {
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

impl Input {
    fn of(path: String, table: InputTable) -> Self {
        let InputTable {
            label,
            page,
            example,
        } = table;
        Self {
            path,
            label,
            page,
            example,
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

/// The table `entry` of `text`, which was parsed before.
pub(super) fn entry(text: &str) -> Result<DeTable<'_>, toml::de::Error> {
    let mut root = DeTable::parse(text)?;
    Ok(
        match root.get_mut().get_mut("entry").map(Spanned::get_mut) {
            Some(DeValue::Table(entry)) => std::mem::replace(entry, DeTable::new()),
            _ => DeTable::new(),
        },
    )
}

pub(super) fn malformed(file: &str, text: &str, error: &toml::de::Error) -> ConfigError {
    let at = error.span().map_or(0, |span| span.start);
    let problem = format!("is not valid TOML ({})", error.message());
    let advice = Advice::of(problem, "correct this line (https://toml.io)");
    ConfigError::invalid(location(file, text, "", at), advice)
}

pub(super) fn location(file: &str, text: &str, field: &str, at: usize) -> ConfigLocation {
    ConfigLocation {
        source: file.to_owned(),
        position: position(text, at),
        field: field.to_owned(),
    }
}
