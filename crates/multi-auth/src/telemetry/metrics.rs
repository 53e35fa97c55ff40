//! Counts and times what happens, through the `metrics` facade, with the feature of that name.
//! Without it, all of this is empty.
//!
//! A label holds the name of a vendor or one word of a fixed set, and nothing that a request or an
//! answer says. What every request passes by is counted by a handle that the keyring holds; what is
//! rare asks the recorder when it happens.

#[cfg(feature = "metrics")]
mod counted;
#[cfg(feature = "metrics")]
mod described;
#[cfg(feature = "metrics")]
mod handles;
#[cfg(feature = "metrics")]
pub(crate) use self::{
    counted::{
        Waiting, blocked, foreign_hop, heard, refresh_failed, refused, replayed, rotated, stale,
        token_ends,
    },
    handles::{Labels, Meters, Tag},
};

#[cfg(not(feature = "metrics"))]
mod uncounted;
#[cfg(not(feature = "metrics"))]
pub(crate) use self::uncounted::{
    Labels, Meters, Tag, Waiting, blocked, foreign_hop, heard, refresh_failed, refused, replayed,
    rotated, stale, token_ends,
};
