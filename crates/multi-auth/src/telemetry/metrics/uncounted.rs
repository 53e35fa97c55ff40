//! The empty metrics without the feature.

use std::time::SystemTime;

use crate::telemetry::label::Label;
use crate::{AuthError, CredentialId, NotReplayed, ProtectionSpace, Rotation, TokenEvent};

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tag;

impl Tag {
    pub(crate) const UNLABELLED: Self = Self;
}

#[derive(Debug, Default)]
pub(crate) struct Labels;

#[expect(clippy::unused_self, reason = "nothing is noted")]
impl Labels {
    pub(crate) fn add(&mut self, _: &ProtectionSpace) {}
}

#[derive(Debug)]
pub(crate) struct Meters;

#[expect(clippy::unused_self, reason = "nothing is counted")]
impl Meters {
    pub(crate) fn new(_: Labels) -> Self {
        Self
    }

    #[inline]
    pub(crate) fn attached(&self, _: &CredentialId) -> Tag {
        Tag
    }
}

#[inline]
pub(crate) fn refused(_: Tag, _: NotReplayed) {}

#[inline]
pub(crate) fn refresh_failed(_: Tag) {}

#[inline]
pub(crate) fn replayed(_: Tag, _: bool) {}

#[inline]
pub(crate) fn blocked(_: &Result<(), AuthError>) {}

#[inline]
pub(crate) fn foreign_hop() {}

#[inline]
pub(crate) fn token_event(_: &TokenEvent<'_>, _: Label) {}

#[inline]
pub(crate) fn stale(_: Label) {}

#[inline]
pub(crate) fn token_expiry(_: Label, _: Option<SystemTime>) {}

#[inline]
pub(crate) fn rotated(_: Label, _: Rotation) {}

pub(crate) struct Waiting;

impl Waiting {
    pub(crate) fn begin(_: Label) -> Self {
        Self
    }
}
