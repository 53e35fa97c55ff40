//! Basic authentication (RFC 7617): `Authorization: Basic base64(user:password)`.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::fixed::FixedKey;
use crate::{
    AuthError, Authenticator, Clock, Credential, Placement, RequestHead, SecretProblem, secret,
};

/// Basic authentication (RFC 7617): `Authorization: Basic base64(user:password)`.
///
/// ```
/// use multi_auth::Basic;
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let basic = Basic::new("Aladdin", "open sesame")?;
/// // Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==
/// # Ok(())
/// # }
/// ```
///
/// User and password are encoded as UTF-8. Either may be empty, which many vendors require.
#[derive(Clone, Debug)]
pub struct Basic(FixedKey);

impl Basic {
    /// Encodes a user and a password as UTF-8. Either may be empty.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `user` has a colon (RFC 7617, 2), or either has a control
    /// character.
    pub fn new(
        user: impl Into<SecretString>,
        password: impl Into<SecretString>,
    ) -> Result<Self, AuthError> {
        let (user, password) = (user.into(), password.into());
        Self::from_bytes(
            user.expose_secret().as_bytes(),
            password.expose_secret().as_bytes(),
        )
    }

    /// Sends bytes unchanged, in the encoding that the vendor expects.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_bytes(user: &[u8], password: &[u8]) -> Result<Self, AuthError> {
        if user.contains(&b':') {
            return Err(AuthError::invalid_secret(
                "user",
                SecretProblem::ColonInUser,
            ));
        }
        let refused = |what| move |problem| AuthError::invalid_secret(what, problem);
        secret::check_controls(user).map_err(refused("user"))?;
        secret::check_controls(password).map_err(refused("password"))?;

        let mut pair = Zeroizing::new(Vec::with_capacity(user.len() + 1 + password.len()));
        pair.extend_from_slice(user);
        pair.push(b':');
        pair.extend_from_slice(password);
        let encoded = secret::base64::encode(&pair);
        let value = secret::join("Basic ", &encoded).as_str().into();
        FixedKey::new("Basic credential", Placement::authorization(), &value).map(Self)
    }

    /// Encodes the ID and secret of an OAuth client, each form-encoded first
    /// (`client_secret_basic`; RFC 6749, 2.3.1).
    ///
    /// Pass it to
    /// [`TokenEndpointBuilder::authorized_by`](crate::TokenEndpointBuilder::authorized_by).
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if either has a control character.
    ///
    /// # Examples
    ///
    /// ```
    /// use multi_auth::Basic;
    ///
    /// # fn main() -> Result<(), multi_auth::AuthError> {
    /// let client = Basic::client_secret("my app", "s/1")?; // Basic base64("my+app:s%2F1")
    /// # Ok(())
    /// # }
    /// ```
    pub fn client_secret(
        client_id: &str,
        secret: impl Into<SecretString>,
    ) -> Result<Self, AuthError> {
        let secret = secret.into();
        let secret = secret.expose_secret().as_bytes();
        // Encoding would hide a control character.
        let refused = |what| move |problem| AuthError::invalid_secret(what, problem);
        secret::check_controls(client_id.as_bytes()).map_err(refused("client id"))?;
        secret::check_controls(secret).map_err(refused("client secret"))?;
        let (user, password) = (form_encoded(client_id.as_bytes()), form_encoded(secret));
        Self::from_bytes(user.as_bytes(), password.as_bytes())
    }

    /// Splits a key of the form `user:password` at its first colon.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `key` has no colon, or has a control character.
    pub fn from_pair(key: impl Into<SecretString>) -> Result<Self, AuthError> {
        let key = key.into();
        Self::split("key", key.expose_secret().as_bytes())
    }

    /// Decodes base64 of `user:password`, with or without padding.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `encoded` is not base64, or if [`from_pair`](Self::from_pair)
    /// refuses the decoded text.
    pub fn from_encoded(encoded: impl Into<SecretString>) -> Result<Self, AuthError> {
        let encoded = encoded.into();
        let text = encoded.expose_secret();
        let refused = |problem| AuthError::invalid_secret("encoded key", problem);
        secret::check_line(text).map_err(refused)?;
        if text.is_empty() {
            return Err(refused(SecretProblem::Empty));
        }
        let decoded = secret::base64::decode(text);
        let decoded = decoded.ok_or_else(|| refused(SecretProblem::NotBase64))?;
        Self::split("encoded key", &decoded)
    }

    /// Sets the expiry date of the key at the vendor.
    ///
    /// From that time on, the key is not sent, and requests fail with [`AuthError::KeyExpired`].
    #[must_use]
    pub fn with_expiry(self, expiry: SystemTime) -> Self {
        Self(self.0.with_expiry(expiry))
    }

    /// Sets the clock for the expiry date. Default: [`SystemClock`](crate::SystemClock).
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self(self.0.with_clock(clock))
    }

    /// Sets the name of the key in errors.
    pub(crate) fn named(self, what: &'static str) -> Self {
        Self(self.0.named(what))
    }

    fn split(what: &'static str, pair: &[u8]) -> Result<Self, AuthError> {
        let refused = |problem| AuthError::invalid_secret(what, problem);
        if pair.is_empty() {
            return Err(refused(SecretProblem::Empty));
        }
        secret::check_controls(pair).map_err(refused)?;
        let colon = pair.iter().position(|&byte| byte == b':');
        let colon = colon.ok_or_else(|| refused(SecretProblem::MissingColon))?;
        Self::from_bytes(&pair[..colon], &pair[colon + 1..])
    }
}

/// Form-encodes `bytes` in one allocation: a string that grows leaves an unwiped copy.
fn form_encoded(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * "%00".len()));
    text.extend(form_urlencoded::byte_serialize(bytes));
    text
}

#[async_trait]
impl Authenticator for Basic {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        Some(self.0.ready(request))
    }

    fn placements(&self) -> Vec<Placement> {
        vec![Placement::basic()]
    }
}

#[cfg(test)]
mod tests;
