//! Settings of a signer.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use multi_auth::{AuthError, Clock, SecretProblem, SecretString, SystemClock};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::{AzureSharedKey, Service, Settings, string_to_sign};
use crate::{SignError, header};

/// Settings of an [`AzureSharedKey`], from [`AzureSharedKey::builder`].
///
/// ```
/// use multi_auth_sign::AzureSharedKey;
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// # let account_key = "bm90IGEga2V5LCBidXQgZW5vdWdoIHRvIHNpZ24gd2l0aA==";
/// let tables = AzureSharedKey::builder("myaccount", account_key)
///     .table()
///     .build()?;
/// # Ok(())
/// # }
/// ```
pub struct AzureSharedKeyBuilder {
    account: Box<str>,
    key: SecretString,
    service: Service,
    version: Option<Box<str>>,
    clock: Arc<dyn Clock>,
}

/// The default of `x-ms-version` for Blob, Queue and File storage.
const VERSION: &str = "2023-11-03";

/// The default of `x-ms-version` for Table storage.
const TABLE_VERSION: &str = "2019-02-02";

impl AzureSharedKeyBuilder {
    pub(super) fn new(account: &str, key: SecretString) -> Self {
        Self {
            account: account.into(),
            key,
            service: Service::Blob,
            version: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// Signs requests to Table storage. The signature covers the method, the path, the parameter
    /// `comp`, `Content-MD5`, `Content-Type` and the time.
    ///
    /// Table storage requires the fields `DataServiceVersion` and `MaxDataServiceVersion`, which
    /// you set.
    #[must_use]
    pub fn table(self) -> Self {
        Self {
            service: Service::Table,
            ..self
        }
    }

    /// Sets the value of `x-ms-version` for requests that have none. Default: `2023-11-03`, and
    /// `2019-02-02` for Table storage.
    #[must_use]
    pub fn version(self, version: &str) -> Self {
        let version = Some(version.into());
        Self { version, ..self }
    }

    /// Sets the clock for the time of signatures. Default: [`SystemClock`].
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Builds the signer.
    ///
    /// # Errors
    ///
    /// As [`AzureSharedKey::new`]. [`SignError::Signature`](crate::SignError::Signature) in
    /// [`AuthError::Other`] if the version is not a date, or is before 2016-05-31, when the rules of
    /// signatures changed.
    pub fn build(self) -> Result<AzureSharedKey, AuthError> {
        if !is_account(&self.account) {
            return Err(ACCOUNT.into());
        }
        let version = self.version.unwrap_or_else(|| match self.service {
            Service::Blob => VERSION.into(),
            Service::Table => TABLE_VERSION.into(),
        });
        string_to_sign::check_version(version.as_bytes())?;
        Ok(AzureSharedKey(Arc::new(Settings {
            key: read(self.key.expose_secret())?,
            account: self.account,
            service: self.service,
            version: header::value(String::from(version))?,
            clock: self.clock,
        })))
    }
}

const ACCOUNT: SignError = SignError::signature(
    "the storage account has an invalid name",
    "give 3 to 24 lower-case letters and digits, without `-secondary` and `.blob.core.windows.net`",
);

const KEY: SignError = SignError::signature(
    "the account key is not base64",
    "copy a key again from the storage account's access keys, or the value of `AccountKey` from a connection string",
);

/// Whether `text` is the name of a storage account
/// ([Microsoft](https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name)).
fn is_account(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=24).contains(&text.len()) && text.bytes().all(is_part)
}

/// The key in the base64 `text`.
fn read(text: &str) -> Result<hmac::Key, AuthError> {
    let problem = match text {
        "" => Some(SecretProblem::Empty),
        text if text.ends_with(['\n', '\r']) => Some(SecretProblem::TrailingNewline),
        _ => None,
    };
    if let Some(problem) = problem {
        return Err(AuthError::invalid_secret("account key", problem));
    }
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
    let length = STANDARD.decode_slice(text, &mut bytes).map_err(|_| KEY)?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes[..length]))
}

impl fmt::Debug for AzureSharedKeyBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureSharedKeyBuilder")
            .field("account", &self.account)
            .field("service", &self.service)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
