//! What handles requests.

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::Service;
use multi_auth_tower::BoxError;

/// What handles the requests of a connection.
pub(crate) trait Handler:
    Service<
        Request<Incoming>,
        Response = Response<Self::Body>,
        Future: Send + 'static,
        Error: Into<BoxError>,
    > + Clone
    + Unpin
{
    type Body: Body<Data: Send, Error: Into<BoxError>> + Send + 'static;
}

impl<V, B> Handler for V
where
    V: Service<
            Request<Incoming>,
            Response = Response<B>,
            Future: Send + 'static,
            Error: Into<BoxError>,
        > + Clone
        + Unpin,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    type Body = B;
}
