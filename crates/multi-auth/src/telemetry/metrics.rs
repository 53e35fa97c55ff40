//! Counters, gauges and histograms through the crate `metrics`. Without the feature `metrics`,
//! these functions are empty.
//!
//! A label is the name of a vendor or one of a fixed set of words, and never a part of a request or
//! response. The counter of all requests is looked up when the keyring is built. Other metrics are
//! looked up when their event happens.

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
