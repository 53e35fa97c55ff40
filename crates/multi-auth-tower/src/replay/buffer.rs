//! Reads a body into memory, up to a limit.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::ReplayBody;
use crate::BoxError;

/// Reads bodies into memory before they are signed, up to a limit in bytes. What is read can be replayed as well.
///
/// Bodies that no scheme needs are neither read nor replayed, except empty ones.
///
/// ```
/// use multi_auth::Keyring;
/// use multi_auth_tower::{AuthLayer, BufferBody};
///
/// let keyring = Keyring::builder().build();
/// let layer = AuthLayer::new(keyring).with_replay(BufferBody::up_to(64 * 1024));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BufferBody {
    limit: usize,
}

impl BufferBody {
    /// Reads bodies of at most `limit` bytes. A longer one is an error, and the request is not sent.
    #[must_use]
    pub fn up_to(limit: usize) -> Self {
        Self { limit }
    }
}

/// A body that is being read.
pub struct Buffering<B> {
    pub(crate) bytes: Reading,
    pub(crate) rebuild: fn(Bytes) -> B,
}

type Reading = Pin<Box<dyn Future<Output = Result<Bytes, BoxError>> + Send>>;

impl<B> Buffering<B> {
    /// A body whose bytes `reading` gives, and that `rebuild` makes again.
    pub fn new(
        reading: impl Future<Output = Result<Bytes, BoxError>> + Send + 'static,
        rebuild: fn(Bytes) -> B,
    ) -> Self {
        Self {
            bytes: Box::pin(reading),
            rebuild,
        }
    }
}

impl<B> fmt::Debug for Buffering<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffering").finish_non_exhaustive()
    }
}

/// The body is longer than the limit of [`BufferBody`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLong(usize);

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(limit) = self;
        write!(
            f,
            "the body is longer than {limit} bytes and cannot be signed: raise the limit of `BufferBody`"
        )
    }
}

impl std::error::Error for TooLong {}

impl<B> ReplayBody<B> for BufferBody
where
    B: Body<Data: Send, Error: Into<BoxError>> + Default + From<Bytes> + Send + 'static,
{
    fn copy(&self, body: &B) -> Option<B> {
        body.is_end_stream().then(B::default)
    }

    fn bytes(&self, body: &B) -> Option<Bytes> {
        body.is_end_stream().then(Bytes::new)
    }

    fn buffer(&self, body: B) -> Result<Buffering<B>, B> {
        let limit = self.limit;
        let reading = async move {
            let whole = Limited::new(body, limit).collect().await;
            whole.map(|whole| whole.to_bytes()).map_err(|error| {
                if error.is::<LengthLimitError>() {
                    TooLong(limit).into()
                } else {
                    error
                }
            })
        };
        Ok(Buffering::new(reading, B::from))
    }
}
