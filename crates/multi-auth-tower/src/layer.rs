//! The layer: wraps a service in an [`AuthService`].

use std::sync::Arc;

use multi_auth::{AuthError, Keyring, Scope};
use tower_layer::Layer;
use url::Url;

use crate::{AuthService, ReplayEmpty};

/// A [`Layer`] that puts the credentials of a keyring on requests.
///
/// See the [crate's page](crate) for an example.
#[derive(Clone, Debug)]
pub struct AuthLayer<P = ReplayEmpty> {
    pub(crate) keyring: Keyring,
    pub(crate) replay: P,
    pub(crate) default_origin: Option<Arc<Url>>,
}

impl AuthLayer {
    /// The layer for `keyring`, which sends requests with an empty body again after a renewal.
    #[must_use]
    pub fn new(keyring: Keyring) -> Self {
        Self {
            keyring,
            replay: ReplayEmpty,
            default_origin: None,
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
            ..
        } = self;
        AuthLayer {
            keyring,
            replay,
            default_origin,
        }
    }

    /// The same layer for requests that name no origin (origin form), as those that tonic's
    /// clients make: the service below sends them to `origin`.
    ///
    /// # Errors
    ///
    /// [`AuthError::Url`] if `origin` could not be a scope.
    pub fn with_default_origin(self, origin: &str) -> Result<Self, AuthError> {
        let origin = Scope::new(origin)?.origin();
        Ok(Self {
            default_origin: Some(Arc::new(origin)),
            ..self
        })
    }
}

impl<S, P: Clone> Layer<S> for AuthLayer<P> {
    type Service = AuthService<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthService::new(inner, self.clone())
    }
}
