//! The text of a vendor as TOML has it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;
use toml::value::Datetime;

use super::input::InputTable;
use super::variable::VariableTable;
use crate::document::VendorTable;

/// A vendor as data: how its API is authenticated, and what a user must supply.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "multi-auth vendor")]
pub(crate) struct DefinitionTable {
    /// The version of this format: 1.
    #[schemars(with = "u32")]
    pub(super) format: Spanned<u32>,
    /// The vendor's name as it writes it.
    pub(super) title: String,
    /// The page of the vendor's documentation that describes the authentication.
    #[schemars(with = "Option<String>")]
    pub(super) docs: Option<Spanned<String>>,
    /// The day on which that page was read.
    #[schemars(with = "Option<String>")]
    pub(super) read: Option<Datetime>,
    /// Other sources that say the same, such as a package of the vendor.
    #[serde(default)]
    pub(super) confirmed_by: Vec<String>,
    /// Facts that are not from the vendor's page.
    #[serde(default)]
    pub(super) unverified: Vec<String>,
    /// The statuses that mean that the rate limit is reached. Default: `[429]`.
    #[serde(default)]
    pub(super) rate_limit: Vec<u16>,
    /// The variables of the entry: `{name}` in its texts.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, VariableTable>")]
    pub(super) variables: BTreeMap<String, Spanned<VariableTable>>,
    /// The fields of the entry that the user must set, such as `key`, by path.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, InputTable>")]
    pub(super) inputs: BTreeMap<String, Spanned<InputTable>>,
    /// The entry of a configuration, without what the user must set.
    #[schemars(with = "VendorTable")]
    #[serde(rename = "entry")]
    pub(super) _entry: IgnoredAny,
}

impl DefinitionTable {
    /// The texts that a program shows.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
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
