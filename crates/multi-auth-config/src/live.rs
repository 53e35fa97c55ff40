//! A keyring whose keys follow their sources: a changed file is taken up with no restart.

mod watch;

use std::sync::Arc;
use std::time::SystemTime;

use multi_auth::{Keyring, Rotating, Rotation, SecretString, Transport};
use secrecy::ExposeSecret;

use crate::expiry::Nearness;
use crate::{Config, ConfigError, Vendor};

/// A keyring, and what keeps its keys as their sources have them.
///
/// ```no_run
/// # async fn run(transport: impl multi_auth::Transport + 'static) -> Result<(), Box<dyn std::error::Error>> {
/// use multi_auth_config::Config;
///
/// let live = Config::read("multi-auth.toml")?.live(transport).await?;
/// let keyring = live.keyring().clone();
/// tokio::spawn(live.watch()); // until the program ends
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Live {
    keyring: Keyring,
    vendors: Vec<Followed>,
    transport: Arc<dyn Transport>,
}

/// A vendor whose key is followed.
#[derive(Debug)]
struct Followed {
    vendor: Vendor,
    secret: SecretString,
    rotating: Rotating,
    /// Of what nearness of its end a warning was given.
    warned: Nearness,
}

impl Config {
    /// As [`keyring`](Self::keyring), with keys that follow their sources.
    ///
    /// # Errors
    ///
    /// As [`keyring`](Self::keyring).
    pub async fn live(&self, transport: impl Transport + 'static) -> Result<Live, ConfigError> {
        let transport: Arc<dyn Transport> = Arc::new(transport);
        let mut builder = Keyring::builder();
        let mut vendors = Vec::new();
        for vendor in self.vendors() {
            let followed = Followed::start(vendor, &transport).await?;
            builder = vendor.bind(builder, followed.rotating.clone())?;
            vendors.push(followed);
        }
        Ok(Live {
            keyring: builder.build(),
            vendors,
            transport,
        })
    }
}

impl Live {
    /// The keyring, whose clones share the keys.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Each vendor's name, and how far its last rotation has come.
    pub fn rotations(&self) -> impl Iterator<Item = (&str, Rotation)> {
        let state = |followed: &Followed| followed.rotating.rotation();
        let vendors = self.vendors.iter();
        vendors.map(move |followed| (followed.vendor.name(), state(followed)))
    }

    /// Warns of keys that end within 30, 7 and 1 days, and of those that have ended, each time once. The answer names those
    /// that it warned of, with the whole days left.
    pub fn warn_of_expiry(&mut self, now: SystemTime) -> Vec<(String, i64)> {
        let warned = self
            .vendors
            .iter_mut()
            .filter_map(|followed| followed.warn(now));
        warned.collect()
    }

    /// Looks at every source once. A key that has changed is put in place on trial (see [`Rotating`]); where a source gives
    /// none, or one of the wrong form, the key that serves goes on serving, and the answer tells why. It is logged too.
    pub async fn refresh(&mut self) -> Vec<ConfigError> {
        self.refresh_if(|_| true).await
    }

    async fn refresh_if(&mut self, is_due: fn(&Vendor) -> bool) -> Vec<ConfigError> {
        let mut errors = Vec::new();
        let vendors = self.vendors.iter_mut();
        for followed in vendors.filter(|followed| is_due(&followed.vendor)) {
            if let Err(error) = followed.refresh(&self.transport).await {
                tracing::warn!(name: "multi_auth.key.not_followed", %error, "a key cannot be followed: the one that serves goes on serving");
                errors.push(error);
            }
        }
        errors
    }
}

impl Followed {
    async fn start(vendor: &Vendor, transport: &Arc<dyn Transport>) -> Result<Self, ConfigError> {
        let secret = vendor.read_secret().await?;
        let first = vendor.authenticator(secret.clone(), transport)?;
        Ok(Self {
            vendor: vendor.clone(),
            rotating: Rotating::new(first).with_label(vendor.name()),
            warned: Nearness::Far,
            secret,
        })
    }

    fn warn(&mut self, now: SystemTime) -> Option<(String, i64)> {
        let days_left = self.vendor.days_left(now)?;
        let nearness = Nearness::of(days_left);
        let is_nearer = nearness > self.warned;
        self.warned = nearness;
        if !is_nearer {
            return None;
        }
        let vendor = self.vendor.name();
        if nearness == Nearness::Ended {
            tracing::error!(
                name: "multi_auth.key.ended",
                vendor,
                days_left,
                "a key has ended: create a new one with the vendor"
            );
        } else {
            tracing::warn!(
                name: "multi_auth.key.ends_soon",
                vendor,
                days_left,
                "a key ends soon: create a new one with the vendor"
            );
        }
        Some((vendor.to_owned(), days_left))
    }

    async fn refresh(&mut self, transport: &Arc<dyn Transport>) -> Result<(), ConfigError> {
        let secret = self.vendor.read_secret().await?;
        if secret.expose_secret() == self.secret.expose_secret() {
            return Ok(());
        }
        // The date in the file was that of the key before.
        self.vendor.expires_at = None;
        let newer = self.vendor.authenticator(secret.clone(), transport)?;
        self.rotating.rotate(newer);
        self.secret = secret;
        Ok(())
    }
}
