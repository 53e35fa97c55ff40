//! A keyring whose keys rotate with their sources, without a restart.

mod watch;
mod watched;

use std::sync::Arc;
use std::time::SystemTime;

use futures_util::future::join_all;
use multi_auth::{Authenticator, Keyring, Rotation, Transport};
use tokio::task::JoinHandle;

use self::watched::WatchedVendor;
use crate::vendor::together;
use crate::{Config, ConfigError, Vendor};

/// A keyring whose keys rotate when their sources change. Clones share it.
///
/// ```no_run
/// # async fn run(transport: impl multi_auth::Transport + 'static) -> Result<(), Box<dyn std::error::Error>> {
/// use multi_auth_config::Config;
///
/// let live = Config::read("multi-auth.toml")?.live_keyring(transport).await?;
/// tokio::spawn(live.clone().watch()); // until the program ends
/// let keyring = live.keyring();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct LiveKeyring {
    keyring: Keyring,
    vendors: Arc<[Arc<WatchedVendor>]>,
    transport: Arc<dyn Transport>,
}

impl Config {
    /// Builds a keyring as [`keyring`](Self::keyring) does. Its keys rotate when their sources
    /// change.
    ///
    /// # Errors
    ///
    /// As [`keyring`](Self::keyring).
    pub async fn live_keyring(
        &self,
        transport: impl Transport + 'static,
    ) -> Result<LiveKeyring, ConfigError> {
        let transport: Arc<dyn Transport> = Arc::new(transport);
        let mut builder = Keyring::builder();
        let parts = self.vendors().iter().flat_map(Vendor::parts);
        let started = parts.map(|part| Part::start(part, &transport));
        let parts = ConfigError::all(join_all(started).await)?;
        // The credentials of `also` come right after that of their entry.
        let mut started = parts.iter().map(Part::authenticator);
        for vendor in self.vendors() {
            let own = started.by_ref().take(vendor.parts().count());
            if let Some(own) = together(vendor, own) {
                builder = vendor.bind(builder, own)?;
            }
        }
        builder = self.bind_own(builder)?;
        let vendors: Vec<_> = parts.into_iter().filter_map(Part::watched).collect();
        Ok(LiveKeyring {
            keyring: builder.build(),
            vendors: vendors.into(),
            transport,
        })
    }
}

/// One credential of a vendor.
enum Part {
    /// Built from a key that follows its source.
    Watched(Arc<WatchedVendor>),
    /// An authenticator of the program.
    Own(Arc<dyn Authenticator>),
}

impl Part {
    async fn start(vendor: &Vendor, transport: &Arc<dyn Transport>) -> Result<Self, ConfigError> {
        if let Some(own) = vendor.own() {
            return own.map(Self::Own);
        }
        let watched = WatchedVendor::start(vendor, transport).await?;
        Ok(Self::Watched(Arc::new(watched)))
    }

    fn authenticator(&self) -> Arc<dyn Authenticator> {
        match self {
            Self::Watched(vendor) => Arc::new(vendor.rotating().clone()),
            Self::Own(own) => Arc::clone(own),
        }
    }

    fn watched(self) -> Option<Arc<WatchedVendor>> {
        match self {
            Self::Watched(vendor) => Some(vendor),
            Self::Own(_) => None,
        }
    }
}

impl LiveKeyring {
    /// The keyring. Its clones share the keys.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Each vendor's name and the state of its last rotation.
    pub fn rotations(&self) -> impl Iterator<Item = (&str, Rotation)> {
        let state = |watched: &WatchedVendor| watched.rotating().rotation();
        let vendors = self.vendors.iter();
        vendors.map(move |watched| (watched.vendor().name(), state(watched)))
    }

    /// Logs a warning for each key with less than 30, 7 and 1 days left, and an error for each
    /// expired key, each once. Returns the vendors that it logged, with the whole days left.
    pub async fn warn_of_expiry(&self, now: SystemTime) -> Vec<(String, i64)> {
        let mut warned = Vec::new();
        for watched in &*self.vendors {
            warned.extend(watched.warn(now).await);
        }
        warned
    }

    /// Reads all sources once, concurrently. A key that has changed goes on trial (see
    /// [`Rotating`](multi_auth::Rotating)). Returns an error for each source that gives no key or
    /// an invalid one: its old key stays in use. New errors are logged too.
    pub async fn refresh(&self) -> Vec<ConfigError> {
        self.refresh_if(|_| true).await
    }

    async fn refresh_if(&self, is_due: fn(&Vendor) -> bool) -> Vec<ConfigError> {
        let due = self.vendors.iter().filter(|one| is_due(one.vendor()));
        let looks: Vec<_> = due
            .map(|watched| (watched, self.look_at(watched)))
            .collect();
        let mut errors = Vec::new();
        for (watched, look) in looks {
            // A panic in a user's source is caught.
            let looked = match look.await {
                Ok(looked) => looked,
                Err(_) => watched.panicked().await,
            };
            errors.extend(looked.err());
        }
        errors
    }

    fn look_at(&self, watched: &Arc<WatchedVendor>) -> JoinHandle<Result<(), ConfigError>> {
        let (watched, transport) = (Arc::clone(watched), Arc::clone(&self.transport));
        tokio::spawn(async move { watched.refresh(&transport).await })
    }
}
