//! Where a token request carries its parameters.

/// Where a token request carries the parameters of its grant and client.
///
/// ```
/// use multi_auth::oauth::{Encoding, Grant};
///
/// // {"grant_type":"client_credentials"}
/// let grant = Grant::client_credentials().with_encoding(Encoding::Json);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// In the body, as `application/x-www-form-urlencoded` (RFC 6749, 4.4.2).
    #[default]
    Form,
    /// In the body, as the members of a JSON object. Some vendors require it.
    Json,
    /// In the query of the token endpoint's URL, with no body. Servers and proxies log queries:
    /// choose it only for a vendor that accepts nothing else.
    Query,
}
