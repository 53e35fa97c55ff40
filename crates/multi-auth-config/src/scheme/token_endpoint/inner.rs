//! The credential of a token request.

use std::sync::Arc;

use multi_auth::{ApiKey, AuthError, Authenticator, Basic, Bearer, Placement, SecretString};
use secrecy::ExposeSecret;

use crate::scheme::JwtSettings;

/// How a token request carries the key, if it is not in the body.
#[derive(Clone)]
pub(crate) enum InnerCredential {
    Placed(Placement),
    /// The key is `user:pass`.
    Pair,
    /// The key is the password of this user.
    Password(String),
    /// The key is the user, with this constant password.
    User(String),
    /// The key signs this JWT, which is sent as a bearer token.
    Jwt(Box<JwtSettings>),
}

impl InnerCredential {
    pub(super) fn build(&self, key: SecretString) -> Result<Arc<dyn Authenticator>, AuthError> {
        Ok(match self {
            Self::Placed(placement) => Arc::new(ApiKey::new(placement.clone(), key)?),
            Self::Pair => Arc::new(Basic::from_pair(key)?),
            Self::Password(user) => Arc::new(Basic::new(user.as_str(), key)?),
            Self::Jwt(jwt) => Arc::new(Bearer::new(jwt.source(key)?)),
            Self::User(password) => Arc::new(Basic::new(key.expose_secret(), password.as_str())?),
        })
    }
}
