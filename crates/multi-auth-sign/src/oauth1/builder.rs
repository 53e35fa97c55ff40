//! Settings of a signer.

use std::fmt;
use std::sync::Arc;

use multi_auth::{AuthError, Clock, SecretProblem, SecretString, SystemClock};
use secrecy::ExposeSecret;

use super::method::{Choice, SignatureMethod};
use super::{OAuth1, Settings, encoding};
use crate::hmac::Nonces;
use crate::{NonceFormat, SignError};

/// Settings of an [`OAuth1`], from [`OAuth1::builder`].
pub struct OAuth1Builder {
    consumer_key: Box<str>,
    consumer_secret: SecretString,
    token: Option<Box<str>>,
    token_secret: SecretString,
    callback: Option<Box<str>>,
    verifier: Option<Box<str>>,
    realm: Option<Box<str>>,
    method: Choice,
    has_version: bool,
    has_body_hash: bool,
    nonce: NonceFormat,
    clock: Arc<dyn Clock>,
}

impl OAuth1Builder {
    pub(super) fn new(consumer_key: &str, consumer_secret: SecretString) -> Self {
        Self {
            consumer_key: consumer_key.into(),
            consumer_secret,
            token: None,
            token_secret: SecretString::default(),
            callback: None,
            verifier: None,
            realm: None,
            method: Choice::HmacSha1,
            has_version: true,
            has_body_hash: false,
            nonce: NonceFormat::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets the token of the user and its secret. Vendors call it the access token. Default: none,
    /// which signs for the client alone.
    #[must_use]
    pub fn token(self, token: &str, token_secret: impl Into<SecretString>) -> Self {
        Self {
            token: Some(token.into()),
            token_secret: token_secret.into(),
            ..self
        }
    }

    /// Sends the parameter `realm`, such as the account ID of `NetSuite`. It is not signed
    /// (RFC 5849, 3.4.1.3.1).
    #[must_use]
    pub fn realm(self, realm: &str) -> Self {
        let realm = Some(realm.into());
        Self { realm, ..self }
    }

    /// Sends the parameter `oauth_callback`, for the request for temporary credentials (RFC 5849,
    /// 2.1): a URL, or `oob`.
    #[must_use]
    pub fn callback(self, callback: &str) -> Self {
        let callback = Some(callback.into());
        Self { callback, ..self }
    }

    /// Sends the parameter `oauth_verifier`, for the request for a token (RFC 5849, 2.3).
    #[must_use]
    pub fn verifier(self, verifier: &str) -> Self {
        let verifier = Some(verifier.into());
        Self { verifier, ..self }
    }

    /// Signs with HMAC-SHA256 in place of HMAC-SHA1. The RFC does not have it. `NetSuite` requires
    /// it.
    #[must_use]
    pub fn hmac_sha256(self) -> Self {
        let method = Choice::HmacSha256;
        Self { method, ..self }
    }

    /// Sends both secrets in place of a signature (`PLAINTEXT`, RFC 5849, 3.4.4), for a server that
    /// accepts nothing else, such as MAAS. Anyone who sees a request then has the secrets: use
    /// https.
    #[must_use]
    pub fn dangerous_plaintext(self) -> Self {
        let method = Choice::Plaintext;
        Self { method, ..self }
    }

    /// Signs bodies that are not forms too, by the parameter `oauth_body_hash`
    /// ([draft](https://datatracker.ietf.org/doc/html/draft-eaton-oauth-bodyhash-00)). The hash is
    /// SHA-1 with HMAC-SHA1, and SHA-256 with HMAC-SHA256. A body that is a stream is then an
    /// error.
    #[must_use]
    pub fn body_hash(self) -> Self {
        Self {
            has_body_hash: true,
            ..self
        }
    }

    /// Leaves the parameter `oauth_version` out, which is optional (RFC 5849, 3.1).
    #[must_use]
    pub fn without_version(self) -> Self {
        Self {
            has_version: false,
            ..self
        }
    }

    /// Sets how `oauth_nonce` is made. Default: 128 random bits in hexadecimal.
    #[must_use]
    pub fn nonce(self, nonce: NonceFormat) -> Self {
        Self { nonce, ..self }
    }

    /// Sets the clock of `oauth_timestamp`. Default: [`SystemClock`].
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Builds the signer.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if the consumer key is empty, both secrets are, or a key or a secret
    /// has a control character. [`SignError::Signature`](crate::SignError::Signature) in
    /// [`AuthError::Other`] if the realm has a character that cannot be sent, or a body hash is
    /// wanted without a signature.
    pub fn build(self) -> Result<OAuth1, AuthError> {
        self.check()?;
        let start = match &self.realm {
            Some(realm) => format!("OAuth realm=\"{realm}\", "),
            None => "OAuth ".to_owned(),
        };
        Ok(OAuth1(Arc::new(Settings {
            start: start.into(),
            fixed: self.fixed(),
            method: SignatureMethod::new(self.method, &self.consumer_secret, &self.token_secret),
            has_body_hash: self.has_body_hash,
            nonces: Nonces::new(self.nonce),
            clock: self.clock,
        })))
    }

    fn check(&self) -> Result<(), AuthError> {
        check_text("consumer key", &self.consumer_key)?;
        check_text("token", self.token.as_deref().unwrap_or("none"))?;
        let (consumer, token) = (
            self.consumer_secret.expose_secret(),
            self.token_secret.expose_secret(),
        );
        // One of them may be empty, as the consumer secret of MAAS is.
        match (consumer, token) {
            ("", token) => check_text("token secret", token)?,
            (consumer, "") => check_text("consumer secret", consumer)?,
            (consumer, token) => {
                check_text("consumer secret", consumer)?;
                check_text("token secret", token)?;
            }
        }
        self.check_settings().map_err(Into::into)
    }

    fn check_settings(&self) -> Result<(), SignError> {
        const REALM: SignError = SignError::signature(
            "the realm has a character that cannot be sent",
            "give visible ASCII without a quotation mark and a backslash",
        );
        const NOT_SIGNED: SignError = SignError::signature(
            "a body hash is sent without a signature",
            "leave out `body_hash` or `dangerous_plaintext`",
        );
        let is_sent = |byte: u8| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte);
        let realm = self.realm.as_deref().unwrap_or_default();
        if !realm.bytes().all(is_sent) {
            return Err(REALM);
        }
        if self.has_body_hash && self.method == Choice::Plaintext {
            return Err(NOT_SIGNED);
        }
        Ok(())
    }

    /// The protocol parameters that each request has, with encoded values.
    fn fixed(&self) -> Box<[(&'static str, Box<str>)]> {
        let fixed = [
            ("oauth_version", Some("1.0").filter(|_| self.has_version)),
            ("oauth_signature_method", Some(self.method.name())),
            ("oauth_consumer_key", Some(&*self.consumer_key)),
            ("oauth_token", self.token.as_deref()),
            ("oauth_callback", self.callback.as_deref()),
            ("oauth_verifier", self.verifier.as_deref()),
        ];
        let fixed = fixed.into_iter().filter_map(|(name, value)| {
            let value = encoding::encoded(value?.as_bytes());
            Some((name, value.into()))
        });
        fixed.collect()
    }
}

fn check_text(what: &'static str, text: &str) -> Result<(), AuthError> {
    let problem = match text {
        "" => SecretProblem::Empty,
        text if text.ends_with(['\n', '\r']) => SecretProblem::TrailingNewline,
        text if text.contains(char::is_control) => SecretProblem::ControlCharacter,
        _ => return Ok(()),
    };
    Err(AuthError::invalid_secret(what, problem))
}

impl fmt::Debug for OAuth1Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth1Builder")
            .field("realm", &self.realm)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
