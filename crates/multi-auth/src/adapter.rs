//! What an adapter for an HTTP client needs: views of requests and responses, and every decision
//! about a request.

mod deadline;
pub use deadline::Deadline;

mod driver;
pub use driver::{HttpClient, finish, replay, send};

mod http_types;
pub use http_types::{RequestCopy, send_http};

pub(crate) mod history;

mod json_body;
pub use json_body::JsonBody;

mod local;
pub use local::is_local;

mod outcome;
pub use outcome::{NotReplayed, Outcome, record};

mod request_auth;
pub use request_auth::{AfterRefresh, Next, Prepared, Refreshing, RequestAuth};

mod redirects;
pub use redirects::{Follow, Hop, Redirects, Stripped, follow};

pub(crate) mod request_head;
pub use request_head::{BodyView, RequestHead, ResponseHead};

mod saved_head;
pub use saved_head::SavedHead;

pub(crate) mod transport;
pub use transport::{MAX_RESPONSE_BYTES, ResponseBuffer, Transport, TransportError, transport_fn};

pub use crate::credential::Outgoing;
pub use crate::keyring::ambiguity::is_ambiguous_path;
