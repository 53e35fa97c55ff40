//! The table `store`, checked.

use toml::Spanned;

use crate::document::StoreTable;
use crate::reading::Reading;
use crate::source::{ConfiguredSource, Server};
use crate::store::StoreSettings;
use crate::{Advice, ConfigError};

const NO_DIRECTORY: Advice = Advice::new(
    "is missing",
    "write a directory that only you can read, as in directory = \"tokens\"",
);

const NO_KEY: Advice = Advice::new(
    "is missing",
    "write where the sealing key comes from, as in key = { env = \"MULTI_AUTH_STORE_KEY\" }; `openssl rand -base64 32` creates one",
);

/// The store that the file describes.
pub(super) fn check(
    table: &Spanned<StoreTable>,
    reading: &Reading<'_>,
    vault: Option<&Server>,
) -> Result<StoreSettings, ConfigError> {
    let missing = |field: &str, advice| {
        let place = reading.place(format!("store.{field}"), table.span());
        ConfigError::invalid(place, advice)
    };
    let directory = table.get_ref().directory.as_ref();
    let directory = directory.ok_or_else(|| missing("directory", NO_DIRECTORY))?;
    let key = table.get_ref().key.as_ref();
    let key = key.ok_or_else(|| missing("key", NO_KEY))?;
    let wrong = |field: &str, span, problem| {
        ConfigError::new(reading.place(format!("store.{field}"), span), problem)
    };
    let folder = reading.folder();
    let source = ConfiguredSource::of(key.get_ref().clone(), folder, vault);
    let path = crate::source::meant(directory.get_ref(), folder);
    Ok(StoreSettings {
        directory: path.map_err(|problem| wrong("directory", directory.span(), problem))?,
        key: source.map_err(|problem| wrong("key", key.span(), problem))?,
    })
}
