//! The text of a vendor: its documentation, its variables, its inputs, and its entry.

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};
use toml::value::Datetime;

use super::input::Input;
use super::place::{location, malformed};
use super::table::DefinitionTable;
use super::variable::Variable;
use crate::advice::expected;
use crate::{Advice, ConfigError};

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

const FORMAT: Advice = Advice::new(
    "is not a version of this format",
    "write format = 1, or use a newer release",
);

const DOCS: Advice = Advice::new(
    "is not an https URL",
    "write the page of the vendor's documentation",
);

const CONTROL: Advice = Advice::new(
    "has a text with a control character",
    "remove it: these texts are shown on a terminal",
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
        let inputs = table.inputs.into_iter();
        let mut inputs: Vec<_> = inputs.map(|(path, input)| Input::of(path, input)).collect();
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
