//! Azure Storage's Shared Key: `Authorization: SharedKey account:signature`, with `x-ms-date` and
//! `x-ms-version`.

mod builder;
mod order;
mod resource;
mod string_to_sign;

pub use builder::AzureSharedKeyBuilder;

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_LENGTH};
use http::{HeaderName, HeaderValue};
use multi_auth::{
    AuthError, Authenticator, BodyNeed, Clock, Credential, Placement, RequestHead, SecretString,
};

use self::string_to_sign::StringToSign;
use crate::{TimestampFormat, header};

const X_MS_DATE: HeaderName = HeaderName::from_static("x-ms-date");
const X_MS_VERSION: HeaderName = HeaderName::from_static("x-ms-version");

/// Signs requests to Azure Storage with an account key
/// ([Microsoft](https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key)).
///
/// ```
/// use multi_auth::Keyring;
/// use multi_auth_sign::AzureSharedKey;
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// # let account_key = "bm90IGEga2V5LCBidXQgZW5vdWdoIHRvIHNpZ24gd2l0aA==";
/// let azure = AzureSharedKey::new("myaccount", account_key)?;
/// let keyring = Keyring::builder()
///     .bind("https://myaccount.blob.core.windows.net", azure)?
///     .build();
/// # Ok(())
/// # }
/// ```
///
/// # What is signed
///
/// For Blob, Queue and File storage: the method, the path, the query, the length of the body, and
/// the fields `Content-Encoding`, `Content-Language`, `Content-MD5`, `Content-Type`, `If-*`,
/// `Range` and `x-ms-*` that the request has when it reaches the adapter. The body itself is not
/// signed: set `Content-MD5` if it must be. [`table`](AzureSharedKeyBuilder::table) signs requests
/// to Table storage. A layer below the adapter must not change what is signed.
///
/// The signature adds `x-ms-date`, and `x-ms-version` if the request has none. If the request has
/// `Authorization`, `x-ms-date` or a shared access signature (`sig`) in its query, it is sent as it
/// is.
///
/// # Bodies
///
/// A body in memory has a length. If the body is a stream, set `Content-Length`: a request without
/// it fails.
///
/// # Other hosts
///
/// The account is the same for the secondary location, `myaccount-secondary.blob.core.windows.net`,
/// and for the emulator Azurite, whose paths begin with the account.
#[derive(Clone)]
pub struct AzureSharedKey(Arc<Settings>);

struct Settings {
    account: Box<str>,
    key: hmac::Key,
    service: Service,
    /// The value of `x-ms-version`.
    version: HeaderValue,
    clock: Arc<dyn Clock>,
}

/// Which text is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    /// Blob, Queue and File storage.
    Blob,
    Table,
}

impl AzureSharedKey {
    /// Signs requests to Blob, Queue and File storage with one of the keys of `account`, in base64
    /// as the portal shows it.
    ///
    /// # Errors
    ///
    /// [`SignError::Signature`](crate::SignError::Signature) in [`AuthError::Other`] if the account
    /// is not the name of a storage account, or if the key is not base64. [`AuthError::Invalid`] if
    /// the key is empty.
    pub fn new(account: &str, account_key: impl Into<SecretString>) -> Result<Self, AuthError> {
        Self::builder(account, account_key).build()
    }

    /// Starts a signer for `account`, with settings.
    #[must_use]
    pub fn builder(account: &str, account_key: impl Into<SecretString>) -> AzureSharedKeyBuilder {
        AzureSharedKeyBuilder::new(account, account_key.into())
    }

    fn sign(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let settings = &*self.0;
        let date = TimestampFormat::HttpDate.write(settings.clock.wall())?;
        let version = &settings.version;
        let version = Some(version).filter(|_| !request.headers().contains_key(X_MS_VERSION));
        let text = StringToSign {
            request,
            account: &settings.account,
            date: &date,
            version: version.map(HeaderValue::as_bytes),
        }
        .write(settings.service)?;
        let version = version.map(|version| (X_MS_VERSION, version.clone()));
        let fields = [
            (AUTHORIZATION, header::value(settings.authorization(&text))?),
            (X_MS_DATE, header::value(date)?),
        ];
        Credential::headers(fields.into_iter().chain(version))
    }
}

impl Settings {
    /// The value of `Authorization` for the string to sign `text`.
    fn authorization(&self, text: &[u8]) -> String {
        const SCHEME: &str = "SharedKey ";
        let signature = hmac::sign(&self.key, text);
        // A hash of 32 bytes has 44 characters.
        let mut value = String::with_capacity(SCHEME.len() + self.account.len() + 1 + 44);
        value.push_str(SCHEME);
        value.push_str(&self.account);
        value.push(':');
        STANDARD.encode_string(signature, &mut value);
        value
    }
}

impl Authenticator for AzureSharedKey {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        if has_signature(request) {
            return Some(Ok(Credential::empty()));
        }
        Some(self.sign(request))
    }

    fn placements(&self) -> Vec<Placement> {
        header::placements(&[AUTHORIZATION, X_MS_DATE, X_MS_VERSION])
    }

    fn needs_body(&self) -> BodyNeed {
        match self.0.service {
            Service::Blob => BodyNeed::Digest,
            Service::Table => BodyNeed::Nothing,
        }
    }

    /// A length that the caller gives is signed in place of the body's.
    fn needs_body_of(&self, request: &RequestHead<'_>) -> BodyNeed {
        if has_signature(request) || request.headers().contains_key(CONTENT_LENGTH) {
            return BodyNeed::Nothing;
        }
        self.needs_body()
    }
}

/// Whether the caller has signed the request, in its header or in its query.
fn has_signature(request: &RequestHead<'_>) -> bool {
    // One pass costs less than two look-ups.
    let mut names = request.headers().keys();
    let query = request.query().unwrap_or_default();
    names.any(|name| [AUTHORIZATION, X_MS_DATE].contains(name))
        || query.split('&').any(|part| part.starts_with("sig="))
}

impl fmt::Debug for AzureSharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureSharedKey")
            .field("account", &self.0.account)
            .field("service", &self.0.service)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
