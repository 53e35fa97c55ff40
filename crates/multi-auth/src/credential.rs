//! A credential: the header fields, query parameters and cookies to attach to a request, and an ID.

mod attach;
pub(crate) mod id;
pub use id::{CredentialId, Generation};
pub(crate) mod placement;
pub(crate) use attach::Attached;
pub(crate) use attach::{cookies_have, param_name, query_has};
mod outgoing;
pub use outgoing::Outgoing;
pub use placement::Placement;
mod strip;
pub(crate) use strip::remove_credentials;
mod query_keys;
pub use query_keys::QueryKeys;
mod per_thread;
pub(crate) use per_thread::PerThread;

use std::fmt;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};

use crate::credential::placement::check_field;
use crate::{AuthError, secret};

/// What an [`Authenticator`](crate::Authenticator) attaches to a request, and its ID.
///
/// Every value is marked sensitive and is never printed. A clone allocates nothing: build a
/// credential once, and return clones.
///
/// ```
/// use http::{HeaderName, HeaderValue};
/// use multi_auth::Credential;
///
/// let tenant = HeaderName::from_static("x-tenant");
/// let credential = Credential::header(tenant, HeaderValue::from_static("north"));
///
/// let (mut parts, ()) = http::Request::get("https://api.example.com").body(())?.into_parts();
/// assert!(credential.attach(&mut parts).is_ok());
/// assert_eq!(parts.headers["x-tenant"], "north");
/// assert!(parts.headers["x-tenant"].is_sensitive());
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Credential {
    id: CredentialId,
    attachments: Option<Attachments>,
}

/// Shared: moving a pointer instead of names and values saves 79 instructions per request.
pub(crate) type Attachments = Arc<[Attachment]>;

/// One header field, query parameter or cookie to add to a request.
///
/// Aligned to cache lines, so that the copies of two threads share none: with a shared line, two
/// threads were 0.7 times as fast as one.
#[derive(Clone, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) enum Attachment {
    /// `Authorization` has its own variant: a name that is known at compile time saves 32
    /// instructions.
    Authorization(HeaderValue),
    /// Boxed, so that the usual variant is small.
    Header(Box<(HeaderName, HeaderValue)>),
    /// A percent-encoded `name=value`, and the index at which the key begins, after a prefix.
    Query(Pair, usize),
    /// A `name=value` of a `Cookie` field.
    Cookie(Pair),
    /// A field that must not hold a credential: attaching it fails.
    Refused(HeaderName),
}

/// A `name=value` pair, kept as a header value: shared and marked sensitive.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pair(pub(crate) HeaderValue);

impl Attachment {
    pub(crate) fn header(name: HeaderName, value: HeaderValue) -> Self {
        if name == AUTHORIZATION {
            Self::Authorization(value)
        } else {
            Self::Header(Box::new((name, value)))
        }
    }

    /// A copy that shares no memory with the original.
    pub(crate) fn copy(&self) -> Self {
        match self {
            Self::Authorization(value) => Self::Authorization(secret::copy(value)),
            // The name was parsed before, so this cannot fail.
            Self::Header(header) => {
                let (name, value) = &**header;
                let own = HeaderName::from_bytes(name.as_str().as_bytes());
                let own = own.unwrap_or_else(|_| name.clone());
                Self::Header(Box::new((own, secret::copy(value))))
            }
            Self::Query(pair, start) => Self::Query(Pair(secret::copy(&pair.0)), *start),
            Self::Cookie(pair) => Self::Cookie(Pair(secret::copy(&pair.0))),
            Self::Refused(name) => Self::Refused(name.clone()),
        }
    }
}

impl Pair {
    pub(crate) fn as_str(&self) -> &str {
        // The value is visible ASCII, so this cannot fail.
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn name(&self) -> &str {
        self.as_str().split('=').next().unwrap_or_default()
    }
}

impl Credential {
    /// A credential that attaches nothing: the request is sent unchanged.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// A credential that attaches nothing, but whose response is judged.
    ///
    /// For a scheme that learns a nonce from the first response (RFC 7616, 3.3) and then asks for a
    /// replay. The ID has `generation`.
    #[must_use]
    pub fn watching(generation: Generation) -> Self {
        Self::empty().with_id(CredentialId::refreshable(generation))
    }

    /// A credential in the header field `name`. The value is marked sensitive.
    ///
    /// If [`Placement::header`](crate::Placement::header) refuses the field, attaching the
    /// credential fails with [`AuthError::Invalid`].
    #[must_use]
    pub fn header(name: HeaderName, mut value: HeaderValue) -> Self {
        if check_field(&name).is_err() {
            return Self::one(Attachment::Refused(name));
        }
        value.set_sensitive(true);
        Self::one(Attachment::header(name, value))
    }

    /// A credential in several header fields, such as a signature and its timestamp. It allocates
    /// less than [`and`](Self::and).
    ///
    /// ```
    /// use http::{HeaderName, HeaderValue};
    /// use multi_auth::Credential;
    ///
    /// # fn main() -> Result<(), multi_auth::AuthError> {
    /// let date = HeaderName::from_static("x-date");
    /// let signature = HeaderName::from_static("x-signature");
    /// let credential = Credential::headers([
    ///     (date, HeaderValue::from_static("20260830T123600Z")),
    ///     (signature, HeaderValue::from_static("5d672d79")),
    /// ])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if two fields have one name.
    pub fn headers(
        fields: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    ) -> Result<Self, AuthError> {
        let attachments = fields.into_iter().map(|(name, mut value)| {
            if check_field(&name).is_err() {
                return Attachment::Refused(name);
            }
            value.set_sensitive(true);
            Attachment::header(name, value)
        });
        let attachments: Attachments = attachments.collect();
        if attachments.is_empty() {
            return Ok(Self::empty());
        }
        let mut rest = &attachments[..];
        while let [first, others @ ..] = rest {
            if others.iter().any(|other| first.is_same_field(other)) {
                return Err(SAME_FIELD);
            }
            rest = others;
        }
        Ok(Self::new(attachments, CredentialId::fixed()))
    }

    pub(crate) fn one(attachment: Attachment) -> Self {
        Self::new(Arc::new([attachment]), CredentialId::fixed())
    }

    #[inline]
    pub(crate) fn new(attachments: Attachments, id: CredentialId) -> Self {
        Self {
            id,
            attachments: Some(attachments),
        }
    }

    /// Replaces the ID of the credential.
    #[must_use]
    pub fn with_id(mut self, id: CredentialId) -> Self {
        self.id = id;
        self
    }

    /// Sets the number of the keyring's binding in the ID.
    #[inline]
    pub(crate) fn bind(&mut self, binding: u32) {
        self.id.bind(binding);
    }

    /// Returns the ID of the credential.
    #[must_use]
    #[inline]
    pub fn id(&self) -> &CredentialId {
        &self.id
    }

    /// Whether there is nothing to attach.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.attachments.is_none()
    }

    /// Whether the response is judged.
    #[inline]
    pub(crate) fn is_judged(&self) -> bool {
        self.id.is_refreshable()
    }

    /// Combines both credentials.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if both set the same header field, query parameter or cookie.
    pub fn and(mut self, other: Self) -> Result<Self, AuthError> {
        let is_ours = |other| self.attachments().any(|own| own.is_same_field(other));
        if other.attachments().any(is_ours) {
            return Err(SAME_FIELD);
        }
        self.id = self.id.and(self.attachments().count(), &other.id);
        self.attachments = match (self.attachments, other.attachments) {
            (Some(own), Some(others)) => Some(own.iter().chain(&*others).cloned().collect()),
            (own, others) => own.or(others),
        };
        Ok(self)
    }

    /// The number of attachments.
    pub(crate) fn count(&self) -> usize {
        self.attachments().count()
    }

    fn attachments(&self) -> impl Iterator<Item = &Attachment> {
        self.attachments.iter().flat_map(|all| all.iter())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<_> = self.attachments().map(Attachment::shown).collect();
        f.debug_struct("Credential")
            .field("id", &self.id)
            .field("sets", &kinds)
            .finish_non_exhaustive()
    }
}

/// A request can carry only one of the two: the other would be lost without an error.
pub(crate) const SAME_FIELD: AuthError = AuthError::unsupported(
    "two credentials set the same header field, query parameter or cookie",
    "give one of them a different name",
);

impl Attachment {
    /// Whether a request can carry only one of the two.
    fn is_same_field(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Authorization(_), Self::Authorization(_)) => true,
            (Self::Header(one), Self::Header(other)) => one.0 == other.0,
            (Self::Query(one, _), Self::Query(other, _)) => {
                query_has(Some(one.name()), other.name())
            }
            (Self::Cookie(one), Self::Cookie(other)) => one.name() == other.name(),
            _ => false,
        }
    }

    /// The place of the secret, without the secret.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Authorization(_) => format!("header {AUTHORIZATION}"),
            Self::Header(header) => format!("header {}", header.0),
            Self::Query(pair, _) => format!("query parameter {}", pair.name()),
            Self::Cookie(pair) => format!("cookie {}", pair.name()),
            Self::Refused(name) => format!("no header {name}"),
        }
    }
}

#[cfg(test)]
mod tests;
