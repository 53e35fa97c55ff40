//! The requests of HTTP clients, to which credentials are attached.

use http::header::HeaderMap;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Request, Uri};

use crate::{AuthError, secret};

/// A request of an HTTP client, to which a credential is attached.
///
/// This crate implements it for [`http::Request`] and [`http::request::Parts`]. An adapter
/// implements it for the requests of its client:
///
/// ```
/// use http::HeaderMap;
/// use multi_auth::AuthError;
/// use multi_auth::adapter::Outgoing;
///
/// struct Request {
///     headers: HeaderMap,
///     query: Option<String>,
/// }
///
/// impl Outgoing for Request {
///     fn headers_mut(&mut self) -> &mut HeaderMap {
///         &mut self.headers
///     }
///
///     fn query(&self) -> Option<&str> {
///         self.query.as_deref()
///     }
///
///     fn set_query(&mut self, query: &str) -> Result<(), AuthError> {
///         self.query = Some(query.to_owned());
///         Ok(())
///     }
/// }
/// ```
pub trait Outgoing {
    /// Returns the request's header fields.
    fn headers_mut(&mut self) -> &mut HeaderMap;

    /// Returns the target's query, without the question mark.
    fn query(&self) -> Option<&str>;

    /// Replaces the target's query by `query`, which is percent-encoded.
    ///
    /// # Errors
    ///
    /// [`AuthError::Attach`] if the target cannot hold it.
    fn set_query(&mut self, query: &str) -> Result<(), AuthError>;
}

impl<B> Outgoing for Request<B> {
    #[inline]
    fn headers_mut(&mut self) -> &mut HeaderMap {
        Self::headers_mut(self)
    }

    fn query(&self) -> Option<&str> {
        self.uri().query()
    }

    fn set_query(&mut self, query: &str) -> Result<(), AuthError> {
        *self.uri_mut() = with_query(self.uri(), query)?;
        Ok(())
    }
}

impl<T: Outgoing> Outgoing for &mut T {
    #[inline]
    fn headers_mut(&mut self) -> &mut HeaderMap {
        (**self).headers_mut()
    }

    fn query(&self) -> Option<&str> {
        (**self).query()
    }

    fn set_query(&mut self, query: &str) -> Result<(), AuthError> {
        (**self).set_query(query)
    }
}

impl Outgoing for Parts {
    #[inline]
    fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    fn set_query(&mut self, query: &str) -> Result<(), AuthError> {
        self.uri = with_query(&self.uri, query)?;
        Ok(())
    }
}

fn with_query(uri: &Uri, query: &str) -> Result<Uri, AuthError> {
    let target = secret::join(&secret::join(uri.path(), "?"), query);
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target.as_str()).map_err(|_| TARGET)?);
    Uri::from_parts(parts).map_err(|_| TARGET)
}

const TARGET: AuthError = AuthError::Attach {
    what: "its target cannot hold a query parameter",
};
