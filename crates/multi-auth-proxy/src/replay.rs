//! Sends bodies again that are short, and reads bodies that are signed.

use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use http_body_util::BodyExt;
use multi_auth_tower::{BoxError, Buffering, ReplayBody};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::body::RequestBody;

/// The longest body that is read before it is signed, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;

/// The most memory for bodies that are read, in KiB.
const MEMORY: usize = 64 * 1024;

/// How long a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(60);

/// Why a body could not be read to be signed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Unsignable {
    #[error("the body is longer than 16 MiB, so it is not signed")]
    TooLong,
    #[error("the body has trailers, which a signed body cannot have")]
    Trailers,
    #[error("the body that is signed did not arrive within a minute")]
    Late,
}

/// Sends bodies again that are short, and reads bodies that are signed. Clones share the memory for
/// bodies.
#[derive(Clone, Debug)]
pub(crate) struct Replay(Arc<Semaphore>);

impl Replay {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MEMORY)))
    }
}

impl ReplayBody<RequestBody> for Replay {
    fn copy(&self, body: &RequestBody) -> Option<RequestBody> {
        match body {
            RequestBody::Bytes(bytes) => Some(RequestBody::Bytes(bytes.clone())),
            RequestBody::Stream(_) => None,
            RequestBody::Kept(kept) => Some(RequestBody::Kept(kept.copy())),
        }
    }

    fn bytes(&self, body: &RequestBody) -> Option<Bytes> {
        match body {
            RequestBody::Bytes(bytes) => Some(bytes.clone()),
            RequestBody::Stream(_) | RequestBody::Kept(_) => None,
        }
    }

    fn buffer(&self, body: RequestBody) -> Result<Buffering<RequestBody>, RequestBody> {
        let reading = read_in_time(body, Arc::clone(&self.0));
        Ok(Buffering::new(reading, RequestBody::from))
    }
}

async fn read_in_time(body: RequestBody, memory: Arc<Semaphore>) -> Result<Bytes, BoxError> {
    let read = timeout(ARRIVAL, read(body, memory)).await;
    read.map_err(|_| Unsignable::Late)?
}

/// Bytes, and the memory that they take of that for all bodies.
struct Held {
    bytes: Bytes,
    _memory: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads `body` whole. It waits while other bodies take the memory.
async fn read(mut body: RequestBody, memory: Arc<Semaphore>) -> Result<Bytes, BoxError> {
    let mut bytes = BytesMut::new();
    let mut held: Option<OwnedSemaphorePermit> = None;
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame?.into_data() else {
            return Err(Unsignable::Trailers.into());
        };
        if chunk.len() > LONGEST - bytes.len() {
            return Err(Unsignable::TooLong.into());
        }
        let needed = (bytes.len() + chunk.len()).div_ceil(1024);
        let more = needed - held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        if more > 0 {
            let more = u32::try_from(more).unwrap_or(u32::MAX);
            // The semaphore is never closed.
            let more = Arc::clone(&memory).acquire_many_owned(more).await?;
            match &mut held {
                Some(held) => held.merge(more),
                None => held = Some(more),
            }
        }
        bytes.put(chunk);
    }
    Ok(Bytes::from_owner(Held {
        bytes: bytes.freeze(),
        _memory: held,
    }))
}
