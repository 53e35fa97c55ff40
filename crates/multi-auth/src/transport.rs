//! How an exchange reaches its endpoint: bytes out, bytes in, and nothing of the layer it serves.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response};

/// The most that is read of an exchange's answer, in bytes (1 MiB).
pub const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Sends the requests of exchanges. The adapter crates have one over reqwest and one over tower.
///
/// An implementation keeps four promises:
///
/// - it follows no redirect: the 3xx answer is returned as it came;
/// - it reads at most [`MAX_ANSWER_BYTES`] of a body, and gives [`TransportError::too_large`] for
///   more;
/// - it has a time limit of its own, and gives [`TransportError::timeout`] past it;
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

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        (**self).send(request).await
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
    #[error("the answer is larger than {MAX_ANSWER_BYTES} bytes")]
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

    /// The answer is larger than [`MAX_ANSWER_BYTES`].
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

    /// Whether the answer is larger than [`MAX_ANSWER_BYTES`].
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
