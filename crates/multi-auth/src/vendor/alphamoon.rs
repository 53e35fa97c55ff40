//! Alphamoon Workspace: `Authorization: Basic base64(user:pass)`, where `user:pass` is the API key.

use secrecy::SecretString;

use crate::checked_url::{self, PlainHttp};
use crate::{AuthError, Basic, InputProblem, ProtectionSpace, UrlProblem};

const BASE: &str = "https://workspace.alphamoon.ai";

/// The versions of the API under which processes have paths (`v0.4` is the vendor's beta).
const VERSIONS: [&str; 2] = ["v0.3", "v0.4"];

/// Builds the schemes and protection spaces of Alphamoon Workspace.
///
/// ```
/// use multi_auth::{Alphamoon, Keyring};
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let alphamoon = Alphamoon::default();
/// let keyring = Keyring::builder()
///     .bind(alphamoon.protection_space(), alphamoon.organization_key("h12shadjada:13ehjhj1b3j")?)?
///     .bind_all(alphamoon.process_protection_spaces("invoices")?, alphamoon.process_key("h34:j5b3j")?)?
///     .build();
/// # Ok(())
/// # }
/// ```
///
/// Sources: the vendor's pages "Authenticating" and "Generating new API key". Both documented
/// methods, Basic authentication and the ready-made header, send the same bytes. A key expires on
/// the date that is chosen when it is created. The vendor recommends to replace keys every 3 to 6
/// months. The status of a response to an invalid or expired key is not documented.
#[derive(Clone, Debug)]
pub struct Alphamoon {
    protection_space: ProtectionSpace,
    base: String,
}

impl Alphamoon {
    /// The server at `base`, such as a simulator. A path in `base` is kept. For the vendor's
    /// server, use [`Alphamoon::default`].
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `base` is not valid as a protection space.
    pub fn new(base: &str) -> Result<Self, AuthError> {
        checked_url::parse_base("base URL", base, PlainHttp::LoopbackOnly)?;
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self {
            protection_space: ProtectionSpace::new(&base)?,
            base,
        })
    }

    /// Returns the protection space of an organization's key: everything below the base URL.
    #[must_use]
    pub fn protection_space(&self) -> ProtectionSpace {
        self.protection_space.clone()
    }

    /// Returns the protection spaces of the key of `process`: its paths
    /// `/api/<version>/processes/<process>`.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `process` has characters other than letters, digits, `-`, `_` and
    /// `~`.
    pub fn process_protection_spaces(
        &self,
        process: &str,
    ) -> Result<Vec<ProtectionSpace>, AuthError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~');
        if process.is_empty() || !process.bytes().all(plain) {
            return Err(AuthError::url("process id", UrlProblem::PathSegment));
        }
        let below = |version| {
            ProtectionSpace::new(&format!("{}/api/{version}/processes/{process}", self.base))
        };
        VERSIONS.into_iter().map(below).collect()
    }

    /// Sends an organization's key, as the vendor shows it when it is created: `user:pass`.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `key` is empty, has no colon, or has a control character.
    pub fn organization_key(&self, key: impl Into<SecretString>) -> Result<Basic, AuthError> {
        named("Alphamoon key", Basic::from_pair(key))
    }

    /// Sends the key of one process. Bind it to its
    /// [`process_protection_spaces`](Self::process_protection_spaces).
    ///
    /// # Errors
    ///
    /// As [`organization_key`](Self::organization_key).
    pub fn process_key(&self, key: impl Into<SecretString>) -> Result<Basic, AuthError> {
        named("Alphamoon process key", Basic::from_pair(key))
    }

    /// Sends a key that is already base64-encoded, as in the vendor's second method. The other
    /// constructors never guess this from the value.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `key` is not base64 of a key.
    pub fn encoded_key(&self, key: impl Into<SecretString>) -> Result<Basic, AuthError> {
        named("encoded Alphamoon key", Basic::from_encoded(key))
    }
}

/// The vendor's own server, `https://workspace.alphamoon.ai`.
impl Default for Alphamoon {
    fn default() -> Self {
        match Self::new(BASE) {
            Ok(alphamoon) => alphamoon,
            Err(_) => unreachable!("the vendor's own address is a valid protection space"),
        }
    }
}

/// The key or its error, with the vendor's name of the key.
fn named(what: &'static str, built: Result<Basic, AuthError>) -> Result<Basic, AuthError> {
    match built {
        Ok(basic) => Ok(basic.named(what)),
        Err(AuthError::Invalid(InputProblem::Secret { problem, .. })) => {
            Err(AuthError::invalid_secret(what, problem))
        }
        Err(error) => Err(error),
    }
}
