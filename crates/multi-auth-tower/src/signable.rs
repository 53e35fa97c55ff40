//! The body of a request that a scheme signs.

use bytes::Bytes;
use http_body::Body;
use multi_auth::BodyView;

use crate::{BoxError, Buffering, ReplayBody};

/// A body whose bytes a scheme signs.
pub(crate) struct ReadBody<B> {
    pub(crate) bytes: Bytes,
    /// Makes a body of the bytes, if the policy read them.
    pub(crate) rebuild: Option<fn(Bytes) -> B>,
}

impl<B> ReadBody<B> {
    pub(crate) fn view(&self) -> BodyView<'_> {
        BodyView::Bytes(&self.bytes)
    }
}

/// The body of a request that waits, which a scheme may sign.
pub(crate) enum Signable<B> {
    /// Empty, in memory, or not read.
    Whole(B, Option<ReadBody<B>>),
    /// The policy reads it.
    Buffering(Buffering<B>),
}

impl<B: Body> Signable<B> {
    pub(crate) fn new(replay: &impl ReplayBody<B>, body: B) -> Self {
        let bytes = if body.is_end_stream() {
            Some(Bytes::new())
        } else {
            replay.bytes(&body)
        };
        if let Some(bytes) = bytes {
            let rebuild = None;
            return Self::Whole(body, Some(ReadBody { bytes, rebuild }));
        }
        match replay.buffer(body) {
            Ok(buffering) => Self::Buffering(buffering),
            Err(body) => Self::Whole(body, None),
        }
    }

    /// A body that no scheme signs.
    pub(crate) fn unsigned(body: B) -> Self {
        Self::Whole(body, None)
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
