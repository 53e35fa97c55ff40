//! Events and metrics of shared tokens. No label holds an account.
//!
//! Without the feature `metrics`, only the events are reported.

use std::time::Duration;

use crate::{StoreError, StoreKey};

/// Where a token that a process did not have came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Another process had stored it.
    Store,
    /// A token request under the lease.
    Request,
    /// A token request without the store, which did not answer.
    RequestWithoutStore,
}

impl Origin {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Request => "request",
            Self::RequestWithoutStore => "request_without_store",
        }
    }
}

/// Reports that a process has a token that it did not have.
pub(crate) fn obtained(key: &StoreKey, origin: Origin) {
    let (vendor, from) = (key.vendor(), origin.label());
    tracing::debug!(name: "multi_auth.store.token", vendor, from, "a token was obtained");
    #[cfg(feature = "metrics")]
    metrics::count(
        "multi_auth_store_tokens_total",
        vendor,
        Some(("from", from)),
    );
}

/// Reports how long a process waited for the lease of another one.
pub(crate) fn waited(key: &StoreKey, waited: Duration) {
    let vendor = key.vendor();
    tracing::debug!(name: "multi_auth.store.waited", vendor, ?waited, "another process held the lease");
    #[cfg(feature = "metrics")]
    metrics::waited(vendor, waited);
}

/// Reports that a process took a lease whose earlier holder stored no token.
pub(crate) fn taken_over(key: &StoreKey) {
    let vendor = key.vendor();
    tracing::info!(name: "multi_auth.store.taken_over", vendor, "the lease of another process ended without a token");
    #[cfg(feature = "metrics")]
    metrics::count("multi_auth_store_takeovers_total", vendor, None);
}

/// Reports that the store could not be used.
pub(crate) fn unavailable(key: &StoreKey, error: &StoreError) {
    let vendor = key.vendor();
    let cause = std::error::Error::source(error).map(tracing::field::display);
    tracing::warn!(name: "multi_auth.store.unavailable", vendor, %error, cause, "the token store could not be used");
    #[cfg(feature = "metrics")]
    metrics::count("multi_auth_store_failures_total", vendor, None);
}

#[cfg(feature = "metrics")]
mod metrics;
