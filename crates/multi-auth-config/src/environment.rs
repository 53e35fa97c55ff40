//! The environment goes before the file: `MULTI_AUTH__WAREHOUSE__URL` sets `vendors.warehouse.url`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The variables that say something of vendors, by the field that each sets.
#[derive(Debug, Default)]
pub(crate) struct Overlay(BTreeMap<String, Override>);

#[derive(Debug)]
struct Override {
    variable: String,
    vendor: String,
    field: &'static str,
    value: String,
}

const PREFIX: &str = "MULTI_AUTH__";

/// What may be set so: texts that are no secrets.
const FIELDS: [&str; 8] = [
    "account", "name", "prefix", "preset", "process", "scheme", "url", "user",
];

impl Overlay {
    /// What `variables` say. The error is a variable that sets nothing.
    pub(crate) fn of(
        variables: impl IntoIterator<Item = (String, String)>,
        vendors: &DeTable<'_>,
    ) -> Result<Self, String> {
        let mut overlay = BTreeMap::new();
        for (variable, value) in variables {
            let Some(rest) = variable.strip_prefix(PREFIX) else {
                continue;
            };
            let Some((vendor, field)) = target(rest, vendors) else {
                return Err(variable);
            };
            let one = Override {
                variable,
                value,
                field,
                vendor: vendor.clone(),
            };
            overlay.insert(format!("vendors.{vendor}.{field}"), one);
        }
        Ok(Self(overlay))
    }

    /// Writes what the variables say into `vendors`.
    pub(crate) fn apply(&self, vendors: &mut DeTable<'_>) {
        for one in self.0.values() {
            let text = |text: &str| Cow::Owned(text.to_owned());
            let entry = vendors
                .entry(Spanned::new(NOWHERE, text(&one.vendor)))
                .or_insert_with(|| Spanned::new(NOWHERE, DeValue::Table(DeTable::new())));
            if let DeValue::Table(entry) = entry.get_mut() {
                let value = Spanned::new(NOWHERE, DeValue::String(text(&one.value)));
                entry.remove(one.field);
                entry.insert(Spanned::new(NOWHERE, text(one.field)), value);
            }
        }
    }

    /// The variable that sets `field`, if one does.
    pub(crate) fn variable(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(|one| one.variable.as_str())
    }
}

/// Where a value stands that is not in the file.
const NOWHERE: std::ops::Range<usize> = 0..0;

/// The vendor and field that `WAREHOUSE__URL` names: a vendor in the file whose hyphens are underscores there.
fn target(rest: &str, vendors: &DeTable<'_>) -> Option<(String, &'static str)> {
    let rest = rest.to_ascii_lowercase();
    let (vendor, field) = rest.split_once("__")?;
    let field = FIELDS.into_iter().find(|known| *known == field)?;
    let known = vendors
        .keys()
        .map(Spanned::get_ref)
        .find(|name| name.replace('-', "_").to_ascii_lowercase() == vendor);
    Some((known.map_or(vendor, |known| known).to_owned(), field))
}
