//! How a token request reaches its endpoint.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response};
use secrecy::zeroize::Zeroizing;

/// The most that is read of a token request's answer, in bytes (1 MiB).
pub const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// Collects an answer's body for a [`Transport`]: at most [`MAX_RESPONSE_BYTES`], in one buffer,
/// and wiped where it is given up, for there may be a token in it.
///
/// ```
/// use multi_auth::TransportError;
/// use multi_auth::adapter::ResponseBuffer;
///
/// # fn main() -> Result<(), TransportError> {
/// let mut body = ResponseBuffer::default();
/// for chunk in [&b"{\"token\":"[..], b"\"t-1\"}"] {
///     body.push(chunk)?;
/// }
/// assert_eq!(body.into_bytes(), b"{\"token\":\"t-1\"}");
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct ResponseBuffer(Zeroizing<Vec<u8>>);

impl ResponseBuffer {
    /// Adds `chunk`. Drop each chunk before the next one is read: it may keep a larger buffer
    /// alive.
    ///
    /// # Errors
    ///
    /// [`TransportError::too_large`] if the body is larger than [`MAX_RESPONSE_BYTES`] with it.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), TransportError> {
        let length = self.0.len().saturating_add(chunk.len());
        if length > MAX_RESPONSE_BYTES {
            return Err(TransportError::too_large());
        }
        if length > self.0.capacity() {
            self.grow(length);
        }
        self.0.extend_from_slice(chunk);
        Ok(())
    }

    /// The whole body.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.0)
    }

    /// Moves the body into a larger buffer, and wipes the smaller one.
    fn grow(&mut self, length: usize) {
        let doubled = self.0.capacity().saturating_mul(2);
        let capacity = length.max(doubled).min(MAX_RESPONSE_BYTES);
        let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
        larger.extend_from_slice(&self.0);
        self.0 = larger;
    }
}

impl fmt::Debug for ResponseBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBuffer")
            .field("length", &self.0.len())
            .finish_non_exhaustive()
    }
}

/// Sends the requests of token requests. The adapter crates have one over reqwest and one over
/// tower.
///
/// An implementation keeps four promises:
///
/// - it follows no redirect: the 3xx answer is returned as it came;
/// - it reads at most [`MAX_RESPONSE_BYTES`] of a body, and gives [`TransportError::too_large`] for
///   more;
/// - it has a time limit, and gives [`TransportError::timeout`] past it;
/// - it never runs through the layer whose tokens it fetches.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request` and reads the whole answer.
    ///
    /// # Errors
    ///
    /// [`TransportError`] when no whole answer could be had. An answer with an error status is no
    /// error here.
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError>;
}

/// A pointer to a transport is one.
macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<T: Transport + ?Sized> Transport for $pointer {
            async fn send(
                &self,
                request: Request<Vec<u8>>,
            ) -> Result<Response<Vec<u8>>, TransportError> {
                (**self).send(request).await
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);

/// A [`Transport`] from a closure, for a client that has no adapter crate. The closure keeps the
/// promises of [`Transport`].
///
/// ```
/// use http::Response;
/// use multi_auth::transport_fn;
///
/// let transport = transport_fn(|request| async move {
///     assert_eq!(request.method(), "POST");
///     Ok(Response::new(br#"{"access_token": "t-1"}"#.to_vec()))
/// });
/// ```
pub fn transport_fn<F, R>(send: F) -> impl Transport
where
    F: Fn(Request<Vec<u8>>) -> R + Send + Sync,
    R: Future<Output = Result<Response<Vec<u8>>, TransportError>> + Send,
{
    TransportFn(send)
}

struct TransportFn<F>(F);

impl<F> fmt::Debug for TransportFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransportFn")
    }
}

#[async_trait]
impl<F, R> Transport for TransportFn<F>
where
    F: Fn(Request<Vec<u8>>) -> R + Send + Sync,
    R: Future<Output = Result<Response<Vec<u8>>, TransportError>> + Send,
{
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        (self.0)(request).await
    }
}

/// Why no whole answer could be had.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{problem}")]
pub struct TransportError {
    problem: TransportProblem,
    #[source]
    source: Option<Arc<dyn Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TransportProblem {
    #[error("the connection failed")]
    Connection,
    #[error("no answer came within the time limit")]
    Timeout,
    #[error("the answer is larger than {MAX_RESPONSE_BYTES} bytes")]
    TooLarge,
}

type Source = Box<dyn Error + Send + Sync>;

impl TransportError {
    /// The connection could not be made, or broke. `source` must not show a query string or a body.
    pub fn connection(source: impl Into<Source>) -> Self {
        Self::new(TransportProblem::Connection, Some(source.into().into()))
    }

    /// No answer came in time.
    #[must_use]
    pub fn timeout() -> Self {
        Self::new(TransportProblem::Timeout, None)
    }

    /// The answer is larger than [`MAX_RESPONSE_BYTES`].
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(TransportProblem::TooLarge, None)
    }

    /// The same error without what caused it, for a transport that cannot tell whether that shows a
    /// query string.
    #[must_use]
    pub fn without_source(self) -> Self {
        Self::new(self.problem, None)
    }

    /// Whether no answer came in time.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.problem == TransportProblem::Timeout
    }

    /// Whether the answer is larger than [`MAX_RESPONSE_BYTES`].
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        self.problem == TransportProblem::TooLarge
    }

    pub(crate) fn problem(&self) -> TransportProblem {
        self.problem
    }

    fn new(problem: TransportProblem, source: Option<Arc<dyn Error + Send + Sync>>) -> Self {
        Self { problem, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_collected_to_its_last_byte_and_no_further() {
        let mut body = ResponseBuffer::default();
        for size in [1, 7, 0, 64 * 1024, MAX_RESPONSE_BYTES - 64 * 1024 - 8] {
            body.push(&vec![b'x'; size]).unwrap();
        }
        assert!(body.push(b"").is_ok());
        assert!(body.push(b"x").unwrap_err().is_too_large());
        assert_eq!(body.0.capacity(), MAX_RESPONSE_BYTES);
        assert_eq!(body.into_bytes(), vec![b'x'; MAX_RESPONSE_BYTES]);
    }

    #[test]
    fn a_body_is_not_shown() {
        let mut body = ResponseBuffer::default();
        body.push(b"canary").unwrap();
        assert!(!format!("{body:?} {body:#?}").contains("canary"));
    }
}
