//! The checked entry of one vendor.

mod also;
mod azure;
mod base_url;
mod check;
mod credential;
mod digest;
mod dpop;
mod entry;
mod headers;
mod hmac;
mod http_signature;
mod jwt;
mod login;
mod oauth;
mod oauth1;
mod refusal;
mod schemes;
mod sigv4;
mod token;
mod token_endpoint;
mod unused;
mod verify;
mod wrapping;

pub(crate) use self::also::together;
pub(crate) use self::check::Shared;
pub use self::credential::VendorCredential;
pub use self::login::{Login, LoginEndpoints};
pub use self::refusal::Refusal;

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use futures_util::future::join_all;
use multi_auth::{
    Account, AuthError, Authenticator, ConstantHeaders, InputProblem, Keyring, KeyringBuilder,
    ProtectionSpace, SecretString, Transport,
};
use url::Url;

use crate::scheme::{CredentialSettings, Scheme, Secrets, VendorAuthenticator};
use crate::source::{ConfiguredSource, Constant};
use crate::store::{OpenedStore, StoreSettings};
use crate::{
    Advice, ConfigError, ConfigLocation, ConfigProblem, SecretSource, SourceError, SourceProblem,
};

/// A vendor of a configuration: where its key comes from, and where its credential may go.
#[derive(Clone, Debug)]
pub struct Vendor {
    pub(crate) credential: CredentialSettings,
    spaces: Vec<ProtectionSpace>,
    account: Option<Account>,
    /// The URL that verifies the credential.
    verification: Option<String>,
    has_own_verification: bool,
    /// The path that verifies the credential, below the base URL that the token response names.
    path_below_base_url: Option<String>,
    /// Where its key comes from. An authenticator of the program has none.
    source: Option<ConfiguredSource>,
    /// What it sends in place of a key.
    constant: Option<Constant>,
    /// The secrets that it needs besides the key.
    others: Vec<OtherSecret>,
    places: Locations,
    /// The second credential.
    also: Option<Box<Vendor>>,
}

/// A secret of the table `secrets`, or the key of `dpop`.
#[derive(Clone, Debug)]
struct OtherSecret {
    name: String,
    source: ConfiguredSource,
    place: ConfigLocation,
}

/// Where the entry and its key are in the file.
#[derive(Clone, Debug)]
struct Locations {
    entry: ConfigLocation,
    key: ConfigLocation,
}

impl Vendor {
    /// Its name in the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.credential.name
    }

    /// The protection spaces of its credential.
    #[must_use]
    pub fn protection_spaces(&self) -> &[ProtectionSpace] {
        &self.spaces
    }

    /// Returns the base URL that its token response names, if the file has `base_url`. `keyring` is
    /// one of this configuration.
    ///
    /// # Errors
    ///
    /// Why no token was obtained.
    pub async fn base_url(&self, keyring: &Keyring) -> Result<Option<Url>, AuthError> {
        match self.spaces.first() {
            Some(space) => keyring.base_url(space).await,
            None => Ok(None),
        }
    }

    /// The customer whose credential it is, if the vendor has several.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// The URL to request with GET to verify the credential, if there is one. If the token response
    /// names the base URL, see [`VendorCredential::verification`].
    #[must_use]
    pub fn verification(&self) -> Option<&str> {
        self.verification.as_deref()
    }

    /// Whether the file sets that URL with `verify`.
    #[must_use]
    pub fn has_own_verification(&self) -> bool {
        self.has_own_verification
    }

    /// The header fields that the vendor requires besides the credential, as in `headers = {
    /// user-agent = "acme/1" }`.
    ///
    /// Its token requests send them. The keyring does not add them to other requests: take them
    /// from here.
    #[must_use]
    pub fn headers(&self) -> &ConstantHeaders {
        &self.credential.headers
    }

    /// The expiry of its key, if the file has one; with two keys, the earlier expiry.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.parts()
            .filter_map(|part| part.credential.expires_at)
            .min()
    }

    /// What each of its credentials sends, with `****` for a secret, as in `Authorization: Bearer
    /// ****`. For an authenticator of the program it is not known.
    #[must_use]
    pub fn sends(&self) -> Vec<String> {
        self.parts().flat_map(Self::sends_alone).collect()
    }

    fn sends_alone(&self) -> Vec<String> {
        let mut shown = self.credential.scheme.sends();
        if let Some(constant) = &self.constant {
            let value = constant.value();
            shown = shown
                .iter()
                .map(|text| text.replace("****", value))
                .collect();
        }
        shown
    }

    /// Whether its tokens are kept in the table `store`: a person logs in.
    #[must_use]
    pub fn needs_login(&self) -> bool {
        self.credential.scheme.needs_login()
    }

    /// Describes where its key comes from, as in "the file /run/secrets/reports". It holds no
    /// secret.
    #[must_use]
    pub fn origin_of_key(&self) -> &str {
        const OWN: &str = "the program's own authenticator";
        self.source.as_ref().map_or(OWN, ConfiguredSource::origin)
    }

    /// The name of its authenticator in the program, for `scheme = { own = "name" }`.
    #[must_use]
    pub fn own_authenticator(&self) -> Option<&str> {
        match &self.credential.scheme {
            Scheme::Own(own) => Some(&own.name),
            _ => None,
        }
    }

    /// Uses `authenticator` wherever the file names it `name`. Returns whether the file does.
    pub(crate) fn give_authenticator(
        &mut self,
        name: &str,
        authenticator: &Arc<dyn Authenticator>,
    ) -> bool {
        let also = self.also.as_mut();
        let also = also.is_some_and(|also| also.give_authenticator(name, authenticator));
        match &mut self.credential.scheme {
            Scheme::Own(own) => own.give(name, authenticator) || also,
            _ => also,
        }
    }

    /// The authenticator that the program provides, if the file names one.
    pub(crate) fn own(&self) -> Option<Result<Arc<dyn Authenticator>, ConfigError>> {
        let Scheme::Own(own) = &self.credential.scheme else {
            return None;
        };
        let missing = |advice| ConfigError::invalid(self.places.key.clone(), advice);
        Some(own.authenticator().map_err(missing))
    }

    /// Uses `source` wherever the file names it `name`. Returns whether the file does.
    pub(crate) fn give(&mut self, name: &str, source: &Arc<dyn SecretSource>) -> bool {
        let also = self
            .also
            .as_mut()
            .is_some_and(|also| also.give(name, source));
        let own = self.source.as_mut();
        let own = own.is_some_and(|own| own.give(name, source));
        let others = self.others.iter_mut();
        let others = others.fold(false, |given, other| {
            other.source.give(name, source) | given
        });
        let stores = self.stores_mut();
        let store = stores.fold(false, |given, store| store.give(name, source) | given);
        own | others | store | also
    }

    /// The store of the tokens that processes share, and that of a person's login.
    fn stores_mut(&mut self) -> impl Iterator<Item = &mut StoreSettings> {
        let CredentialSettings { shared, scheme, .. } = &mut self.credential;
        let shared = shared.as_mut().map(|shared| &mut shared.store);
        shared.into_iter().chain(scheme.store_mut())
    }

    pub(crate) fn do_not_share_tokens(&mut self) {
        self.credential.shared = None;
        if let Some(also) = &mut self.also {
            also.do_not_share_tokens();
        }
    }

    pub(crate) fn reopen_store_in(&mut self, opened: &OpenedStore) {
        for store in self.stores_mut() {
            store.reopen_in(opened);
        }
        if let Some(also) = &mut self.also {
            also.reopen_store_in(opened);
        }
    }

    /// The files that hold its secrets.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        let others = self.others.iter().map(|other| &other.source);
        let sources = self.source.iter().chain(others);
        sources.filter_map(ConfiguredSource::file)
    }

    /// Reads the key from its source. Requests to Vault go through `transport`.
    ///
    /// # Errors
    ///
    /// [`ConfigProblem::Secret`] if it cannot be read.
    pub async fn read_secret(
        &self,
        transport: &Arc<dyn Transport>,
    ) -> Result<SecretString, ConfigError> {
        let Some(source) = &self.source else {
            return Err(self.error(AuthError::NotReady));
        };
        let secret = source.read(transport).await;
        secret.map_err(|problem| {
            ConfigError::new(self.places.key.clone(), ConfigProblem::Secret(problem))
        })
    }

    /// Reads the key and the other secrets.
    pub(crate) async fn read_secrets(
        &self,
        transport: &Arc<dyn Transport>,
    ) -> Result<Secrets, ConfigError> {
        let others = self.others.iter().map(|other| async {
            let secret = other.source.read(transport).await;
            let secret = secret.map_err(|problem| {
                ConfigError::new(other.place.clone(), ConfigProblem::Secret(problem))
            })?;
            Ok((other.name.clone(), secret))
        });
        let (key, others) = tokio::join!(self.read_secret(transport), join_all(others));
        Ok(Secrets {
            key: key?,
            others: ConfigError::all(others)?.into_iter().collect(),
        })
    }

    /// Reads the secrets and builds the authenticator.
    pub(crate) async fn read(
        &self,
        transport: &Arc<dyn Transport>,
    ) -> Result<(Secrets, Arc<dyn Authenticator>), ConfigError> {
        let secrets = self.read_secrets(transport).await?;
        let made = self.authenticator(secrets.clone(), transport)?;
        Ok((secrets, made))
    }

    /// The error for a key that cannot be read.
    pub(crate) fn unread(&self, problem: SourceProblem) -> ConfigError {
        let problem = SourceError::new(self.origin_of_key(), problem);
        ConfigError::new(self.places.key.clone(), ConfigProblem::Secret(problem))
    }

    /// Builds the authenticator of `secrets`.
    pub(crate) fn authenticator(
        &self,
        secrets: Secrets,
        transport: &Arc<dyn Transport>,
    ) -> Result<Arc<dyn Authenticator>, ConfigError> {
        self.made(secrets, transport).map(|made| made.authenticator)
    }

    fn made(
        &self,
        secrets: Secrets,
        transport: &Arc<dyn Transport>,
    ) -> Result<VendorAuthenticator, ConfigError> {
        let dpop = self.dpop(&secrets)?;
        let made = self
            .credential
            .authenticator(secrets, dpop.as_ref(), transport);
        made.map_err(|problem| self.error(problem))
    }

    /// As [`authenticator`](Self::authenticator), for a newer key. The expiry in the file belongs
    /// to the first one.
    pub(crate) fn newer_authenticator(
        &self,
        secrets: Secrets,
        transport: &Arc<dyn Transport>,
    ) -> Result<Arc<dyn Authenticator>, ConfigError> {
        let mut undated = self.clone();
        undated.credential.expires_at = None;
        undated.authenticator(secrets, transport)
    }

    /// Binds `authenticator` to its protection spaces.
    pub(crate) fn bind(
        &self,
        builder: KeyringBuilder,
        authenticator: impl Authenticator + 'static,
    ) -> Result<KeyringBuilder, ConfigError> {
        let bound = builder.bind_all(self.spaces.iter().cloned(), authenticator);
        bound.map_err(|problem| self.error(problem))
    }

    /// The error for a protection space that `other` has too.
    pub(crate) fn shares_space_with(&self, other: &Self) -> ConfigError {
        let problem = format!("has the same protection space as vendors.{}", other.name());
        let remedy = "remove one, or give one a path in `url` or an `account`";
        ConfigError::invalid(self.places.entry.clone(), Advice::of(problem, remedy))
    }

    /// Adds the position of the key, or of the entry, to `problem`.
    pub(crate) fn error(&self, problem: AuthError) -> ConfigError {
        let place = match problem {
            AuthError::Invalid(InputProblem::Secret { .. }) => &self.places.key,
            _ => &self.places.entry,
        };
        ConfigError::new(place.clone(), ConfigProblem::Vendor(problem))
    }
}
