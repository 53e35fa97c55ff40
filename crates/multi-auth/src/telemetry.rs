//! Events, metrics and snapshots.

pub(crate) mod event;
pub use event::{Provenance, Reason, TokenEvent};

mod snapshot;
pub use snapshot::{LastRefresh, TokenSnapshot, TokenState};

pub(crate) mod label;
pub(crate) mod metrics;
