//! What an adapter for an HTTP client needs: views of requests and responses, and every decision about a request.

mod outcome;
pub use outcome::{NotReplayed, Outcome};

mod request_auth;
pub use request_auth::{AfterRefresh, Next, RequestAuth};

pub(crate) mod request_head;
pub use request_head::{BodyView, RequestHead, ResponseHead};

pub(crate) mod transport;
pub use transport::{AnswerBuffer, MAX_ANSWER_BYTES, Transport, TransportError, transport_fn};

pub use crate::credential::Outgoing;
