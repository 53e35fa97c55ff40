//! A store on a Redis server.

use std::sync::Arc;

use multi_auth::Transport;
use multi_auth_store::redis::{RedisStore, RedisStoreBuilder};
use multi_auth_store::{SealingKey, StoreError, StoreProblem};

use super::{RedisSettings, sealing_key, secret};
use crate::Advice;

/// 32 bytes in base64: a key that seals nothing, for checking the other settings.
const NO_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

impl RedisSettings {
    /// Checks the address.
    pub(crate) fn check(&self) -> Result<(), Advice> {
        let checked = SealingKey::from_base64(NO_KEY)
            .and_then(|key| self.builder(key))
            .and_then(RedisStoreBuilder::build);
        match checked {
            Ok(_) => Ok(()),
            Err(error) => Err(Advice::of(
                "is no address of a token store",
                format!("{}: {}", error.fact(), error.remedy()),
            )),
        }
    }

    pub(super) async fn connect(
        &self,
        key: SealingKey,
        transport: &Arc<dyn Transport>,
    ) -> Result<RedisStore, StoreError> {
        let mut builder = self.builder(key)?;
        if let Some(password) = &self.password {
            let what = "the password of the token store";
            builder = builder.password(secret(password, what, transport).await?);
        }
        if let Some(naming_key) = &self.naming_key {
            builder = builder.naming_key(sealing_key(naming_key, transport).await?);
        }
        if let Some(path) = &self.root_certificates {
            let pem = std::fs::read(path).map_err(|error| {
                StoreError::new(path.display().to_string(), StoreProblem::Io(error))
            })?;
            builder = builder.root_certificates(pem);
        }
        builder.build()
    }

    fn builder(&self, key: SealingKey) -> Result<RedisStoreBuilder, StoreError> {
        let mut builder = RedisStore::builder(&self.url, key)?;
        if let Some(user) = &self.user {
            builder = builder.user(user);
        }
        if self.dangerous_plain_tcp {
            builder = builder.dangerous_plain_tcp();
        }
        Ok(builder)
    }
}
