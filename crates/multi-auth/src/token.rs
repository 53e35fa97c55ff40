//! The token that a source returns: its value, its lifetime or expiry, and its parts.

pub(crate) mod cache;
mod current;
pub use current::CurrentToken;
pub(crate) mod endpoint;
pub use endpoint::{
    ConstantHeaders, TokenEndpoint, TokenEndpointBuilder, TokenRequestBody, USER_AGENT,
};
mod invalidator;
pub use invalidator::TokenInvalidator;
mod parts;
pub(crate) use parts::Parts;
mod source;
pub use source::{TokenSource, source_fn};

use std::time::{Duration, SystemTime};

use secrecy::SecretString;

/// A token, with its lifetime or expiry and the other values of the response.
///
/// `Debug` prints no value. The values are wiped when the last copy is dropped.
///
/// ```
/// use std::time::Duration;
///
/// use multi_auth::Token;
/// use secrecy::ExposeSecret;
///
/// let token = Token::new("t-123")
///     .with_lifetime(Duration::from_secs(3600))
///     .with_part("instance_url", "https://eu1.example.com");
/// assert_eq!(token.value().expose_secret(), "t-123");
/// assert_eq!(token.lifetime(), Some(Duration::from_secs(3600)));
/// assert!(token.part("instance_url").is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Token {
    value: SecretString,
    validity: Option<Validity>,
    parts: Parts,
}

/// How long a token is valid, as its issuer states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    /// This long after the token request was sent.
    For(Duration),
    /// Until this time of the wall clock.
    Until(SystemTime),
}

/// The shortest lifetime that is accepted. A shorter one is a sign of a wrong unit or a wrong
/// clock.
pub(crate) const MIN_LIFETIME: Duration = Duration::from_secs(1);

impl Token {
    /// A token without an expiry: it is used until it is refused.
    pub fn new(value: impl Into<SecretString>) -> Self {
        Self {
            value: value.into(),
            validity: None,
            parts: Parts::default(),
        }
    }

    /// Sets the lifetime, counted from when the token request was sent. Replaces an earlier
    /// lifetime or expiry.
    ///
    /// A token whose lifetime is under one second, or has passed when it arrives, is never used:
    /// the token request counts as failed.
    #[must_use]
    pub fn with_lifetime(self, lifetime: Duration) -> Self {
        let validity = Some(Validity::For(lifetime));
        Self { validity, ..self }
    }

    /// Sets the time of the wall clock at which the token expires. Replaces an earlier lifetime or
    /// expiry.
    #[must_use]
    pub fn with_expiry(self, expiry: SystemTime) -> Self {
        let validity = Some(Validity::Until(expiry));
        Self { validity, ..self }
    }

    /// Adds another value of the response. Replaces an earlier part of this name. `Debug` prints
    /// the name.
    #[must_use]
    pub fn with_part(mut self, name: &str, value: impl Into<SecretString>) -> Self {
        self.parts.insert(name, value.into());
        self
    }

    /// The token itself.
    #[must_use]
    pub fn value(&self) -> &SecretString {
        &self.value
    }

    /// Returns the lifetime, counted from when the token request was sent, if the issuer stated
    /// one.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        match self.validity? {
            Validity::For(lifetime) => Some(lifetime),
            Validity::Until(_) => None,
        }
    }

    /// Returns the expiry, as a time of the wall clock, if the issuer stated one.
    #[must_use]
    pub fn expiry(&self) -> Option<SystemTime> {
        match self.validity? {
            Validity::For(_) => None,
            Validity::Until(expiry) => Some(expiry),
        }
    }

    /// The part of this name.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&SecretString> {
        self.parts.get(name)
    }

    /// All parts, sorted by name.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        self.parts.iter()
    }

    pub(crate) fn take_part(&mut self, name: &str) -> Option<SecretString> {
        self.parts.take(name)
    }

    pub(crate) fn validity(&self) -> Option<Validity> {
        self.validity
    }

    pub(crate) fn shared_parts(&self) -> Parts {
        self.parts.clone()
    }
}

#[cfg(test)]
mod tests;
