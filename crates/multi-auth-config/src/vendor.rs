//! One vendor's entry, checked.

mod check;
mod schemes;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use multi_auth::{AuthError, Authenticator, KeyringBuilder, Scope, SecretString, Transport};

use crate::document::{Format, Secret};
use crate::{
    CommandSource, ConfigError, ConfigProblem, EnvSource, FileSource, Place, SecretSource, scheme,
};

/// A vendor of a configuration: where its credential goes, and where its key comes from.
#[derive(Clone, Debug)]
pub struct Vendor {
    name: String,
    scopes: Vec<Scope>,
    pub(crate) scheme: Scheme,
    pub(crate) expires_at: Option<SystemTime>,
    source: Arc<dyn SecretSource>,
    /// The file that holds its key, if one does.
    file: Option<PathBuf>,
    places: Places,
}

/// Where it stands in the file.
#[derive(Clone, Debug)]
struct Places {
    entry: Place,
    key: Place,
}

/// How its credential is made of the key.
#[derive(Clone, Debug)]
pub(crate) enum Scheme {
    /// `user:pass`.
    Pair,
    /// The password of this user.
    Password(String),
    Placed(multi_auth::Placement),
    AlphamoonKey(multi_auth::Alphamoon),
    AlphamoonProcessKey(multi_auth::Alphamoon),
    Immuta(multi_auth::Immuta),
    ImmutaRawKey(multi_auth::Immuta),
    Exchange(Box<Exchange>),
}

#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) url: String,
    pub(crate) format: Format,
    pub(crate) key_field: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) token_at: Option<String>,
    pub(crate) expires_in: Option<String>,
    pub(crate) expires_at: Option<String>,
    pub(crate) placement: multi_auth::Placement,
}

/// People put secrets into the fields of a body, whatever they are told.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("url", &self.url)
            .field("key_field", &self.key_field)
            .finish_non_exhaustive()
    }
}

impl Vendor {
    /// Its name in the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its credential may go.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// When the vendor will stop accepting its key, if the file says so.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Where its key comes from.
    #[must_use]
    pub fn source(&self) -> &dyn SecretSource {
        &*self.source
    }

    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The key as its source has it now.
    pub(crate) async fn read_secret(&self) -> Result<SecretString, ConfigError> {
        let secret = self.source.read().await;
        secret.map_err(|problem| {
            ConfigError::new(self.places.key.clone(), ConfigProblem::Secret(problem))
        })
    }

    /// What puts the key `secret`, or the token for it, on requests.
    pub(crate) fn authenticator(
        &self,
        secret: SecretString,
        transport: &Arc<dyn Transport>,
    ) -> Result<Arc<dyn Authenticator>, ConfigError> {
        let made = scheme::authenticator(self, secret, transport);
        let made = made.map_err(|problem| self.error(problem))?;
        self.report_expiry();
        Ok(made)
    }

    /// `builder` with `authenticator` bound to its scopes.
    pub(crate) fn bind(
        &self,
        builder: KeyringBuilder,
        authenticator: impl Authenticator + 'static,
    ) -> Result<KeyringBuilder, ConfigError> {
        let bound = builder.bind_all(self.scopes.iter().cloned(), authenticator);
        bound.map_err(|problem| self.error(problem))
    }

    /// What the key, or the entry as a whole, has wrong.
    fn error(&self, problem: AuthError) -> ConfigError {
        let place = match problem {
            AuthError::Secret { .. } => &self.places.key,
            _ => &self.places.entry,
        };
        ConfigError::new(place.clone(), ConfigProblem::Vendor(problem))
    }
}

/// Where `secret` says that the key is.
fn source(secret: Secret) -> Result<Arc<dyn SecretSource>, &'static str> {
    Ok(match secret {
        Secret::Env(name) => Arc::new(EnvSource::new(name)),
        Secret::File(path) => Arc::new(FileSource::new(path)),
        Secret::Command(words) => {
            let mut words = words.into_iter();
            let program = words
                .next()
                .ok_or("name the program, as in { command = [\"pass\", \"show\", \"vendor\"] }")?;
            if program.contains(char::is_whitespace) {
                return Err(
                    "has a space in its program: write each word apart, as in { command = [\"pass\", \"show\", \"vendor\"] }",
                );
            }
            Arc::new(CommandSource::new(program, words))
        }
        Secret::DangerousInline(secret) => Arc::new(secret),
    })
}
