//! Parses the text into a document, and keeps the location of each value.

mod tree;

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, ValueDeserializer};

use self::tree::Tree;
use crate::advice::expected;
use crate::catalogue::{self, Catalogue};
use crate::document::Document;
use crate::environment::{Overlay, UnusedVariable};
use crate::source::may_be_key;
use crate::toml_table::{parts, position, table};
use crate::{Advice, ConfigError, ConfigLocation, schema};

/// What errors need to name a location.
#[derive(Debug)]
pub(crate) struct Reading<'t> {
    text: &'t str,
    file: &'t str,
    /// The name of the entry, if the text is one.
    entry: Option<&'t str>,
    overlay: Overlay,
}

/// What was read: the document, and an error for each entry that is not in it.
type Read<'t> = (Reading<'t>, Document, Vec<ConfigError>);

impl<'t> Reading<'t> {
    pub(crate) fn new(
        text: &'t str,
        file: &'t str,
        variables: impl IntoIterator<Item = (String, String)>,
        catalogue: &'t Catalogue,
    ) -> Result<Read<'t>, ConfigError> {
        let reading = Self {
            text,
            file,
            entry: None,
            overlay: Overlay::default(),
        };
        let root = DeTable::parse(text).map_err(|error| reading.malformed(&error))?;
        reading.document(Tree(root), variables, catalogue)
    }

    /// Reads `text` as the entry `name` alone.
    pub(crate) fn of_entry(
        name: &'t str,
        text: &'t str,
        file: &'t str,
        catalogue: &'t Catalogue,
    ) -> Result<Read<'t>, ConfigError> {
        let reading = Self {
            text,
            file,
            entry: Some(name),
            overlay: Overlay::default(),
        };
        let entry = DeTable::parse(text).map_err(|error| reading.malformed(&error))?;
        let span = entry.span();
        let table = |name: &'t str, value| {
            let mut table = DeTable::new();
            table.insert(
                Spanned::new(span.clone(), name.into()),
                Spanned::new(span.clone(), value),
            );
            table
        };
        let vendors = table(name, DeValue::Table(entry.into_inner()));
        let root = table("vendors", DeValue::Table(vendors));
        reading.document(Tree(Spanned::new(span.clone(), root)), [], catalogue)
    }

    fn document(
        mut self,
        mut root: Tree<'t>,
        variables: impl IntoIterator<Item = (String, String)>,
        catalogue: &'t Catalogue,
    ) -> Result<Read<'t>, ConfigError> {
        let may_set_url = root.get("dangerous_url_from_environment");
        let may_set_url = may_set_url.and_then(|value| value.get_ref().as_bool());
        let vendors = root
            .entry(Spanned::new(0..0, "vendors".into()))
            .or_insert_with(|| Spanned::new(0..0, DeValue::Table(DeTable::new())));
        if let DeValue::Table(vendors) = vendors.get_mut() {
            self.refuse_odd_names(vendors)?;
            self.overlay =
                Overlay::of(variables, vendors, may_set_url == Some(true)).map_err(idle)?;
            self.overlay.apply(vendors);
        }
        self.refuse_plain_keys(&root)?;
        let mut vendors = Tree(Spanned::new(0..0, vendors_of(&mut root)));
        let mut wrong = self.expand(&mut vendors, catalogue);
        let document = Document::deserialize(Deserializer::from(root.take()));
        let mut document = document.map_err(|error| self.refused(&error))?;
        for (name, entry) in vendors.take().into_inner() {
            match Spanned::deserialize(ValueDeserializer::from(entry)) {
                Ok(entry) => _ = document.vendors.insert(name.into_inner().into(), entry),
                Err(error) => wrong.push(self.refused(&error)),
            }
        }
        Ok((self, document, wrong))
    }

    /// Expands the presets of `vendors`. Removes those that cannot be expanded, and returns why.
    fn expand(&self, vendors: &mut DeTable<'t>, catalogue: &'t Catalogue) -> Vec<ConfigError> {
        let mut wrong = Vec::new();
        let mut failed = Vec::new();
        for (name, entry) in vendors.iter_mut() {
            let DeValue::Table(entry) = entry.get_mut() else {
                continue;
            };
            if let Err(problem) = catalogue::expand(entry, catalogue) {
                let name = name.get_ref().to_string();
                let field = format!("vendors.{name}.{}", problem.field);
                wrong.push(self.error(field, problem.span, problem.advice));
                failed.push(name);
            }
        }
        for name in failed {
            if let Some(mut entry) = vendors.remove(&*name) {
                tree::wipe(entry.get_mut());
            }
        }
        wrong
    }

    /// An error about the text at `span` in `field`.
    fn error(&self, field: String, span: Range<usize>, advice: Advice) -> ConfigError {
        ConfigError::invalid(self.place(field, span), advice)
    }

    /// The directory of the file, where its relative paths start.
    pub(crate) fn folder(&self) -> &Path {
        Path::new(self.file).parent().unwrap_or(Path::new(""))
    }

    pub(crate) fn place(&self, field: String, span: Range<usize>) -> ConfigLocation {
        if let Some(variable) = self.overlay.variable(&field) {
            return ConfigLocation {
                source: format!("environment variable {variable}"),
                position: None,
                field,
            };
        }
        ConfigLocation {
            source: self.file.to_owned(),
            position: position(self.text, span.start),
            field,
        }
    }

    /// Checks the names of vendors: errors, tables and metrics show them.
    fn refuse_odd_names(&self, vendors: &DeTable<'_>) -> Result<(), ConfigError> {
        match vendors.keys().find(|name| !is_name(name.get_ref())) {
            Some(name) => Err(self.error("vendors".to_owned(), name.span(), ODD_NAME)),
            None => self.refuse_keys_for_names(vendors),
        }
    }

    fn refuse_keys_for_names(&self, vendors: &DeTable<'_>) -> Result<(), ConfigError> {
        match vendors.keys().find(|name| may_be_key(name.get_ref())) {
            Some(name) => Err(self.error("vendors".to_owned(), name.span(), KEY_FOR_NAME)),
            None => Ok(()),
        }
    }

    /// A secret in place of its source has its own error, before another error could repeat it.
    fn refuse_plain_keys(&self, root: &DeTable<'_>) -> Result<(), ConfigError> {
        let vendors = table(root, "vendors").into_iter().flatten();
        let keys = vendors.flat_map(|(name, entry)| {
            let entry = entry.get_ref().as_table();
            let prefix = format!("vendors.{}.", name.get_ref());
            let parts = entry.map(|entry| parts(&prefix, entry));
            let secrets = parts.into_iter().flatten().flat_map(secrets);
            secrets.collect::<Vec<_>>()
        });
        let token = table(root, "vault").and_then(|vault| vault.get("token"));
        let token = token.map(|token| ("vault.token".to_owned(), token));
        let sealing_key = table(root, "store").and_then(|store| store.get("key"));
        let sealing_key = sealing_key.map(|key| ("store.key".to_owned(), key));
        let secrets = keys.chain(token).chain(sealing_key);
        let refused = secrets.map(|(field, secret)| self.refuse_plain(&field, secret));
        ConfigError::all(refused).map(drop)
    }

    fn refuse_plain(&self, field: &str, secret: &Spanned<DeValue<'_>>) -> Result<(), ConfigError> {
        let problem = match secret.get_ref().as_table() {
            Some(sources) if sources.len() == 1 => return Ok(()),
            Some(_) => NOT_ONE,
            None => PLAIN,
        };
        Err(self.error(field.to_owned(), secret.span(), problem))
    }

    /// A TOML syntax error. The parser's messages do not quote the file.
    fn malformed(&self, error: &toml::de::Error) -> ConfigError {
        let problem = format!("is not valid TOML ({})", error.message());
        let advice = Advice::of(problem, "correct this line (https://toml.io)");
        self.error(String::new(), error.span().unwrap_or(0..0), advice)
    }

    /// An error of the deserializer. Its text quotes the file, which may hold a secret.
    fn refused(&self, error: &toml::de::Error) -> ConfigError {
        let span = error.span().unwrap_or(0..0);
        let table = DeTable::parse(self.text).ok();
        let names = table.map(|table| path_to(table.get_ref(), span.start));
        let outer = self.entry.map(|name| ["vendors", name].map(str::to_owned));
        let names = outer.into_iter().flatten().chain(names.unwrap_or_default());
        let field = shown(&names.collect::<Vec<_>>());
        let advice = expected(error.message(), &field);
        self.error(field, span, advice)
    }
}

/// The secrets of a part of an entry, each with its field.
fn secrets<'e, 't>(
    (prefix, part): (String, &'e DeTable<'t>),
) -> impl Iterator<Item = (String, &'e Spanned<DeValue<'t>>)> {
    let key = part.get("key").map(|key| (format!("{prefix}key"), key));
    let dpop = table(part, "dpop").and_then(|dpop| dpop.get("key"));
    let dpop = dpop.map(|key| (format!("{prefix}dpop.key"), key));
    let others = table(part, "secrets").into_iter().flatten();
    let others = others.map(move |(_, secret)| (format!("{prefix}secrets"), secret));
    key.into_iter().chain(dpop).chain(others)
}

/// Takes the vendors out of `root`. Each is read alone, so that every vendor's first problem is
/// reported.
fn vendors_of<'t>(root: &mut DeTable<'t>) -> DeTable<'t> {
    match root.get_mut("vendors").map(Spanned::get_mut) {
        Some(DeValue::Table(vendors)) => std::mem::replace(vendors, DeTable::new()),
        Some(_) | None => DeTable::new(),
    }
}

const PLAIN: Advice = Advice::new(
    "must not be a secret itself",
    "write where it comes from, as in { env = \"VENDOR_KEY\" }, { file = \"/run/secrets/vendor\" } or { command = [\"pass\", \"show\", \"vendor\"] }",
);

const NOT_ONE: Advice = Advice::new(
    "has no source, or several",
    "write one of `env`, `file`, `command`, `os_keyring` and `vault`",
);

const ODD_NAME: Advice = Advice::new(
    "is not a valid vendor name",
    "use at most 64 letters, digits, `-` and `_`",
);

const KEY_FOR_NAME: Advice = Advice::new(
    "has a vendor name that may be a key",
    "use a shorter name that does not mix digits and letters",
);

fn idle(idle: UnusedVariable) -> ConfigError {
    let place = ConfigLocation::whole(format!("environment variable {}", idle.variable));
    ConfigError::invalid(place, idle.advice)
}

pub(crate) fn is_name(name: &str) -> bool {
    let is_ok = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(is_ok)
}

/// The path to the value that contains the byte `at`, as in `vendors`, `reports`, `key`.
fn path_to(table: &DeTable<'_>, at: usize) -> Vec<String> {
    for (key, value) in table {
        if !(key.span().contains(&at) || value.span().contains(&at)) {
            if let DeValue::Table(inner) = value.get_ref() {
                // The span of `[a.b]` is only its header.
                let deeper = path_to(inner, at);
                if !deeper.is_empty() {
                    return [vec![key.get_ref().to_string()], deeper].concat();
                }
            }
            continue;
        }
        let mut names = vec![key.get_ref().to_string()];
        if let DeValue::Table(inner) = value.get_ref() {
            names.extend(path_to(inner, at));
        }
        return names;
    }
    Vec::new()
}

/// `names` as an error may show them: the names of fields and vendors. Anything else may be a
/// secret.
fn shown(names: &[String]) -> String {
    let words = schema::words();
    let is_vendors = names.first().is_some_and(|name| name == "vendors");
    let is_shown = |(at, name): &(usize, &String)| match at {
        1 if is_vendors => is_name(name) && !may_be_key(name),
        _ => words.contains(*name),
    };
    // The name below a secret is that of its source.
    let depth = if is_vendors { 3 } else { 2 };
    let ends = |name: &&String| *name == "key" || !is_vendors && *name == "token";
    let depth = names
        .get(depth - 1)
        .filter(ends)
        .map_or(names.len(), |_| depth);
    let shown = names.iter().take(depth).enumerate().take_while(is_shown);
    let shown: Vec<_> = shown.map(|(_, name)| name.as_str()).collect();
    shown.join(".")
}
