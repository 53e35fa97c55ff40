//! An example of a configuration with a vendor of the catalogue.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;

use super::VendorDefinition;
use super::entry::URL;

impl VendorDefinition {
    /// The entry that a user writes, under the name `entry`, with the examples of the vendor and
    /// secrets from environment variables.
    #[must_use]
    pub fn example(&self, entry: &str) -> String {
        let mut text = format!("[vendors.{entry}]\npreset = \"{}\"\n", self.name);
        let (secrets, others): (Vec<_>, Vec<_>) =
            self.variables().iter().partition(|one| one.is_secret());
        if !others.is_empty() {
            let pairs = others
                .iter()
                .map(|one| format!("{} = {}", one.name, quoted(&one.example)));
            line(&mut text, "variables", &table(pairs));
        }
        let mut inner = BTreeMap::<&str, Vec<String>>::new();
        for input in self.inputs() {
            let value = if input.is_secret() {
                source(&self.variable_name(&input.path))
            } else {
                quoted(sample(&input.path, input.example.as_deref()))
            };
            match input.path.split_once('.') {
                None => line(&mut text, &input.path, &value),
                Some((first, rest)) => {
                    inner
                        .entry(first)
                        .or_default()
                        .push(format!("{rest} = {value}"));
                }
            }
        }
        for (name, pairs) in inner {
            line(&mut text, name, &table(pairs));
        }
        if !secrets.is_empty() {
            let pairs = secrets
                .iter()
                .map(|one| format!("{} = {}", one.name, source(&self.variable_name(&one.name))));
            line(&mut text, "secrets", &table(pairs));
        }
        text
    }

    /// The environment variable of a secret, such as `FRESHDESK_KEY`.
    fn variable_name(&self, path: &str) -> String {
        let name = format!("{}_{path}", self.name).to_ascii_uppercase();
        let name = name.replace(['-', '.'], "_");
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            return format!("VENDOR_{name}");
        }
        name
    }
}

fn sample<'s>(path: &str, example: Option<&'s str>) -> &'s str {
    match (example, path) {
        (Some(example), _) => example,
        (None, URL) => "https://vendor.example.com",
        (None, _) => "my-app",
    }
}

/// `text` as a TOML string. A JSON string is one, except for DEL.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn source(variable: &str) -> String {
    format!("{{ env = \"{variable}\" }}")
}

fn table(pairs: impl IntoIterator<Item = String>) -> String {
    format!("{{ {} }}", pairs.into_iter().collect::<Vec<_>>().join(", "))
}

fn line(text: &mut String, name: &str, value: &str) {
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{name} = {value}");
}
