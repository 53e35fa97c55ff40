//! The configuration: reads the file, checks it and builds a keyring.

pub(crate) mod access;
mod proxy;
mod store;
mod vault;

use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;
use multi_auth::{Account, Authenticator, Keyring, KeyringBuilder, ProtectionSpace, Transport};
use multi_auth_store::StoreError;

use crate::catalogue::Catalogue;
use crate::environment;
use crate::placeholder::{self, Placeholder};
use crate::proxy::ProxySettings;
use crate::reading::Reading;
use crate::store::{OpenedStore, StoreSettings};
use crate::vendor::Shared;
use crate::{Advice, ConfigError, ConfigLocation, ConfigProblem, SecretSource, Vendor};

/// A checked configuration. It holds no secrets: [`keyring`](Self::keyring) reads them.
#[derive(Clone, Debug)]
pub struct Config {
    vendors: Vec<Vendor>,
    bindings: Vec<Binding>,
    store: Option<StoreSettings>,
    proxy: Option<ProxySettings>,
    /// Whether the text itself holds a secret.
    has_secret: bool,
    /// The environment variables that hold a secret.
    secret_variables: Vec<String>,
}

/// A binding that the program adds.
#[derive(Clone, Debug)]
struct Binding {
    space: ProtectionSpace,
    authenticator: Arc<dyn Authenticator>,
}

impl Config {
    /// Reads the file at `path`, and the overrides in this process's environment.
    ///
    /// # Errors
    ///
    /// [`ConfigProblem::Unreadable`] if the file cannot be read. [`ConfigProblem::Invalid`], with
    /// line and field, if it is invalid or two vendors have the same protection space. On Unix also
    /// if it is not a regular file, is longer than 1 MiB, or if another user can change or replace
    /// it. A pipe that this process was started with, such as `/dev/stdin` or `/dev/fd/63`, is read
    /// too.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        Self::read_with(path, &Catalogue::embedded())
    }

    /// As [`read`](Self::read), with the presets of `catalogue`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_with(path: impl AsRef<Path>, catalogue: &Catalogue) -> Result<Self, ConfigError> {
        let file = path.as_ref().display().to_string();
        let wrong = |problem| ConfigError::new(ConfigLocation::whole(&*file), problem);
        let read = access::read(path.as_ref()).map_err(wrong)?;
        let config = Self::parse_with(&read.text, &file, environment::variables(), catalogue)?;
        read.refuse_readers(config.has_secret).map_err(wrong)?;
        Ok(config)
    }

    /// Reads the configuration in `text`, with the overrides in `variables`. Errors name `file`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn parse(
        text: &str,
        file: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        Self::parse_with(text, file, variables, &Catalogue::embedded())
    }

    /// As [`parse`](Self::parse), with the presets of `catalogue`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn parse_with(
        text: &str,
        file: &str,
        variables: impl IntoIterator<Item = (String, String)>,
        catalogue: &Catalogue,
    ) -> Result<Self, ConfigError> {
        let (reading, document, wrong) = Reading::new(text, file, variables, catalogue)?;
        let has_secret = document.has_secret();
        let secret_variables = document.secret_variables();
        let vault = document.vault.map(|vault| vault::check(&vault, &reading));
        let vault = vault.transpose()?;
        let store = document
            .store
            .map(|store| store::check(&store, &reading, vault.as_ref()));
        let store = store.transpose()?;
        let shared = Shared {
            vault,
            store: store.clone(),
        };
        let vendors = document
            .vendors
            .into_iter()
            .map(|(name, entry)| Vendor::check(name, entry, &reading, &shared));
        let vendors = ConfigError::all(wrong.into_iter().map(Err).chain(vendors))?;
        refuse_shared_protection_spaces(&vendors)?;
        let proxy = document.proxy.as_ref();
        let proxy = proxy.map(|proxy| proxy::check(proxy, &reading, &vendors));
        Ok(Self {
            vendors,
            bindings: Vec::new(),
            store,
            proxy: proxy.transpose()?,
            has_secret,
            secret_variables,
        })
    }

    /// The vendors, sorted by name.
    #[must_use]
    pub fn vendors(&self) -> &[Vendor] {
        &self.vendors
    }

    /// The settings of the table `proxy`, if the file has one.
    #[must_use]
    pub fn proxy(&self) -> Option<&ProxySettings> {
        self.proxy.as_ref()
    }

    /// The names of the environment variables that hold a secret of the file, and of those that its
    /// commands read. A program that starts another one without keys removes them.
    #[must_use]
    pub fn secret_variables(&self) -> &[String] {
        &self.secret_variables
    }

    /// The vendor whose credential a request to `url` carries, for `account` if it is given.
    #[must_use]
    pub fn vendor_for(&self, url: &str, account: Option<&Account>) -> Option<&Vendor> {
        let mut vendors = self.vendors.iter().enumerate();
        let bind = |builder, (at, vendor): (usize, &Vendor)| vendor.bind(builder, Placeholder(at));
        // No two share a protection space: this was checked when they were read.
        let builder = vendors.try_fold(Keyring::builder(), bind).ok()?;
        let stand_in = |builder: KeyringBuilder, binding: &Binding| {
            builder.bind(binding.space.clone(), Placeholder(usize::MAX))
        };
        let mut bindings = self.bindings.iter();
        let keyring = bindings.try_fold(builder, stand_in).ok()?.build();
        let at = placeholder::number(&keyring, url, account)?;
        self.vendors.get(at)
    }

    /// Makes each vendor request its own tokens instead of sharing them through the store. Refresh
    /// tokens stay in the store.
    #[must_use]
    pub fn without_shared_tokens(mut self) -> Self {
        for vendor in &mut self.vendors {
            vendor.do_not_share_tokens();
        }
        self
    }

    /// Checks that the store of the file can be read and written, and that other processes seal
    /// with the same key. Returns `None` if the file has no store. Secrets are read through
    /// `transport`.
    ///
    /// # Errors
    ///
    /// Why it cannot be used.
    pub async fn check_store(
        &self,
        transport: impl Transport + 'static,
    ) -> Option<Result<(), StoreError>> {
        let transport: Arc<dyn Transport> = Arc::new(transport);
        Some(self.store.as_ref()?.check(&transport).await)
    }

    /// Keeps only the vendors for which `is_wanted` returns `true`.
    #[must_use]
    pub fn with_only(mut self, is_wanted: impl Fn(&Vendor) -> bool) -> Self {
        self.vendors.retain(is_wanted);
        self
    }

    /// Provides the source that the file names `{ own = "name" }`, for keys and for Vault's token.
    ///
    /// # Errors
    ///
    /// If no key of the file uses a source with this `name`.
    pub fn with_source(
        mut self,
        name: &str,
        source: impl SecretSource + 'static,
    ) -> Result<Self, ConfigError> {
        let source: Arc<dyn SecretSource> = Arc::new(source);
        let mut taken = 0;
        for vendor in &mut self.vendors {
            taken += usize::from(vendor.give(name, &source));
        }
        if let Some(store) = &mut self.store
            && store.give(name, &source)
        {
            taken += 1;
            // A clone of this configuration may have opened its store with another source.
            let opened = OpenedStore::default();
            store.reopen_in(&opened);
            for vendor in &mut self.vendors {
                vendor.reopen_store_in(&opened);
            }
        }
        if taken == 0 {
            let advice = Advice::of(
                format!("gives the source {name:?}, which no key uses"),
                "write key = { own = \"name\" } with that name in the file, or remove this source",
            );
            return Err(ConfigError::invalid(program(), advice));
        }
        Ok(self)
    }

    /// Provides the authenticator that the file names `scheme = { own = "name" }`.
    ///
    /// # Errors
    ///
    /// If no vendor of the file uses an authenticator with this `name`.
    pub fn with_authenticator(
        mut self,
        name: &str,
        authenticator: impl Authenticator + 'static,
    ) -> Result<Self, ConfigError> {
        let authenticator: Arc<dyn Authenticator> = Arc::new(authenticator);
        let mut taken = 0;
        for vendor in &mut self.vendors {
            taken += usize::from(vendor.give_authenticator(name, &authenticator));
        }
        if taken == 0 {
            let advice = Advice::of(
                format!("gives the authenticator {name:?}, which no vendor names"),
                format!(
                    "write scheme = {{ own = {name:?} }} in a vendor's table, or remove this authenticator"
                ),
            );
            return Err(ConfigError::invalid(program(), advice));
        }
        Ok(self)
    }

    /// The vendor with this name in the file.
    #[must_use]
    pub fn vendor(&self, name: &str) -> Option<&Vendor> {
        self.vendors.iter().find(|vendor| vendor.name() == name)
    }

    /// Adds a binding to those of the file. Every keyring of this configuration has it.
    ///
    /// # Errors
    ///
    /// If a vendor of the file or an earlier binding has the same protection space. The error names
    /// both.
    pub fn with_binding(
        mut self,
        space: ProtectionSpace,
        authenticator: impl Authenticator + 'static,
    ) -> Result<Self, ConfigError> {
        let is_taken_by = |others: &[ProtectionSpace]| {
            let both = others.iter().chain([&space]).cloned();
            Keyring::builder().bind_all(both, Placeholder(0)).is_err()
        };
        let mut vendors = self.vendors.iter();
        let twice =
            if let Some(vendor) = vendors.find(|vendor| is_taken_by(vendor.protection_spaces())) {
                let name = vendor.name();
                Some(format!(
                    "binds {space}, which is the protection space of vendors.{name} too"
                ))
            } else {
                let mut bindings = self.bindings.iter();
                let is_bound = bindings.any(|own| is_taken_by(std::slice::from_ref(&own.space)));
                is_bound.then(|| format!("already binds {space}"))
            };
        if let Some(fact) = twice {
            return Err(ConfigError::invalid(program(), Advice::of(fact, APART)));
        }
        self.bindings.push(Binding {
            space,
            authenticator: Arc::new(authenticator),
        });
        Ok(self)
    }

    /// Reads each key from its source and binds its credential. Token requests and requests to
    /// Vault go through `transport`.
    ///
    /// # Errors
    ///
    /// [`ConfigProblem::Secret`] if a key cannot be read, [`ConfigProblem::Vendor`] if it has the
    /// wrong format, [`ConfigProblem::Invalid`] if an authenticator of the program was not given.
    pub async fn keyring(
        &self,
        transport: impl Transport + 'static,
    ) -> Result<Keyring, ConfigError> {
        let transport: Arc<dyn Transport> = Arc::new(transport);
        let made = self.each(|vendor| vendor.read_all(&transport)).await?;
        let mut builder = Keyring::builder();
        for (vendor, made) in self.vendors.iter().zip(made) {
            builder = vendor.bind(builder, made)?;
            vendor.parts().for_each(|part| part.report_expiry(true));
        }
        Ok(self.bind_own(builder)?.build())
    }
}

const APART: &str = "remove one, or give one a path in its URL or an account";

fn program() -> ConfigLocation {
    ConfigLocation::whole("the program")
}

impl Config {
    /// Adds the bindings of the program to `builder`.
    pub(crate) fn bind_own(&self, builder: KeyringBuilder) -> Result<KeyringBuilder, ConfigError> {
        let mut bindings = self.bindings.iter();
        let bound = bindings.try_fold(builder, |builder, binding| {
            builder.bind(binding.space.clone(), Arc::clone(&binding.authenticator))
        });
        bound.map_err(|error| ConfigError::new(program(), ConfigProblem::Vendor(error)))
    }

    /// Runs `make` for all vendors concurrently.
    pub(crate) async fn each<'c, T, F>(
        &'c self,
        make: impl Fn(&'c Vendor) -> F,
    ) -> Result<Vec<T>, ConfigError>
    where
        F: Future<Output = Result<T, ConfigError>>,
    {
        ConfigError::all(join_all(self.vendors.iter().map(make)).await)
    }
}

/// Refuses two vendors with the same protection space, before any key is read.
fn refuse_shared_protection_spaces(vendors: &[Vendor]) -> Result<(), ConfigError> {
    let bind = |builder, vendor: &Vendor| vendor.bind(builder, Placeholder(0));
    let mut builder = Keyring::builder();
    for (at, vendor) in vendors.iter().enumerate() {
        builder = bind(builder, vendor).map_err(|error| {
            let is_shared = |other: &&Vendor| {
                let mut both = [*other, vendor].into_iter();
                both.try_fold(Keyring::builder(), bind).is_err()
            };
            let other = vendors.iter().take(at).find(is_shared);
            other.map_or(error, |other| vendor.shares_space_with(other))
        })?;
    }
    Ok(())
}
