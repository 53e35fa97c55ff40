//! The layer: wraps a service in an [`AuthService`].

use std::fmt;
use std::sync::Arc;

use http::Request;
use multi_auth::{AuthError, Keyring, ProtectionSpace, RequestHead};
use tower_layer::{Layer, Stack};
use url::Url;

use crate::{AuthService, ReadJsonLayer, ReplayEmpty};

/// A [`Layer`] that puts the credentials of a keyring on requests.
///
/// See the [crate's page](crate) for an example.
#[derive(Clone)]
pub struct AuthLayer<P = ReplayEmpty> {
    pub(crate) keyring: Keyring,
    pub(crate) replay: P,
    pub(crate) default_origin: Option<Arc<Url>>,
    /// Whether a [`ReadJson`](crate::ReadJson) is below.
    pub(crate) reads_responses: bool,
}

impl AuthLayer {
    /// The layer for `keyring`, which sends requests with an empty body again after a refresh.
    #[must_use]
    pub fn new(keyring: Keyring) -> Self {
        Self {
            keyring,
            replay: ReplayEmpty,
            default_origin: None,
            reads_responses: false,
        }
    }
}

impl<P> AuthLayer<P> {
    /// The same layer with another way to have a body a second time.
    #[must_use]
    pub fn with_replay<Q>(self, replay: Q) -> AuthLayer<Q> {
        let Self {
            keyring,
            default_origin,
            reads_responses,
            ..
        } = self;
        AuthLayer {
            keyring,
            replay,
            default_origin,
            reads_responses,
        }
    }

    /// The same layer for requests that name no origin (origin form), as those that tonic's clients
    /// make: the service below sends them to `origin`, a URL or a [`ProtectionSpace`], whose path
    /// does not count.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `origin` could not be a scope.
    pub fn with_default_origin<S>(self, origin: S) -> Result<Self, AuthError>
    where
        S: TryInto<ProtectionSpace, Error: Into<AuthError>>,
    {
        let origin = origin.try_into().map_err(Into::into)?.origin();
        Ok(Self {
            default_origin: Some(Arc::new(origin)),
            ..self
        })
    }
}

impl<P> AuthLayer<P> {
    /// The same layer for schemes that [read
    /// responses](multi_auth::BearerBuilder::refresh_when_json): it reads a JSON body of at most 64
    /// KiB before it delivers the response. Bodies for other schemes are passed on unread.
    ///
    /// Call it last: it returns a stack of two layers. Without it, a request with such a scheme
    /// fails before it is sent. The bodies of responses must have [`Bytes`](bytes::Bytes) as their
    /// data, and become a [`PeekedBody`](crate::PeekedBody).
    ///
    /// A body with a content coding is not read: put a layer that decompresses below this one. A
    /// body that arrives slowly delays its response: put a time limit above.
    ///
    /// ```
    /// use multi_auth::Keyring;
    /// use multi_auth_tower::{AuthLayer, ReplayClone};
    ///
    /// let keyring = Keyring::builder().build();
    /// let layer = AuthLayer::new(keyring).with_replay(ReplayClone).read_responses();
    /// ```
    #[must_use]
    pub fn read_responses(self) -> Stack<ReadJsonLayer, Self> {
        let outer = Self {
            reads_responses: true,
            ..self
        };
        Stack::new(ReadJsonLayer::new(), outer)
    }

    /// The view of `request`, with the default origin where it names none.
    pub(crate) fn head<'a, B>(&'a self, request: &'a Request<B>) -> RequestHead<'a> {
        head(request, self.default_origin.as_deref())
    }
}

/// The view of `request`, at `default_origin` where it names none.
pub(crate) fn head<'a, B>(
    request: &'a Request<B>,
    default_origin: Option<&'a Url>,
) -> RequestHead<'a> {
    let (method, uri) = (request.method(), request.uri());
    let head = RequestHead::from_uri(method, uri, request.headers(), request.extensions());
    match default_origin {
        Some(origin) => head.with_default_origin(origin),
        None => head,
    }
}

impl<P> fmt::Debug for AuthLayer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLayer")
            .field("keyring", &self.keyring)
            .field(
                "default_origin",
                &self.default_origin.as_deref().map(Url::as_str),
            )
            .finish_non_exhaustive()
    }
}

impl<S, P: Clone> Layer<S> for AuthLayer<P> {
    type Service = AuthService<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthService::new(inner, self.clone())
    }
}
