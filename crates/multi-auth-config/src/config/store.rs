//! The table `store`, checked.

use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;

use crate::document::{Secret, StoreTable};
use crate::reading::Reading;
use crate::source::{ConfiguredSource, Server};
use crate::store::{RedisSettings, StorePlace, StoreSettings};
use crate::{Advice, ConfigError, ConfigProblem};

const NO_PLACE: Advice = Advice::new(
    "is missing",
    "write a directory that only you can read, as in directory = \"tokens\", or a server, as in url = \"rediss://redis.example.com\"",
);

const TWO_PLACES: Advice = Advice::new(
    "cannot be combined with `directory`",
    "remove `directory` to share tokens with other machines, or `url` to keep them on this one",
);

const NO_KEY: Advice = Advice::new(
    "is missing",
    "write where the sealing key comes from, as in key = { env = \"MULTI_AUTH_STORE_KEY\" }; `openssl rand -base64 32` creates one",
);

const OF_A_SERVER: Advice = Advice::new("has no effect without `url`", "remove it");

/// The store that the file describes.
pub(super) fn check(
    table: &Spanned<StoreTable>,
    reading: &Reading<'_>,
    vault: Option<&Server>,
) -> Result<StoreSettings, ConfigError> {
    let check = Check {
        table: table.get_ref(),
        span: table.span(),
        reading,
        vault,
    };
    check.store()
}

/// A table that is being checked.
struct Check<'r> {
    table: &'r StoreTable,
    span: Range<usize>,
    reading: &'r Reading<'r>,
    vault: Option<&'r Server>,
}

type Checked<T> = Result<T, ConfigError>;

impl Check<'_> {
    fn store(&self) -> Checked<StoreSettings> {
        let table = self.table;
        let place = self.place()?;
        let Some(key) = &table.key else {
            return Err(self.invalid("key", self.span.clone(), NO_KEY));
        };
        let previous = table.previous_keys.iter().flatten();
        let previous: Checked<_> = previous
            .map(|key| self.secret("previous_keys", key))
            .collect();
        Ok(StoreSettings::new(
            place,
            self.secret("key", key)?,
            previous?,
        ))
    }

    fn place(&self) -> Checked<StorePlace> {
        let table = self.table;
        match (&table.directory, &table.url) {
            (None, None) => Err(self.invalid("directory", self.span.clone(), NO_PLACE)),
            (Some(_), Some(url)) => Err(self.invalid("url", url.span(), TWO_PLACES)),
            (Some(directory), None) => {
                self.refuse_fields_of_a_server()?;
                let path = self.path("directory", directory)?;
                Ok(StorePlace::Directory(path))
            }
            (None, Some(url)) => {
                let settings = self.server(url)?;
                Ok(StorePlace::Redis(Box::new(settings)))
            }
        }
    }

    fn refuse_fields_of_a_server(&self) -> Checked<()> {
        let table = self.table;
        let fields = [
            ("user", table.user.as_ref().map(Spanned::span)),
            ("password", table.password.as_ref().map(Spanned::span)),
            (
                "root_certificates",
                table.root_certificates.as_ref().map(Spanned::span),
            ),
            (
                "dangerous_plain_tcp",
                table.dangerous_plain_tcp.as_ref().map(Spanned::span),
            ),
            ("naming_key", table.naming_key.as_ref().map(Spanned::span)),
        ];
        match fields
            .into_iter()
            .find_map(|(name, span)| Some((name, span?)))
        {
            Some((name, span)) => Err(self.invalid(name, span, OF_A_SERVER)),
            None => Ok(()),
        }
    }

    fn server(&self, url: &Spanned<String>) -> Checked<RedisSettings> {
        let table = self.table;
        let secret = |field, secret: &Option<Spanned<Secret>>| {
            let secret = secret.as_ref();
            secret.map(|secret| self.secret(field, secret)).transpose()
        };
        let certificates = table.root_certificates.as_ref();
        let certificates = certificates.map(|path| self.path("root_certificates", path));
        let settings = RedisSettings {
            url: url.get_ref().clone(),
            user: table.user.as_ref().map(|user| user.get_ref().clone()),
            password: secret("password", &table.password)?,
            root_certificates: certificates.transpose()?,
            dangerous_plain_tcp: table
                .dangerous_plain_tcp
                .as_ref()
                .is_some_and(|is| *is.get_ref()),
            naming_key: secret("naming_key", &table.naming_key)?,
        };
        match settings.check() {
            Ok(()) => Ok(settings),
            Err(advice) => Err(self.invalid("url", url.span(), advice)),
        }
    }

    fn secret(&self, field: &str, secret: &Spanned<Secret>) -> Checked<ConfiguredSource> {
        let source =
            ConfiguredSource::of(secret.get_ref().clone(), self.reading.folder(), self.vault);
        source.map_err(|problem| self.wrong(field, secret.span(), problem))
    }

    fn path(&self, field: &str, path: &Spanned<PathBuf>) -> Checked<PathBuf> {
        let meant = crate::source::meant(path.get_ref(), self.reading.folder());
        meant.map_err(|problem| self.wrong(field, path.span(), problem))
    }

    fn wrong(&self, field: &str, span: Range<usize>, problem: ConfigProblem) -> ConfigError {
        ConfigError::new(self.reading.place(format!("store.{field}"), span), problem)
    }

    fn invalid(&self, field: &str, span: Range<usize>, advice: Advice) -> ConfigError {
        ConfigError::invalid(self.reading.place(format!("store.{field}"), span), advice)
    }
}
