//! Reads one vendor from TOML text, without a configuration.

use std::sync::Arc;

use super::{Shared, Vendor};
use crate::catalogue::Catalogue;
use crate::reading::Reading;
use crate::{Advice, ConfigError, ConfigLocation, SecretSource};

impl Vendor {
    /// Reads the vendor `name` from `text`: the fields of an entry of a configuration, without its
    /// header. It may name a preset of the embedded catalogue.
    ///
    /// ```
    /// use multi_auth_config::Vendor;
    ///
    /// # fn main() -> Result<(), multi_auth_config::ConfigError> {
    /// let vendor = Vendor::from_toml("helpdesk", r#"
    ///     url = "https://acme.helpdesk.example"
    ///     scheme = "basic"
    ///     password = "X"
    ///     key = { env = "HELPDESK_KEY" }
    /// "#)?;
    /// assert_eq!(vendor.name(), "helpdesk");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`load`](Self::load) builds its credential. The text has no tables `vault` and `store`: for a
    /// vendor that needs one, use [`Config`](crate::Config).
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with line, column and field if `text` is invalid.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, ConfigError> {
        Self::from_toml_with(name, text, &Catalogue::embedded())
    }

    /// As [`from_toml`](Self::from_toml), with the presets of `catalogue`.
    ///
    /// # Errors
    ///
    /// As [`from_toml`](Self::from_toml).
    pub fn from_toml_with(
        name: &str,
        text: &str,
        catalogue: &Catalogue,
    ) -> Result<Self, ConfigError> {
        let file = format!("{name}.toml");
        let (reading, document, wrong) = Reading::of_entry(name, text, &file, catalogue)?;
        let vendors = document.vendors.into_iter();
        let vendors =
            vendors.map(|(name, entry)| Self::check(name, entry, &reading, &Shared::default()));
        let vendors = ConfigError::all(wrong.into_iter().map(Err).chain(vendors))?;
        // There is always one: what is left out has an error.
        let missing = || ConfigError::invalid(ConfigLocation::whole(&*file), EMPTY);
        vendors.into_iter().next().ok_or_else(missing)
    }

    /// Provides the source that the text names `{ own = "name" }`.
    ///
    /// # Errors
    ///
    /// If no secret of the text has this `name` as its source.
    pub fn with_source(
        mut self,
        name: &str,
        source: impl SecretSource + 'static,
    ) -> Result<Self, ConfigError> {
        let source: Arc<dyn SecretSource> = Arc::new(source);
        if self.give(name, &source) {
            return Ok(self);
        }
        let problem = format!("gives the source {name:?}, which no key uses");
        let advice = Advice::of(problem, "write key = { own = \"name\" } with that name");
        Err(ConfigError::invalid(
            ConfigLocation::whole("the program"),
            advice,
        ))
    }
}

const EMPTY: Advice = Advice::new("is empty", "write the fields of an entry");
