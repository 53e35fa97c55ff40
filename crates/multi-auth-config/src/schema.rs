//! The JSON Schema of the file.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

use crate::catalogue::DefinitionTable;
use crate::document::Document;

/// The JSON Schema of the file, as JSON text.
///
/// Editors use it for completion and checks. In VS Code with Even Better TOML, put `#:schema
/// ./multi-auth.schema.json` into the first line of the file.
#[must_use]
pub fn schema() -> String {
    let schema = schemars::schema_for!(Document);
    // A schema is a JSON value, and writing one into a string cannot fail.
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

/// The JSON Schema of a vendor's file, as JSON text. See [`Catalogue`](crate::Catalogue).
#[must_use]
pub fn vendor_schema() -> String {
    let schema = schemars::schema_for!(DefinitionTable);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

/// The names of all fields: what an error may show of a file's names.
pub(crate) fn words() -> &'static BTreeSet<String> {
    static WORDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let mut words = BTreeSet::new();
        collect(schemars::schema_for!(Document).as_value(), &mut words);
        words
    });
    &WORDS
}

fn collect(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(fields)) = members.get("properties") {
                words.extend(fields.keys().cloned());
            }
            members.values().for_each(|member| collect(member, words));
        }
        Value::Array(members) => members.iter().for_each(|member| collect(member, words)),
        _ => {}
    }
}
