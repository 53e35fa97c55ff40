//! Checks the entry of a vendor: its variables, where they stand, and all of it as a configuration.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::definition::entry;
use super::place::{location, malformed};
use super::placement::{Role, is_safe, role};
use super::value::Kind;
use super::{Catalogue, OwnVendor, VendorDefinition};
use crate::advice::expected;
use crate::document::VendorTable;
use crate::scheme::{
    ACCESS_KEY_ID, CLIENT_SECRET, CONSUMER_KEY, SESSION_TOKEN, TOKEN, TOKEN_SECRET,
};
use crate::template;
use crate::toml_table::parts;
use crate::{Advice, Config, ConfigError, ConfigLocation, Vendor, schema};

const UNSAFE: Advice = Advice::new(
    "has a variable where it could choose the host, or a secret outside a token request",
    "put a label to the left of a constant domain, as in https://{subdomain}.example.com, and a label or segment into a path; for any host, write [inputs.url] and {url}",
);

const NOT_IN_XML: Advice = Advice::new(
    "has a variable whose value could change the XML",
    "use a variable of the kind label, segment or secret",
);

const USERS_OWN: Advice = Advice::new(
    "belongs to the user of a preset",
    "remove it, and describe it in [inputs] or as a variable of the kind secret",
);

const NO_FIELD: Advice = Advice::new(
    "has an input that is no field of an entry",
    "write the path of a field, such as key, client_id, url or \"also.key\"",
);

const UNKNOWN: Advice = Advice::new(
    "has a variable that the file does not describe",
    "describe it in a table [variables.NAME]",
);

const UNUSED: Advice = Advice::new(
    "is not used",
    "write {NAME} in a text of the entry, or remove it",
);

/// The name that a text has for the base URL that the user sets.
pub(super) const URL: &str = "url";

/// The names in the texts of an entry.
struct Names {
    /// Those under which token requests keep texts.
    kept: BTreeSet<String>,
    used: BTreeSet<String>,
}

impl VendorDefinition {
    /// Checks the entry in `text`, from which this was read.
    pub(super) fn check(&self, text: &str) -> Result<(), ConfigError> {
        let entry = entry(text).map_err(|error| malformed(&self.file, text, &error))?;
        let mut names = Names {
            kept: kept(&entry),
            used: BTreeSet::new(),
        };
        let scheme = entry.get("scheme");
        let scheme = scheme.and_then(|scheme| scheme.get_ref().as_str());
        match scheme {
            Some("jwt_bearer") => names.used.extend([CLIENT_SECRET.to_owned()]),
            Some("aws_sigv4") => {
                let own = [ACCESS_KEY_ID, SESSION_TOKEN].map(str::to_owned);
                names.used.extend(own);
            }
            Some("oauth1") => {
                let own = [CONSUMER_KEY, TOKEN, TOKEN_SECRET].map(str::to_owned);
                names.used.extend(own);
            }
            _ => {}
        }
        self.check_inputs(text)?;
        self.refuse_secrets(text, &entry)?;
        let mut path = Vec::new();
        self.check_table(text, &entry, &mut path, &mut names)?;
        if let Some(unused) = self
            .variables()
            .iter()
            .find(|one| !names.used.contains(&one.name))
        {
            let field = format!("variables.{}", unused.name);
            return Err(self.wrong(text, &field, unused.at, UNUSED));
        }
        self.check_types(text, &entry)?;
        self.check_as_configuration(text, &entry)
    }

    /// The names and types of the fields, without what the user sets.
    fn check_types(&self, text: &str, entry: &DeTable<'_>) -> Result<(), ConfigError> {
        let value = Spanned::new(0..0, DeValue::Table(entry.clone()));
        let Err(error) = VendorTable::deserialize(ValueDeserializer::from(value)) else {
            return Ok(());
        };
        if error.message().starts_with("missing field") {
            return Ok(());
        }
        let at = error.span().map_or(0, |span| span.start);
        Err(self.wrong(text, "entry", at, expected(error.message(), "")))
    }

    /// Checks that each input is a field of an entry.
    fn check_inputs(&self, text: &str) -> Result<(), ConfigError> {
        let is_field = |path: &str| path.split('.').all(|name| schema::words().contains(name));
        let odd = self.inputs().iter().find(|input| !is_field(&input.path));
        odd.map_or(Ok(()), |odd| {
            Err(self.wrong(text, "inputs", odd.at, NO_FIELD))
        })
    }

    /// Only a user says where secrets come from: a file that did could read any file and run any
    /// program.
    fn refuse_secrets(&self, text: &str, entry: &DeTable<'_>) -> Result<(), ConfigError> {
        const OWN: [&str; 5] = ["key", "secrets", "dpop", "account", "expires_at"];
        for (prefix, part) in parts("entry.", entry) {
            let found = OWN.into_iter().find_map(|name| part.get_key_value(name));
            let aws = part
                .get("sigv4")
                .and_then(|table| table.get_ref().as_table());
            let found = found.or_else(|| aws?.get_key_value("credentials"));
            if let Some((name, _)) = found {
                let field = format!("{prefix}{}", name.get_ref());
                return Err(self.wrong(text, &field, name.span().start, USERS_OWN));
            }
        }
        Ok(())
    }

    fn check_table<'e>(
        &self,
        text: &str,
        table: &'e DeTable<'_>,
        path: &mut Vec<&'e str>,
        names: &mut Names,
    ) -> Result<(), ConfigError> {
        for (name, value) in table {
            path.push(name.get_ref());
            self.check_value(text, value, path, names)?;
            path.pop();
        }
        Ok(())
    }

    fn check_value<'e>(
        &self,
        text: &str,
        value: &'e Spanned<DeValue<'_>>,
        path: &mut Vec<&'e str>,
        names: &mut Names,
    ) -> Result<(), ConfigError> {
        match value.get_ref() {
            DeValue::Table(table) => self.check_table(text, table, path, names),
            DeValue::Array(values) => {
                let mut values = values.iter();
                values.try_for_each(|value| self.check_value(text, value, path, names))
            }
            DeValue::String(template) => {
                let found = template::names(template).map(str::to_owned);
                names.used.extend(found);
                let advice = self.problem(template, path, &names.kept);
                let field = format!("entry.{}", path.join("."));
                advice.map_or(Ok(()), |advice| {
                    Err(self.wrong(text, &field, value.span().start, advice))
                })
            }
            _ => Ok(()),
        }
    }

    fn problem(&self, template: &str, path: &[&str], kept: &BTreeSet<String>) -> Option<Advice> {
        let role = role(path);
        let mut names = template::names(template);
        let in_request = matches!(role, Role::Request | Role::Xml);
        let is_kept = |name: &str| kept.contains(name) && in_request;
        let is_reserved = |name: &str| match name {
            template::KEY => path.last() == Some(&"body"),
            "public_key_sha256" => path.ends_with(&["jwt", "issuer"]),
            _ => false,
        };
        // The signature itself is built from the templates, so an unknown name is an error there.
        let is_known =
            |name: &str| self.kind(name).is_some() || is_reserved(name) || role == Role::Signature;
        if !names.all(|name| is_known(name) || is_kept(name)) {
            return Some(UNKNOWN);
        }
        let advice = if role == Role::Xml {
            NOT_IN_XML
        } else {
            UNSAFE
        };
        (!is_safe(template, role, &|name: &str| self.kind(name))).then_some(advice)
    }

    /// The kind of the variable `name`, if the vendor has it.
    pub(super) fn kind(&self, name: &str) -> Option<&Kind> {
        if name == URL && self.inputs().iter().any(|input| input.path == URL) {
            return Some(&Kind::Url);
        }
        let variable = self
            .variables()
            .iter()
            .find(|variable| variable.name == name);
        variable.map(|variable| &variable.kind)
    }

    /// Reads the example of this vendor as a configuration. An error gets its place in `text`.
    fn check_as_configuration(&self, text: &str, entry: &DeTable<'_>) -> Result<(), ConfigError> {
        let own = OwnVendor {
            file: self.file.clone(),
            text: text.into(),
        };
        let alone = Catalogue {
            own: [(self.name.clone(), own)].into(),
            ..Catalogue::empty()
        };
        let Err(error) = self.example_vendor(&alone) else {
            return Ok(());
        };
        let field = error.location().field.clone();
        let field = field.strip_prefix("vendors.vendor").unwrap_or(&field);
        let field = field.trim_start_matches('.');
        let names: Vec<_> = field.split('.').collect();
        let at = span_at(entry, &names).map_or(0, |span| span.start);
        let place = location(&self.file, text, &format!("entry.{field}"), at);
        Err(ConfigError::new(place, error.problem().clone()))
    }

    /// The vendor with the values of its example. `catalogue` has it.
    ///
    /// It tells what a request carries and where the credential may go. It cannot be loaded,
    /// because its secrets do not exist.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if `catalogue` does not have this vendor.
    pub fn example_vendor(&self, catalogue: &Catalogue) -> Result<Vendor, ConfigError> {
        const STORE: &str = "[store]\ndirectory = \"tokens\"\nkey = { env = \"STORE_KEY\" }\n";
        let example = format!("{}\n{STORE}", self.example("vendor"));
        let config = Config::parse_with(&example, &self.file, [], catalogue)?;
        let missing = || ConfigError::invalid(ConfigLocation::whole(&*self.file), UNUSED);
        config.vendors().first().cloned().ok_or_else(missing)
    }

    fn wrong(&self, text: &str, field: &str, at: usize, advice: Advice) -> ConfigError {
        ConfigError::invalid(location(&self.file, text, field, at), advice)
    }
}

/// The names under which a token request keeps texts of its response, for later ones.
fn kept(table: &DeTable<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (name, value) in table {
        let Some(inner) = value.get_ref().as_table() else {
            continue;
        };
        if name.get_ref() == "keep" {
            names.extend(inner.keys().map(|name| name.get_ref().to_string()));
        }
        names.extend(kept(inner));
    }
    names
}

/// Where the value at the path `names` is, or the nearest table around it.
fn span_at(table: &DeTable<'_>, names: &[&str]) -> Option<Range<usize>> {
    let (first, rest) = names.split_first()?;
    let value = table.get(*first)?;
    let inner = value.get_ref().as_table();
    let inner = inner.and_then(|inner| span_at(inner, rest));
    inner.or_else(|| Some(value.span()))
}
