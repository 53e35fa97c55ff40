//! Asks for what a vendor of the catalogue needs.

use std::io::BufRead;

use multi_auth_config::{Input, Variable, VendorDefinition};

use super::questions::Questions;
use super::vendor_entry::{EntrySecret, VendorEntry, quoted};
use crate::diagnostic::Diagnostic;
use crate::output;

impl<R: BufRead> Questions<R> {
    /// The entry `name` with the preset `vendor`.
    pub(super) fn preset(
        &mut self,
        name: String,
        vendor: &VendorDefinition,
        needs_login: bool,
    ) -> Result<VendorEntry, Diagnostic> {
        match vendor.docs() {
            Some(docs) => output::note(&format!("{}: see {docs}", vendor.title())),
            None => output::note(vendor.title()),
        }
        let mut fields = vec![format!("preset = {}", quoted(vendor.name()))];
        let mut secrets = Vec::new();
        for variable in vendor.variables() {
            if variable.is_secret() {
                continue;
            }
            let label = match variable.values() {
                [] => format!("{}, such as {}", variable.label(), variable.example()),
                values => format!("{}: {}", variable.label(), values.join(", ")),
            };
            let value = self.value(variable, &label)?;
            // Dotted keys, one a line: an entry of many variables stays readable.
            fields.push(format!(
                "variables.{} = {}",
                variable.name(),
                quoted(&value)
            ));
        }
        for input in vendor.inputs() {
            if input.is_secret() {
                secrets.push(self.secret(&name, input.path(), &asked(input))?);
            } else {
                let value = match input.path() {
                    "url" => self.url_of(&asked(input))?,
                    _ => self.needed(&asked(input))?,
                };
                fields.push(format!("{} = {}", input.path(), quoted(&value)));
            }
        }
        for secret in vendor.variables().iter().filter(|one| one.is_secret()) {
            let field = format!("secrets.{}", secret.name());
            secrets.push(self.secret(&name, &field, secret.label())?);
        }
        let expires_at = if secrets.is_empty() {
            None
        } else {
            self.expiry()?
        };
        Ok(VendorEntry {
            name,
            fields,
            secrets,
            expires_at,
            needs_login,
        })
    }

    /// A valid value of `variable`.
    fn value(&mut self, variable: &Variable, label: &str) -> Result<String, Diagnostic> {
        loop {
            let value = match variable.default() {
                Some(usual) => self.or(label, usual)?,
                None => self.needed(label)?,
            };
            match variable.check(&value) {
                Ok(()) => return Ok(value),
                Err(advice) => output::note(&format!("That {advice}.")),
            }
        }
    }

    fn secret(&mut self, name: &str, field: &str, label: &str) -> Result<EntrySecret, Diagnostic> {
        let suffix = field
            .strip_suffix(".key")
            .or(field.strip_prefix("secrets."));
        let file = match suffix {
            Some(suffix) => format!("{name}-{}.key", suffix.replace('.', "-")),
            None => format!("{name}.key"),
        };
        let source = self.place(label, &file)?;
        Ok(EntrySecret {
            field: field.to_owned(),
            what: format!(
                "the {} of {name}",
                label.split(" (").next().unwrap_or(label)
            ),
            source,
        })
    }
}

/// The vendor's word for `input`, and where it is found.
fn asked(input: &Input) -> String {
    match input.page() {
        Some(page) => format!("{} ({page})", input.label()),
        None => input.label().to_owned(),
    }
}
