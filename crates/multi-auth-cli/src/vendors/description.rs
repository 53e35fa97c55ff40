//! What is known of a vendor.

use std::fmt;

use multi_auth_config::{Catalogue, Vendor, VendorDefinition};
use serde::Serialize;

use super::unknown;
use crate::diagnostic::Diagnostic;

/// A vendor of the catalogue, as JSON and as text.
#[derive(Debug, Serialize)]
pub(super) struct Description {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) sends: Vec<String>,
    /// Where the credential goes, with the examples of the variables.
    pub(super) urls: Vec<String>,
    pub(super) docs: Option<String>,
    pub(super) read_on: Option<String>,
    confirmed_by: Vec<String>,
    unverified: Vec<String>,
    rate_limit: Vec<u16>,
    needs_login: bool,
    variables: Vec<Variable>,
    inputs: Vec<Input>,
    example: String,
}

#[derive(Debug, Serialize)]
struct Variable {
    name: String,
    label: String,
    example: String,
    values: Vec<String>,
    default: Option<String>,
    is_secret: bool,
}

#[derive(Debug, Serialize)]
struct Input {
    field: String,
    label: String,
    page: Option<String>,
    is_secret: bool,
}

impl Description {
    /// The vendor `name` of `catalogue`.
    pub(super) fn of(catalogue: &Catalogue, name: &str) -> Result<Self, Diagnostic> {
        let vendor = catalogue
            .vendor(name)
            .ok_or_else(|| unknown(name, catalogue))??;
        let example = vendor.example_vendor(catalogue)?;
        Ok(Self::new(&vendor, &example))
    }

    fn new(vendor: &VendorDefinition, example: &Vendor) -> Self {
        let variables = vendor.variables().iter().map(|variable| Variable {
            name: variable.name().to_owned(),
            label: variable.label().to_owned(),
            example: variable.example().to_owned(),
            values: variable.values().to_vec(),
            default: variable.default().map(str::to_owned),
            is_secret: variable.is_secret(),
        });
        let inputs = vendor.inputs().iter().map(|input| Input {
            field: input.path().to_owned(),
            label: input.label().to_owned(),
            page: input.page().map(str::to_owned),
            is_secret: input.is_secret(),
        });
        let urls = example.protection_spaces().iter();
        Self {
            name: vendor.name().to_owned(),
            title: vendor.title().to_owned(),
            sends: example.sends(),
            urls: urls.map(ToString::to_string).collect(),
            docs: vendor.docs().map(str::to_owned),
            read_on: vendor.read_on(),
            confirmed_by: vendor.confirmed_by().to_vec(),
            unverified: vendor.unverified().to_vec(),
            rate_limit: vendor.rate_limit().to_vec(),
            needs_login: example.needs_login(),
            variables: variables.collect(),
            inputs: inputs.collect(),
            example: vendor.example(vendor.name()),
        }
    }

    /// Whether its name, its title or a URL contains `word`, in any case.
    pub(super) fn has(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        let texts = [&self.name, &self.title].into_iter().chain(&self.urls);
        texts
            .map(|text| text.to_lowercase())
            .any(|text| text.contains(&word))
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.title)?;
        if let Some(docs) = &self.docs {
            let read_on = self.read_on.as_ref().map(|day| format!(" (read on {day})"));
            line(
                f,
                "Documentation",
                &format!("{docs}{}", read_on.unwrap_or_default()),
            )?;
        }
        many(f, "Confirmed by", &self.confirmed_by)?;
        many(f, "Unverified", &self.unverified)?;
        many(f, "Sends", &self.sends)?;
        many(f, "To", &self.urls)?;
        for variable in &self.variables {
            let values = match (&variable.values[..], variable.is_secret) {
                ([], true) => " (a secret)".to_owned(),
                ([], false) => format!(", such as {:?}", variable.example),
                (values, _) => format!(", one of {}", values.join(", ")),
            };
            let text = format!("{}: {}{values}", variable.name, variable.label);
            line(f, "Variable", &text)?;
        }
        for input in &self.inputs {
            let page = input.page.as_ref().map(|page| format!(" ({page})"));
            let page = page.unwrap_or_default();
            line(
                f,
                "You need",
                &format!("{}: {}{page}", input.field, input.label),
            )?;
        }
        write!(f, "\nWrite into multi-auth.toml:\n\n{}", self.example)?;
        if self.needs_login {
            write!(
                f,
                "\n[store]\ndirectory = \"tokens\"\nkey = {{ env = \"MULTI_AUTH_STORE_KEY\" }}\n\nThen log in with `multi-auth login {}`.",
                self.name
            )?;
        }
        Ok(())
    }
}

/// A line for each of `texts`.
fn many(f: &mut fmt::Formatter<'_>, label: &str, texts: &[String]) -> fmt::Result {
    let mut label = label;
    for text in texts {
        line(f, label, text)?;
        label = "";
    }
    Ok(())
}

fn line(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    writeln!(f, "{label:<15}{text}")
}
