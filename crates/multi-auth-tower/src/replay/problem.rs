//! Why a body cannot be read into memory and signed.

use std::error::Error;
use std::fmt;

/// Why [`BufferBody`](crate::BufferBody) could not read a body. The request was not sent.
///
/// It arrives as [`AuthError::Other`](multi_auth::AuthError::Other), whose `error` you can downcast
/// to this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BufferProblem {
    /// The body is longer than the limit. Raise the limit, or send a shorter body.
    #[non_exhaustive]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body has trailers, which a body made of bytes cannot keep. Send it without them.
    Trailers,
}

impl fmt::Display for BufferProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(
                f,
                "the body is longer than {limit} bytes and was not signed: raise the limit of `BufferBody`, or send a shorter body"
            ),
            Self::Trailers => f.write_str(
                "the body has trailers, which `BufferBody` cannot keep, and was not signed: send it without trailers",
            ),
        }
    }
}

impl Error for BufferProblem {}
