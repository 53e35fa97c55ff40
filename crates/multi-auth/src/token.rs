//! A token as a source hands it over: its value, its life and its parts.

pub(crate) mod cache;
mod current;
pub use current::CurrentToken;
pub(crate) mod endpoint;
pub use endpoint::{
    ConstantHeaders, TokenEndpoint, TokenEndpointBuilder, TokenRequestBody, USER_AGENT,
};
mod parts;
pub(crate) use parts::Parts;
mod source;
pub use source::{TokenSource, source_fn};

use std::time::{Duration, SystemTime};

use secrecy::SecretString;

/// A token with what its issuer says about its life, and with the parts that came along.
///
/// `Debug` prints neither the value nor those of the parts. All of them are wiped when the last
/// copy is dropped.
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
    life: Option<Lifetime>,
    parts: Parts,
}

/// How long a token lives, as its issuer says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// So long after the token request was sent.
    For(Duration),
    /// Until this time on the wall clock.
    Until(SystemTime),
}

/// The shortest life of a token that is used. A shorter one comes from a wrong unit or a wrong
/// clock.
pub(crate) const SHORTEST_LIFE: Duration = Duration::from_secs(1);

impl Token {
    /// A token that lives until it is refused.
    pub fn new(value: impl Into<SecretString>) -> Self {
        Self {
            value: value.into(),
            life: None,
            parts: Parts::default(),
        }
    }

    /// The same token with a lifetime that counts from when the token request was sent, in place of
    /// an earlier lifetime or expiry.
    ///
    /// A token whose lifetime is over when it arrives, or is under one second, is never used: the
    /// token request counts as failed.
    #[must_use]
    pub fn with_lifetime(self, lifetime: Duration) -> Self {
        let life = Some(Lifetime::For(lifetime));
        Self { life, ..self }
    }

    /// The same token with the time on the wall clock at which it expires, in place of an earlier
    /// lifetime or expiry.
    #[must_use]
    pub fn with_expiry(self, expiry: SystemTime) -> Self {
        let life = Some(Lifetime::Until(expiry));
        Self { life, ..self }
    }

    /// The same token with a further value that came with it, in place of an earlier part of this
    /// name. The name is no secret: `Debug` prints it.
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

    /// How long it lives from when the token request was sent, if that is how its issuer said it.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        match self.life? {
            Lifetime::For(lifetime) => Some(lifetime),
            Lifetime::Until(_) => None,
        }
    }

    /// When it expires on the wall clock, if that is how its issuer said it.
    #[must_use]
    pub fn expiry(&self) -> Option<SystemTime> {
        match self.life? {
            Lifetime::For(_) => None,
            Lifetime::Until(expiry) => Some(expiry),
        }
    }

    /// The further value of this name.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&SecretString> {
        self.parts.get(name)
    }

    /// All further values, sorted by name.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        self.parts.iter()
    }

    pub(crate) fn take_part(&mut self, name: &str) -> Option<SecretString> {
        self.parts.take(name)
    }

    pub(crate) fn life(&self) -> Option<Lifetime> {
        self.life
    }

    pub(crate) fn shared_parts(&self) -> Parts {
        self.parts.clone()
    }
}

#[cfg(test)]
mod tests;
