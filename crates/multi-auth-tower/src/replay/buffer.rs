//! Reads a body into memory, up to a limit.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use multi_auth::AuthError;

use super::{BufferProblem, ReplayBody};
use crate::BoxError;

/// Reads bodies into memory before they are signed, up to a limit in bytes. A body that was read
/// can be replayed.
///
/// It reads a body only if the request's scheme signs it. It replays an empty body always, any
/// other only if it was read.
///
/// While the body arrives, the request holds no capacity of the service below. It waits until the
/// service is ready after that.
///
/// Three failures keep the request from being sent:
///
/// - The body is longer than the limit: an [`AuthError`] with [`BufferProblem::TooLong`].
/// - The body has trailers: an [`AuthError`] with [`BufferProblem::Trailers`].
/// - The body fails: its error, unchanged.
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
    /// Reads bodies of at most `limit` bytes.
    #[must_use]
    pub fn up_to(limit: usize) -> Self {
        Self { limit }
    }
}

/// A body that is being read, which a policy gives in [`ReplayBody::buffer`].
pub struct Buffering<B> {
    pub(crate) bytes: Reading,
    pub(crate) rebuild: fn(Bytes) -> B,
}

type Reading = Pin<Box<dyn Future<Output = Result<Bytes, BoxError>> + Send>>;

impl<B> Buffering<B> {
    /// `reading` gives the bytes of the body. `rebuild` makes a body of them, for each attempt.
    ///
    /// An error of `reading` becomes the error of the request, which is not sent.
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

impl<B> ReplayBody<B> for BufferBody
where
    B: Body<Data: Send, Error: Into<BoxError>> + Default + From<Bytes> + Send + 'static,
{
    fn copy(&self, body: &B) -> Option<B> {
        body.is_end_stream().then(B::default)
    }

    fn buffer(&self, body: B) -> Result<Buffering<B>, B> {
        Ok(Buffering::new(read(body, self.limit), B::from))
    }
}

/// Copies what arrives: a chunk may be a few bytes of a large buffer of its connection.
async fn read<B>(body: B, limit: usize) -> Result<Bytes, BoxError>
where
    B: Body<Error: Into<BoxError>>,
{
    let mut body = pin!(body);
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        match frame.map_err(Into::into)?.into_data() {
            Ok(data) if data.remaining() > limit - bytes.len() => {
                return Err(refused(BufferProblem::TooLong { limit }));
            }
            Ok(data) => bytes.put(data),
            Err(frame)
                if frame
                    .trailers_ref()
                    .is_some_and(|fields| !fields.is_empty()) =>
            {
                return Err(refused(BufferProblem::Trailers));
            }
            Err(_) => {}
        }
    }
    Ok(bytes.freeze())
}

fn refused(problem: BufferProblem) -> BoxError {
    AuthError::permanent(problem).into()
}
