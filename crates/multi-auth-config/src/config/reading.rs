//! Reads the text into a document, and says where in it something stands.

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, ValueDeserializer};

use crate::document::Document;
use crate::environment::{Idle, Overlay};
use crate::{ConfigError, Place};

/// What errors need to say where something stands.
#[derive(Debug)]
pub(crate) struct Reading<'t> {
    text: &'t str,
    file: &'t str,
    overlay: Overlay,
}

impl<'t> Reading<'t> {
    pub(crate) fn new(
        text: &'t str,
        file: &'t str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(Self, Document, Vec<ConfigError>), ConfigError> {
        let mut reading = Self {
            text,
            file,
            overlay: Overlay::default(),
        };
        let mut root = DeTable::parse(text).map_err(|error| reading.refused(&error))?;
        let vendors = root
            .get_mut()
            .entry(Spanned::new(0..0, "vendors".into()))
            .or_insert_with(|| Spanned::new(0..0, DeValue::Table(DeTable::new())));
        if let DeValue::Table(vendors) = vendors.get_mut() {
            reading.refuse_odd_names(vendors)?;
            reading.overlay = Overlay::of(variables, vendors).map_err(idle)?;
            reading.overlay.apply(vendors);
        }
        reading.refuse_plain_keys(root.get_ref())?;
        let vendors = vendors_of(root.get_mut());
        let document = Document::deserialize(Deserializer::from(root));
        let mut document = document.map_err(|error| reading.refused(&error))?;
        let mut wrong = Vec::new();
        for (name, entry) in vendors {
            match Spanned::deserialize(ValueDeserializer::from(entry)) {
                Ok(entry) => _ = document.vendors.insert(name.into_inner().into(), entry),
                Err(error) => wrong.push(reading.refused(&error)),
            }
        }
        Ok((reading, document, wrong))
    }

    /// An error about what stands at `span` in `field`.
    fn error(&self, field: String, span: Range<usize>, problem: impl Into<String>) -> ConfigError {
        ConfigError::invalid(self.place(field, span), problem)
    }

    /// Where the file is: from there on its own paths count.
    pub(crate) fn folder(&self) -> &Path {
        Path::new(self.file).parent().unwrap_or(Path::new(""))
    }

    pub(crate) fn place(&self, field: String, span: Range<usize>) -> Place {
        if let Some(variable) = self.overlay.variable(&field) {
            return Place {
                source: format!("environment variable {variable}"),
                position: None,
                field,
            };
        }
        Place {
            source: self.file.to_owned(),
            position: self.position(span.start),
            field,
        }
    }

    /// Line and column, from 1 on, of the byte `at`.
    fn position(&self, at: usize) -> Option<(usize, usize)> {
        let before = self.text.get(..at)?;
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Some((line, before.get(start..)?.chars().count() + 1))
    }

    /// Names are shown in errors, tables and metrics.
    fn refuse_odd_names(&self, vendors: &DeTable<'_>) -> Result<(), ConfigError> {
        match vendors.keys().find(|name| !is_name(name.get_ref())) {
            Some(name) => Err(self.error("vendors".to_owned(), name.span(), ODD_NAME)),
            None => Ok(()),
        }
    }

    /// A secret in the place of its source gets a word of its own, before anything repeats it.
    fn refuse_plain_keys(&self, root: &DeTable<'_>) -> Result<(), ConfigError> {
        let table = |name| root.get(name).and_then(|table| table.get_ref().as_table());
        let vendors = table("vendors").into_iter().flatten();
        let keys = vendors.filter_map(|(name, entry)| {
            let key = entry.get_ref().as_table()?.get("key")?;
            Some((format!("vendors.{}.key", name.get_ref()), key))
        });
        let token = table("vault").and_then(|vault| vault.get("token"));
        let token = token.map(|token| ("vault.token".to_owned(), token));
        let secrets = keys.chain(token);
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

    /// What the parser refused. Its own text quotes the file, where a secret may stand.
    fn refused(&self, error: &toml::de::Error) -> ConfigError {
        let span = error.span().unwrap_or(0..0);
        let table = DeTable::parse(self.text).ok();
        let field = table.map(|table| path_to(table.get_ref(), span.start));
        let field = shown(&field.unwrap_or_default());
        self.error(field, span, without_value(error.message()))
    }
}

/// Takes the vendors out of `root`. Each is read apart, so that none hides what another has wrong.
fn vendors_of<'t>(root: &mut DeTable<'t>) -> DeTable<'t> {
    match root.get_mut("vendors").map(Spanned::get_mut) {
        Some(DeValue::Table(vendors)) => std::mem::replace(vendors, DeTable::new()),
        Some(_) | None => DeTable::new(),
    }
}

const PLAIN: &str = "a secret never stands in this file: write where it comes from, as in { env = \"VENDOR_KEY\" }, \
     { file = \"/run/secrets/vendor\" } or { command = [\"pass\", \"show\", \"vendor\"] }";

const NOT_ONE: &str =
    "comes from one place: write one of `env`, `file`, `command`, `keyring` and `vault`";

const ODD_NAME: &str = "is no name of a vendor: write letters, digits, `-` and `_`, 64 at most";

fn idle(idle: Idle) -> ConfigError {
    let place = Place::whole(format!("environment variable {}", idle.variable));
    ConfigError::invalid(place, idle.problem)
}

fn is_name(name: &str) -> bool {
    let is_ok = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(is_ok)
}

/// The field whose value holds the byte `at`, as in `vendors.reports.key`.
fn path_to(table: &DeTable<'_>, at: usize) -> String {
    for (key, value) in table {
        if !(key.span().contains(&at) || value.span().contains(&at)) {
            if let DeValue::Table(inner) = value.get_ref() {
                // The span of `[a.b]` is its header alone.
                let deeper = path_to(inner, at);
                if !deeper.is_empty() {
                    return format!("{}.{deeper}", key.get_ref());
                }
            }
            continue;
        }
        let name = key.get_ref().to_string();
        let deeper = value.get_ref().as_table().map(|inner| path_to(inner, at));
        return match deeper {
            Some(deeper) if !deeper.is_empty() => format!("{name}.{deeper}"),
            Some(_) | None => name,
        };
    }
    String::new()
}

/// `field` as an error may show it: below `key` and `token` a secret may stand even in the place of a name.
fn shown(field: &str) -> String {
    let mut steps = field.splitn(4, '.');
    let steps = [steps.next(), steps.next(), steps.next()];
    let shown = match steps {
        [Some(vendors), Some(name), Some("key")] => format!("{vendors}.{name}.key"),
        [Some("vault"), Some("token"), _] => "vault.token".to_owned(),
        _ => field.to_owned(),
    };
    shown.escape_debug().to_string()
}

/// A message of the parser's without the value that it quotes.
pub(crate) fn without_value(message: &str) -> String {
    let quotes = [
        "invalid type",
        "invalid value",
        "unknown variant",
        "invalid length",
    ];
    match message.rsplit_once(", expected ") {
        Some((quote, expected)) if quote.starts_with("unknown field") => {
            format!("is no field here, expected {expected}")
        }
        Some((quote, expected)) if quotes.iter().any(|start| quote.starts_with(start)) => {
            format!("expected {expected}")
        }
        Some(_) | None => message.lines().collect::<Vec<_>>().join(", "),
    }
}
