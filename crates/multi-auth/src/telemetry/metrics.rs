//! Counters and histograms through the crate `metrics`, with the feature `metrics`. Without it, all
//! of this is empty.
//!
//! A label is the name of a vendor or a word of a fixed set, and never part of a request or
//! response. The count of each request uses a handle that the keyring holds; rare events ask the
//! recorder when they happen.

#[cfg(feature = "metrics")]
mod counted;
#[cfg(feature = "metrics")]
mod described;
#[cfg(feature = "metrics")]
mod handles;
#[cfg(feature = "metrics")]
pub(crate) use self::{
    counted::{
        Waiting, blocked, foreign_hop, refresh_failed, refused, replayed, rotated, stale,
        token_event, token_expiry,
    },
    handles::{Labels, Meters, Tag},
};

#[cfg(not(feature = "metrics"))]
mod uncounted;
#[cfg(not(feature = "metrics"))]
pub(crate) use self::uncounted::{
    Labels, Meters, Tag, Waiting, blocked, foreign_hop, refresh_failed, refused, replayed, rotated,
    stale, token_event, token_expiry,
};
