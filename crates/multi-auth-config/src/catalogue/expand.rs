//! Puts the entry of a vendor of the catalogue in place of its name in a configuration.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::definition::entry;
use super::entry::URL;
use super::value::Kind;
use super::{BUILT_IN, Catalogue, VendorDefinition};
use crate::toml_table::{parts, table};
use crate::{Advice, schema, template};

/// A problem of an entry, at a field and a position of the configuration.
pub(crate) struct Expansion {
    pub(crate) field: String,
    pub(crate) span: Range<usize>,
    pub(crate) advice: Advice,
}

type Result<T> = std::result::Result<T, Expansion>;

const BOTH: Advice = Advice::new(
    "cannot be combined with `preset`, which has its own scheme",
    "remove one of them",
);

const NOT_TABLE: Advice = Advice::new(
    "is not a table of texts",
    "write it as in variables = { subdomain = \"acme\" }",
);

const NO_VARIABLE: &str = "has a variable that this preset does not have";

const NO_SECRET: &str = "has a secret that this preset does not have";

const NOT_TEXT: Advice = Advice::new("has an invalid value", "write text in quotes");

const BROKEN: Advice = Advice::new("names a vendor whose file is invalid", "correct that file");

/// Expands the preset of `entry`, if it names a vendor of `catalogue`.
pub(crate) fn expand<'t>(user: &mut DeTable<'t>, catalogue: &'t Catalogue) -> Result<()> {
    let Some(preset) = user.get("preset") else {
        return Ok(());
    };
    let span = preset.span();
    let Some(name) = preset.get_ref().as_str().map(str::to_owned) else {
        return Ok(());
    };
    if BUILT_IN.contains(&name.as_str()) {
        return Ok(());
    }
    let wrong = |advice| problem("preset", span.clone(), advice);
    let vendor = catalogue
        .vendor(&name)
        .ok_or_else(|| wrong(unknown(&name, catalogue)))?;
    let vendor = vendor.map_err(|_| wrong(BROKEN))?;
    let (_, text) = catalogue.text(&name).unwrap_or_default();
    let mut template = entry(text).map_err(|_| wrong(BROKEN))?;
    refuse_scheme(user)?;
    let values = vendor.values(user, &span)?;
    vendor.require_inputs(user, &span)?;
    if user.contains_key(URL) {
        template.remove("base_url");
    }
    if sets_url(&vendor) {
        // The template says what becomes of the user's URL.
        user.remove(URL);
        let url = || Spanned::new(0..0, DeValue::String("{url}".into()));
        template
            .entry(Spanned::new(0..0, URL.into()))
            .or_insert_with(url);
    }
    Filling { values, span }.merge(user, template);
    user.remove("preset");
    Ok(())
}

/// The preset has the schemes of all its credentials.
fn refuse_scheme(user: &DeTable<'_>) -> Result<()> {
    for (prefix, part) in parts("", user) {
        if let Some(scheme) = part.get("scheme") {
            return Err(problem(&format!("{prefix}scheme"), scheme.span(), BOTH));
        }
    }
    Ok(())
}

/// Whether the user sets the base URL.
fn sets_url(vendor: &VendorDefinition) -> bool {
    vendor.kind(URL) == Some(&Kind::Url)
}

fn problem(field: &str, span: Range<usize>, advice: Advice) -> Expansion {
    Expansion {
        field: field.to_owned(),
        span,
        advice,
    }
}

/// Advice on a name that the catalogue does not have. The name may be a key, so it is not repeated.
fn unknown(name: &str, catalogue: &Catalogue) -> Advice {
    const UNKNOWN: &str = "is not a vendor of the catalogue";
    match catalogue.nearest(name) {
        Some(nearest) => Advice::of(UNKNOWN, format!("write \"{nearest}\" if that is meant")),
        None => Advice::new(
            UNKNOWN,
            "`multi-auth vendors` lists them; describe another vendor with `scheme`, or in a file of a directory for `--catalogue`",
        ),
    }
}

impl VendorDefinition {
    /// The values of the variables, as `user` sets them. Takes the table `variables`.
    fn values(&self, user: &mut DeTable<'_>, span: &Range<usize>) -> Result<Values> {
        let mut values = self.given(user)?;
        for variable in self.variables().iter().filter(|one| !one.is_secret()) {
            if values.contains_key(&variable.name) {
                continue;
            }
            let Some(default) = variable.default() else {
                let field = format!("variables.{}", variable.name);
                let (name, example) = (&variable.name, &variable.example);
                let written = format!("variables = {{ {name} = {example:?} }}");
                let advice = self.missing(&variable.label, &written);
                return Err(problem(&field, span.clone(), advice));
            };
            values.insert(variable.name.clone(), default.to_owned());
        }
        if let Some(url) = user.get(URL).filter(|_| sets_url(self)) {
            let text = url.get_ref().as_str().unwrap_or_default();
            if !Kind::Url.allows(text) {
                return Err(problem(URL, url.span(), invalid(&Kind::Url)));
            }
            let base = text.trim_end_matches('/').to_owned();
            values.insert(URL.to_owned(), base);
        }
        self.check_secrets(user, span)?;
        Ok(values)
    }

    /// The variables that `user` sets.
    fn given(&self, user: &mut DeTable<'_>) -> Result<Values> {
        let mut values = Values::new();
        let Some(given) = user.remove("variables") else {
            return Ok(values);
        };
        let span = given.span();
        let DeValue::Table(given) = given.into_inner() else {
            return Err(problem("variables", span, NOT_TABLE));
        };
        for (name, value) in given {
            let wrong = |field: &str, advice| Err(problem(field, value.span(), advice));
            let name = name.into_inner();
            let known = self.variables().iter().find(|one| one.name == name);
            let Some(variable) = known.filter(|one| !one.is_secret()) else {
                return wrong("variables", self.unknown_name(NO_VARIABLE, false));
            };
            let field = format!("variables.{name}");
            let Some(text) = value.get_ref().as_str() else {
                return wrong(&field, NOT_TEXT);
            };
            if let Err(advice) = variable.check(text) {
                return wrong(&field, advice);
            }
            values.insert(name.into_owned(), text.to_owned());
        }
        Ok(values)
    }

    fn check_secrets(&self, user: &DeTable<'_>, span: &Range<usize>) -> Result<()> {
        let given = table(user, "secrets");
        let is_secret = |name: &str| self.kind(name) == Some(&Kind::Secret);
        for (name, value) in given.into_iter().flatten() {
            if !is_secret(name.get_ref()) {
                let advice = self.unknown_name(NO_SECRET, true);
                return Err(problem("secrets", value.span(), advice));
            }
        }
        let mut secrets = self.variables().iter().filter(|one| one.is_secret());
        let is_given = |name: &str| given.is_some_and(|given| given.contains_key(name));
        match secrets.find(|one| !is_given(&one.name)) {
            None => Ok(()),
            Some(missing) => {
                let field = format!("secrets.{}", missing.name);
                let written = format!("secrets = {{ {} = {{ env = \"SECRET\" }} }}", missing.name);
                let advice = self.missing(&missing.label, &written);
                Err(problem(&field, span.clone(), advice))
            }
        }
    }

    fn require_inputs(&self, user: &DeTable<'_>, span: &Range<usize>) -> Result<()> {
        // An unknown field may be the missing one, misspelled: its own error says so.
        let is_known = |name: &Cow<'_, str>| schema::words().contains(&**name);
        for input in self.inputs() {
            let names: Vec<_> = input.path.split('.').collect();
            if !has(user, &names) {
                if !user.keys().all(|name| is_known(name.get_ref())) {
                    return Ok(());
                }
                let value = if input.is_secret() {
                    "{ env = \"VENDOR_KEY\" }".to_owned()
                } else {
                    format!("{:?}", input.example.as_deref().unwrap_or("..."))
                };
                let written = match input.path.split_once('.') {
                    Some((table, field)) => format!("{table} = {{ {field} = {value} }}"),
                    None => format!("{} = {value}", input.path),
                };
                let advice = self.missing(&input.label, &written);
                return Err(problem(&input.path, span.clone(), advice));
            }
        }
        Ok(())
    }

    /// Advice on a name that is none of the variables, or none of the secrets.
    fn unknown_name(&self, problem: &'static str, is_secret: bool) -> Advice {
        let known = self
            .variables()
            .iter()
            .filter(|one| one.is_secret() == is_secret);
        let known: Vec<_> = known.map(|one| format!("`{}`", one.name)).collect();
        match &known[..] {
            [] => Advice::new(problem, "remove it"),
            known => Advice::of(problem, format!("write one of {}", known.join(", "))),
        }
    }

    fn missing(&self, label: &str, written: &str) -> Advice {
        let remedy = format!("write the {label} of {}, as in {written}", self.title());
        Advice::of("is missing", remedy)
    }
}

fn invalid(kind: &Kind) -> Advice {
    Advice::of("has an invalid value", format!("write {}", kind.form()))
}

fn has(table: &DeTable<'_>, names: &[&str]) -> bool {
    match names {
        [] => true,
        [name, rest @ ..] => table.get(*name).is_some_and(|value| {
            let inner = value.get_ref().as_table();
            rest.is_empty() || inner.is_some_and(|inner| has(inner, rest))
        }),
    }
}

type Values = BTreeMap<String, String>;

/// Fills the variables into the texts of a vendor, and gives them the position of its name.
struct Filling {
    values: Values,
    span: Range<usize>,
}

impl Filling {
    /// Adds to `user` what it does not set.
    fn merge<'t>(&self, user: &mut DeTable<'t>, template: DeTable<'t>) {
        for (name, value) in template {
            let name = name.into_inner();
            match (
                user.get_mut(&*name).map(Spanned::get_mut),
                value.into_inner(),
            ) {
                (Some(DeValue::Table(own)), DeValue::Table(inner)) => self.merge(own, inner),
                (Some(_), _) => {}
                (None, value) => self.insert(user, &name, value),
            }
        }
    }

    fn insert<'t>(&self, user: &mut DeTable<'t>, name: &str, value: DeValue<'t>) {
        let name = Cow::Owned(name.to_owned());
        let value = self.filled(value);
        user.insert(Spanned::new(self.span.clone(), name), value);
    }

    fn filled<'t>(&self, value: DeValue<'t>) -> Spanned<DeValue<'t>> {
        let value = match value {
            DeValue::String(text) => {
                let value = |name: &str| self.values.get(name).map(|text| Cow::Borrowed(&**text));
                DeValue::String(Cow::Owned(template::fill(&text, value)))
            }
            DeValue::Array(values) => {
                let mut filled = DeArray::new();
                for value in values {
                    filled.push(self.filled(value.into_inner()));
                }
                DeValue::Array(filled)
            }
            DeValue::Table(table) => {
                let mut filled = DeTable::new();
                self.merge(&mut filled, table);
                DeValue::Table(filled)
            }
            other => other,
        };
        Spanned::new(self.span.clone(), value)
    }
}
