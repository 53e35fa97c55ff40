//! The body of a request that a scheme signs.

use bytes::Bytes;

use crate::{BoxError, Buffering, ReplayBody};

/// A body whose bytes a scheme signs.
pub(crate) struct ReadBody<B> {
    pub(crate) bytes: Bytes,
    /// Makes a body of the bytes, if the policy read them.
    pub(crate) rebuild: Option<fn(Bytes) -> B>,
}

/// A body that a scheme signs.
pub(crate) enum Signable<B> {
    /// In memory, or a stream that the policy does not read.
    Whole(B, Option<ReadBody<B>>),
    Buffering(Buffering<B>),
}

impl<B> Signable<B> {
    pub(crate) fn new(replay: &impl ReplayBody<B>, body: B) -> Self {
        if let Some(bytes) = replay.bytes(&body) {
            let rebuild = None;
            return Self::Whole(body, Some(ReadBody { bytes, rebuild }));
        }
        match replay.buffer(body) {
            Ok(buffering) => Self::Buffering(buffering),
            Err(body) => Self::Whole(body, None),
        }
    }

    /// Whether [`read`](Self::read) waits for nothing.
    pub(crate) fn is_read(&self) -> bool {
        matches!(self, Self::Whole(..))
    }

    pub(crate) async fn read(self) -> Result<(B, Option<ReadBody<B>>), BoxError> {
        match self {
            Self::Whole(body, read) => Ok((body, read)),
            Self::Buffering(Buffering { bytes, rebuild }) => {
                let bytes = bytes.await?;
                let body = rebuild(bytes.clone());
                let rebuild = Some(rebuild);
                Ok((body, Some(ReadBody { bytes, rebuild })))
            }
        }
    }
}
