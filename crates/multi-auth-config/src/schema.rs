//! The JSON Schema of the file, for editors.

use crate::document::Document;

/// The JSON Schema of the file, as JSON text.
///
/// Editors that know it check the file while it is written: in VS Code with Even Better TOML, put
/// `#:schema ./multi-auth.schema.json` into the file's first line.
#[must_use]
pub fn schema() -> String {
    let schema = schemars::schema_for!(Document);
    // A schema is a JSON value, and writing one into a string cannot fail.
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}
