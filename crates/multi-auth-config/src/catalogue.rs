//! Vendors as data: the catalogue, and vendors of your own files.

mod definition;
pub use definition::VendorDefinition;
mod directory;
mod entry;
mod example;
mod expand;
pub(crate) use expand::expand;
mod input;
pub use input::Input;
mod place;
mod placement;
mod table;
pub(crate) use table::DefinitionTable;
mod value;
mod variable;
pub use variable::Variable;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use crate::{Advice, ConfigError, ConfigLocation};

/// The vendors that a configuration may name as `preset`.
///
/// ```
/// use multi_auth_config::{Catalogue, Config};
///
/// # fn main() -> Result<(), multi_auth_config::ConfigError> {
/// let catalogue = Catalogue::embedded().with_vendor("acme", r#"
///     format = 1
///     title = "Acme"
///     docs = "https://docs.acme.example/auth"
///     read = 2026-11-29
///
///     [variables.region]
///     label = "Region"
///     example = "eu"
///
///     [inputs.key]
///     label = "API key"
///
///     [entry]
///     url = "https://{region}.acme.example"
///     scheme = "header"
///     name = "X-Acme-Key"
/// "#)?;
/// let text = r#"
///     [vendors.parts]
///     preset = "acme"
///     variables = { region = "us" }
///     key = { env = "ACME_KEY" }
/// "#;
/// let config = Config::parse_with(text, "multi-auth.toml", [], &catalogue)?;
/// assert!(config.vendor_for("https://us.acme.example/parts", None).is_some());
/// # Ok(())
/// # }
/// ```
///
/// A vendor's text is parsed when it is used, so a large catalogue costs nothing at start.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    has_embedded: bool,
    own: BTreeMap<String, OwnVendor>,
}

/// A vendor that is not embedded.
#[derive(Clone, Debug)]
struct OwnVendor {
    file: String,
    text: Box<str>,
}

/// The presets that are code, not data.
pub(crate) const BUILT_IN: [&str; 3] = ["alphamoon", "immuta", "immuta-raw-key"];

const ODD_NAME: Advice = Advice::new(
    "has an invalid name",
    "use at most 64 lower-case letters, digits and hyphens, as in acme-eu.toml",
);

const TAKEN: Advice = Advice::new(
    "has the name of a vendor of the catalogue",
    "choose another name: a configuration must not change its meaning by a file beside it",
);

impl Catalogue {
    /// The vendors of [`multi-auth-catalogue`](https://docs.rs/multi-auth-catalogue). Without the
    /// feature `catalogue` there are none.
    #[must_use]
    pub fn embedded() -> Self {
        Self {
            has_embedded: true,
            own: BTreeMap::new(),
        }
    }

    /// A catalogue without vendors.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Adds the vendor `name`, described by `text`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with line, column and field if `text` is invalid, or if the catalogue
    /// already has a vendor of this name.
    pub fn with_vendor(mut self, name: &str, text: &str) -> Result<Self, ConfigError> {
        self.add(name, &format!("{name}.toml"), text)?;
        Ok(self)
    }

    /// Adds the vendors that the files `*.toml` of `directory` describe, each by the name of its
    /// file.
    ///
    /// # Errors
    ///
    /// As [`with_vendor`](Self::with_vendor), for each invalid file. Also if the directory or a
    /// file cannot be read, and on Unix if another user can change or replace a file: it says where
    /// credentials go.
    pub fn with_directory(mut self, directory: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let files = directory::read(directory.as_ref())?.into_iter();
        let added = files.map(|(name, file, text)| self.add(&name, &file, &text));
        ConfigError::all(added)?;
        Ok(self)
    }

    fn add(&mut self, name: &str, file: &str, text: &str) -> Result<(), ConfigError> {
        let wrong = |advice| ConfigError::invalid(ConfigLocation::whole(file), advice);
        if !is_name(name) {
            return Err(wrong(ODD_NAME));
        }
        if self.text(name).is_some() || BUILT_IN.contains(&name) {
            return Err(wrong(TAKEN));
        }
        VendorDefinition::parse(name, file, text)?.check(text)?;
        let own = OwnVendor {
            file: file.to_owned(),
            text: text.into(),
        };
        self.own.insert(name.to_owned(), own);
        Ok(())
    }

    /// The vendor `name`, if the catalogue has it.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if its text is invalid, which [`with_vendor`](Self::with_vendor) refuses.
    #[must_use]
    pub fn vendor(&self, name: &str) -> Option<Result<VendorDefinition, ConfigError>> {
        let (file, text) = self.text(name)?;
        Some(VendorDefinition::parse(name, &file, text))
    }

    /// The names of all vendors, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let own = self.own.keys().map(String::as_str);
        let mut names: Vec<_> = embedded(self.has_embedded)
            .map(|(name, _)| name)
            .chain(own)
            .collect();
        names.sort_unstable();
        names
    }

    /// The vendor whose name is nearest to `name`, if it may be a misspelling: in another case, or
    /// with at most two letters changed.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&str> {
        const MOST_TYPOS: usize = 2;
        let name = name.to_ascii_lowercase();
        let known = BUILT_IN.into_iter().chain(self.names());
        let (distance, nearest) = known
            .map(|known| (strsim::osa_distance(&name, known), known))
            .min()?;
        (distance <= MOST_TYPOS && distance < nearest.len() / 2).then_some(nearest)
    }

    /// The file and the text of the vendor `name`.
    pub(crate) fn text(&self, name: &str) -> Option<(Cow<'_, str>, &str)> {
        if let Some(own) = self.own.get(name) {
            return Some((Cow::Borrowed(&own.file), &own.text));
        }
        let text = self.has_embedded.then(|| find(name)).flatten()?;
        Some((Cow::Owned(format!("{name}.toml")), text))
    }
}

pub(crate) fn is_name(name: &str) -> bool {
    let is_ok = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(is_ok)
}

#[cfg(feature = "catalogue")]
fn find(name: &str) -> Option<&'static str> {
    multi_auth_catalogue::find(name)
}

#[cfg(not(feature = "catalogue"))]
fn find(_: &str) -> Option<&'static str> {
    None
}

#[cfg(feature = "catalogue")]
fn embedded(is_wanted: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = multi_auth_catalogue::all().iter().copied();
    all.filter(move |_| is_wanted)
}

#[cfg(not(feature = "catalogue"))]
fn embedded(_: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    std::iter::empty()
}
