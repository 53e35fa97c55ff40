//! The names in the texts of a token request: each stands for a secret or for a text that was kept.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Endpoint;
use crate::Advice;
use crate::document::TokenEndpointTable;
use crate::template::{self, KEY};
use crate::vendor::check::{Result, VendorCheck};

const UNKNOWN: Advice = Advice::new(
    "has a {name} that stands for nothing",
    "write the name of a secret in `secrets`, or of a text that an earlier step keeps",
);

const UNUSED: Advice = Advice::new(
    "has a secret that the token request does not use",
    "write {name} where it belongs, or remove it",
);

const TWICE: Advice = Advice::new(
    "has the name of a secret or of another text that is kept",
    "choose another name",
);

impl VendorCheck<'_> {
    /// Checks the names of all steps, and that each secret is used.
    pub(super) fn check_names(&self, first: Endpoint<'_>) -> Result<()> {
        let secrets = self.entry.secrets.iter().flatten();
        let mut known: BTreeSet<&str> = secrets.clone().map(|(name, _)| name.as_str()).collect();
        let mut used = BTreeSet::new();
        let mut step = Some(first);
        while let Some(endpoint) = step {
            let table = endpoint.table;
            for (field, text) in texts(table) {
                for name in template::names(text) {
                    let is_key = field == "body" && name == KEY;
                    if !is_key && !known.contains(name) {
                        return Err(self.wrong(&endpoint, field, UNKNOWN));
                    }
                    used.insert(name);
                }
            }
            for name in table.keep.keys() {
                if !known.insert(name) {
                    return Err(self.wrong(&endpoint, "keep", TWICE));
                }
            }
            step = endpoint.then();
        }
        let mut unused = secrets.filter(|(name, _)| !used.contains(name.as_str()));
        match unused.next() {
            Some((_, secret)) => Err(self.invalid("secrets", secret.span(), UNUSED)),
            None => Ok(()),
        }
    }
}

/// The texts of a token request, each with its field.
fn texts(table: &TokenEndpointTable) -> Vec<(&'static str, &str)> {
    let mut texts = Vec::new();
    table
        .fields
        .values()
        .for_each(|value| collect(value, &mut texts));
    texts.extend(table.query.values().map(|text| ("query", text.as_str())));
    texts.extend(table.body.as_deref().map(|text| ("body", text)));
    texts
}

fn collect<'v>(value: &'v Value, texts: &mut Vec<(&'static str, &'v str)>) {
    match value {
        Value::String(text) => texts.push(("fields", text)),
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Object(members) => members.values().for_each(|value| collect(value, texts)),
        _ => {}
    }
}
