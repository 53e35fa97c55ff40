//! The environment overrides the file: `MULTI_AUTH__WAREHOUSE__URL` sets `vendors.warehouse.url`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::mem;

use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Advice;
use crate::advice::expected;
use crate::document::SchemeName;

/// The variables that override fields of vendors, by field.
#[derive(Debug, Default)]
pub(crate) struct Overlay(BTreeMap<String, Override>);

#[derive(Debug)]
struct Override {
    variable: String,
    vendor: String,
    field: &'static str,
    value: Zeroizing<String>,
}

const PREFIX: &str = "MULTI_AUTH__";

/// The fields that a variable may set: strings that are not secrets.
const FIELDS: [&str; 8] = [
    "account", "name", "prefix", "preset", "process", "scheme", "url", "user",
];

/// The variables that override fields of vendors. The system returns a copy of all variables, so
/// the others, which may be keys, are wiped.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        let ours = name.into_string().ok();
        let ours = ours.filter(|name| name.starts_with(PREFIX));
        let mut value = Zeroizing::new(value.into_encoded_bytes());
        let name = ours?;
        // A variable that is not UTF-8 overrides nothing.
        Some((name, String::from_utf8(mem::take(&mut *value)).ok()?))
    })
}

/// A variable that sets no field, and why.
#[derive(Debug)]
pub(crate) struct UnusedVariable {
    pub(crate) variable: String,
    pub(crate) advice: Advice,
}

const NO_FIELD: Advice = Advice::new(
    "sets no field",
    "write MULTI_AUTH__<VENDOR>__<FIELD> with a text field of a vendor; a key cannot be set this way",
);
const CLOSED: Advice = Advice::new(
    "sets the URL or the preset, and so where a key goes, which the file does not allow",
    "write it in the file, or dangerous_url_from_environment = true before its first table",
);
const NO_VENDOR: Advice = Advice::new(
    "names a vendor that is not in the file",
    "add a table for it, with a key",
);
const TWO_VENDORS: Advice = Advice::new(
    "matches several vendors of the file",
    "give them names that differ in more than hyphens and case",
);

impl Overlay {
    /// Reads `variables`. With `may_set_url`, they may override URLs.
    pub(crate) fn of(
        variables: impl IntoIterator<Item = (String, String)>,
        vendors: &DeTable<'_>,
        may_set_url: bool,
    ) -> Result<Self, UnusedVariable> {
        let mut overlay = BTreeMap::new();
        for (variable, value) in variables {
            // Any value may be a key.
            let value = Zeroizing::new(value);
            let Some(rest) = variable.strip_prefix(PREFIX) else {
                continue;
            };
            let target = target(rest, vendors);
            let target =
                target.and_then(|(vendor, field)| check(field, &value).map(|()| (vendor, field)));
            let (vendor, field) = match target {
                // Both decide where the key goes.
                Ok((_, "url" | "preset")) if !may_set_url => {
                    return Err(UnusedVariable {
                        variable,
                        advice: CLOSED,
                    });
                }
                Ok(target) => target,
                Err(advice) => return Err(UnusedVariable { variable, advice }),
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

    /// Applies the variables to `vendors`.
    pub(crate) fn apply(&self, vendors: &mut DeTable<'_>) {
        for one in self.0.values() {
            let text = |text: &str| Cow::Owned(text.to_owned());
            let Some(entry) = vendors.get_mut(one.vendor.as_str()) else {
                continue;
            };
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

/// The location of a value that is not in the file.
const NOWHERE: std::ops::Range<usize> = 0..0;

/// The vendor and field of `WAREHOUSE__URL`: hyphens in a vendor's name are underscores in a
/// variable.
fn target(rest: &str, vendors: &DeTable<'_>) -> Result<(String, &'static str), Advice> {
    let rest = rest.to_ascii_lowercase();
    // A vendor's name may have two underscores in a row; a field's name never has.
    let (vendor, field) = rest.rsplit_once("__").ok_or(NO_FIELD)?;
    let field = FIELDS.into_iter().find(|known| *known == field);
    let field = field.ok_or(NO_FIELD)?;
    let is_meant = |name: &&Cow<'_, str>| name.replace('-', "_").to_ascii_lowercase() == vendor;
    let mut meant = vendors.keys().map(Spanned::get_ref).filter(is_meant);
    let one = meant.next().ok_or(NO_VENDOR)?;
    match meant.next() {
        Some(_) => Err(TWO_VENDORS),
        None => Ok((one.to_string(), field)),
    }
}

/// Whether `field` takes `value`, if it takes certain words only.
fn check(field: &str, value: &str) -> Result<(), Advice> {
    let value: StrDeserializer<'_, serde::de::value::Error> = value.into_deserializer();
    let checked = match field {
        "scheme" => SchemeName::deserialize(value).map(drop),
        _ => Ok(()),
    };
    checked.map_err(|error| expected(&error.to_string(), field))
}
