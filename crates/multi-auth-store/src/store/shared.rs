//! A pointer to a store is a store.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{Acquired, Lease, Leased, Published, Stored, TokenStore, Wanted};
use crate::{Refusals, StoreError, StoreKey, StoredTokens};

#[async_trait]
impl<T: TokenStore + ?Sized> TokenStore for Arc<T> {
    async fn load(&self, key: &StoreKey) -> Result<Stored, StoreError> {
        (**self).load(key).await
    }

    async fn lease(&self, key: &StoreKey, limit: Duration) -> Result<Leased, StoreError> {
        (**self).lease(key, limit).await
    }

    async fn acquire(
        &self,
        key: &StoreKey,
        wanted: &Wanted,
        limit: Duration,
    ) -> Result<Acquired, StoreError> {
        (**self).acquire(key, wanted, limit).await
    }

    async fn extend(&self, lease: &Lease, limit: Duration) -> Result<bool, StoreError> {
        (**self).extend(lease, limit).await
    }

    async fn publish(
        &self,
        lease: &Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        (**self).publish(lease, expected, tokens).await
    }

    async fn publish_and_release(
        &self,
        lease: Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        (**self).publish_and_release(lease, expected, tokens).await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        (**self).release(lease).await
    }

    async fn pause(&self, lease: Lease, pause: Duration) -> Result<(), StoreError> {
        (**self).pause(lease, pause).await
    }

    fn refusals(&self, key: &StoreKey) -> Option<Refusals> {
        (**self).refusals(key)
    }
}
