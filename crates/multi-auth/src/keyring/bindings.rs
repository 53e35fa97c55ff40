//! Lists the bindings of a keyring for status pages, and finds the one that serves a request.

use std::fmt;

use super::{Keyring, ProtectionSpace, gets_no_credential};
use crate::{Placement, RequestHead, TokenSnapshot};

/// One binding of a [`Keyring`], from [`Keyring::bindings`]. It holds no secret.
///
/// ```
/// use multi_auth::{Binding, Keyring};
///
/// /// Lines such as `https://api.example.com/v1: x-api-key: ****`.
/// fn status(keyring: &Keyring) -> Vec<String> {
///     let line = |binding: Binding| {
///         let places: Vec<_> = binding.placements().iter().map(ToString::to_string).collect();
///         format!("{}: {}", binding.protection_space(), places.join(", "))
///     };
///     keyring.bindings().map(line).collect()
/// }
/// # assert!(status(&Keyring::builder().build()).is_empty());
/// ```
#[derive(Clone)]
pub struct Binding {
    protection_space: ProtectionSpace,
    placements: Vec<Placement>,
    label: &'static str,
    token: Option<TokenSnapshot>,
}

impl Binding {
    /// Returns the protection space of the credential.
    #[must_use]
    pub fn protection_space(&self) -> &ProtectionSpace {
        &self.protection_space
    }

    /// Returns where the authenticator puts its credentials in a request.
    #[must_use]
    pub fn placements(&self) -> &[Placement] {
        &self.placements
    }

    /// Returns the state of its token. A fixed key has none.
    #[must_use]
    pub fn token(&self) -> Option<&TokenSnapshot> {
        self.token.as_ref()
    }

    /// Its label in metrics; see [`ProtectionSpace::with_label`].
    #[must_use]
    pub fn label(&self) -> &str {
        self.label
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let placements: Vec<_> = self.placements.iter().map(ToString::to_string).collect();
        f.debug_struct("Binding")
            .field("protection_space", &self.protection_space)
            .field("placements", &placements)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// Returns all bindings, in the order in which they were added, for a status page or a log.
    ///
    /// ```
    /// use multi_auth::{ApiKey, Keyring};
    ///
    /// # fn main() -> Result<(), multi_auth::AuthError> {
    /// let keyring = Keyring::builder()
    ///     .bind("https://api.example.com/v1", ApiKey::header("x-api-key", "k-123")?)?
    ///     .build();
    /// for binding in keyring.bindings() {
    ///     let space = binding.protection_space();
    ///     assert_eq!((space.path(), binding.label()), ("/v1", "api.example.com"));
    ///     assert_eq!(binding.placements()[0].to_string(), "x-api-key: ****");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn bindings(&self) -> impl ExactSizeIterator<Item = Binding> {
        let mut all: Vec<_> = self.inner.table.iter().collect();
        all.sort_unstable_by_key(|(number, _)| *number);
        all.into_iter().map(|(number, protection_space)| {
            let authenticator = self.inner.authenticators.get(number as usize);
            let label = self.inner.labels.get(number as usize).copied();
            Binding {
                protection_space,
                placements: authenticator.map_or_else(Vec::new, |bound| bound.placements()),
                label: label.unwrap_or_default().name(),
                token: authenticator.and_then(|bound| bound.token_snapshot()),
            }
        })
    }

    /// Returns the index in [`bindings`](Self::bindings) of the binding that serves `request`.
    ///
    /// `None` if no binding serves it, if it has [`Anonymous`](crate::Anonymous), or if it is a
    /// [`ForeignHop`](crate::ForeignHop). With this, a service below the authentication chooses an
    /// HTTP client for each binding, such as one with a client certificate.
    ///
    /// ```
    /// use http::{Extensions, HeaderMap, Method, Uri};
    /// use multi_auth::{ApiKey, Keyring, RequestHead};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keyring = Keyring::builder()
    ///     .bind("https://bank.example", ApiKey::header("x-api-key", "k-1")?)?
    ///     .bind("https://shop.example", ApiKey::header("x-api-key", "k-2")?)?
    ///     .build();
    /// let (headers, extensions) = (HeaderMap::new(), Extensions::new());
    /// let index = |uri: &'static str| {
    ///     let uri = Uri::from_static(uri);
    ///     keyring.binding_index(&RequestHead::from_uri(&Method::GET, &uri, &headers, &extensions))
    /// };
    /// assert_eq!(index("https://shop.example/orders"), Some(1));
    /// assert_eq!(index("https://other.example/orders"), None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn binding_index(&self, request: &RequestHead<'_>) -> Option<usize> {
        if request.has_extensions() && gets_no_credential(self, request) {
            return None;
        }
        let number = self.inner.table.find(request).ok()??;
        usize::try_from(number).ok()
    }
}
