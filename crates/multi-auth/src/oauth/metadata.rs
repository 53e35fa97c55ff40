//! The metadata of an authorization server (RFC 8414; OpenID Connect Discovery 1.0).

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::TokenRequestProblem as Problem;
use crate::checked_url::{self, PlainHttp};

/// The metadata of an authorization server (RFC 8414, 2), from
/// [`Discovery::metadata`](super::Discovery::metadata).
///
/// Its endpoints are https, at the issuer's origin or at one that
/// [`Discovery::allow_origin`](super::Discovery::allow_origin) allows.
///
/// ```
/// use multi_auth::AuthError;
/// use multi_auth::oauth::Discovery;
///
/// # fn main() {}
/// # async fn example(discovery: Discovery) -> Result<(), AuthError> {
/// let metadata = discovery.metadata().await?;
/// println!("tokens are requested at {}", metadata.token_endpoint);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metadata {
    /// The issuer, in the same spelling as it was given to
    /// [`Discovery::new`](super::Discovery::new).
    pub issuer: String,
    /// The URL at which a client requests tokens (RFC 6749, 3.2).
    pub token_endpoint: Url,
    /// The URL at which a person logs in (RFC 6749, 3.1).
    pub authorization_endpoint: Option<Url>,
    /// The URL at which a client requests a device code (RFC 8628, 4).
    pub device_authorization_endpoint: Option<Url>,
    /// The URL at which a client revokes a token (RFC 7009).
    pub revocation_endpoint: Option<Url>,
    /// How clients may authenticate at the token endpoint. If it is empty, `client_secret_basic`.
    pub token_endpoint_auth_methods: Vec<String>,
    /// The grants of the token endpoint. If it is empty, `authorization_code` and `implicit`.
    pub grant_types: Vec<String>,
    /// Whether responses to authorization requests name the issuer (RFC 9207, 3).
    pub is_issuer_in_response: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: Option<String>,
    token_endpoint: Option<String>,
    authorization_endpoint: Option<String>,
    device_authorization_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Names,
    #[serde(default)]
    grant_types_supported: Names,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// A list of at most 256 names, so that a hostile document takes little memory.
#[derive(Default)]
struct Names(Vec<String>);

const MAX_NAMES: usize = 256;

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX_NAMES} names")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element()? {
            if names.len() == MAX_NAMES {
                return Err(A::Error::invalid_length(MAX_NAMES + 1, &self));
            }
            names.push(name);
        }
        Ok(Names(names))
    }
}

const ISSUER: &str = "the configured issuer";
const ENDPOINT: &str =
    "an https URL at the issuer's origin, or at one that `Discovery::allow_origin` allows";

impl Metadata {
    /// Parses `body`, the document of `issuer`. `is_allowed` decides whether an endpoint is
    /// accepted.
    pub(super) fn read(
        issuer: &str,
        body: &[u8],
        is_allowed: impl Fn(&Url) -> bool,
    ) -> Result<Self, Problem> {
        let document: Document = serde_json::from_slice(body).map_err(|_| Problem::NotJson)?;
        // Compared as text (RFC 8414, 3.3): the document of another issuer is refused.
        match document.issuer.as_deref() {
            Some(named) if named == issuer => {}
            Some(_) => return Err(malformed("/issuer", ISSUER)),
            None => return Err(missing("/issuer")),
        }
        let endpoint = |member, url: Option<String>| {
            let url = url.map(|url| checked_url::parse("endpoint", &url, PlainHttp::LoopbackOnly));
            match url {
                None => Ok(None),
                Some(Ok(url)) if is_allowed(&url) => Ok(Some(url)),
                Some(_) => Err(malformed(member, ENDPOINT)),
            }
        };
        let token_endpoint = endpoint("/token_endpoint", document.token_endpoint)?;
        Ok(Self {
            issuer: issuer.to_owned(),
            token_endpoint: token_endpoint.ok_or_else(|| missing("/token_endpoint"))?,
            authorization_endpoint: endpoint(
                "/authorization_endpoint",
                document.authorization_endpoint,
            )?,
            device_authorization_endpoint: endpoint(
                "/device_authorization_endpoint",
                document.device_authorization_endpoint,
            )?,
            revocation_endpoint: endpoint("/revocation_endpoint", document.revocation_endpoint)?,
            token_endpoint_auth_methods: document.token_endpoint_auth_methods_supported.0,
            grant_types: document.grant_types_supported.0,
            is_issuer_in_response: document.authorization_response_iss_parameter_supported,
        })
    }
}

fn missing(member: &str) -> Problem {
    let member = member.to_owned();
    Problem::Missing { member }
}

fn malformed(member: &str, expected: &'static str) -> Problem {
    let member = member.to_owned();
    Problem::Malformed { member, expected }
}
