//! Settings of a signer.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use multi_auth::{AuthError, Clock, Placement, SecretString, SystemClock};

use super::compile::{self, Names, Placed};
use super::nonce::Nonces;
use super::template::{Reads, check_name};
use super::{HmacSigner, NonceFormat, Settings, TemplateValue, TimestampFormat};
use crate::SignError;

/// Settings of an [`HmacSigner`], from [`HmacSigner::builder`].
pub struct HmacSignerBuilder {
    pub(super) timestamp: TimestampFormat,
    pub(super) nonce: NonceFormat,
    pub(super) values: Vec<(Box<str>, TemplateValue)>,
    pub(super) secrets: Vec<(Box<str>, SecretString)>,
    pub(super) headers: Vec<(Box<str>, Box<str>)>,
    pub(super) parameters: Vec<(Box<str>, Box<str>)>,
    clock: Arc<dyn Clock>,
}

impl HmacSignerBuilder {
    pub(super) fn new() -> Self {
        Self {
            timestamp: TimestampFormat::default(),
            nonce: NonceFormat::default(),
            values: Vec::new(),
            secrets: Vec::new(),
            headers: Vec::new(),
            parameters: Vec::new(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets how `{timestamp}` is written. Default: seconds.
    #[must_use]
    pub fn timestamp(self, timestamp: TimestampFormat) -> Self {
        Self { timestamp, ..self }
    }

    /// Sets how `{nonce}` is made. Default: 128 random bits in hexadecimal.
    #[must_use]
    pub fn nonce(self, nonce: NonceFormat) -> Self {
        Self { nonce, ..self }
    }

    /// Adds a value that is computed for each request. Templates name it `{name}`.
    #[must_use]
    pub fn value(mut self, name: &str, value: TemplateValue) -> Self {
        self.values.push((name.into(), value));
        self
    }

    /// Adds a secret besides the key, such as the ID of the key. Templates name it `{name}`.
    #[must_use]
    pub fn secret(mut self, name: &str, secret: impl Into<SecretString>) -> Self {
        self.secrets.push((name.into(), secret.into()));
        self
    }

    /// Sends the header field `name` with the text of `template`.
    #[must_use]
    pub fn header(mut self, name: &str, template: &str) -> Self {
        self.headers.push((name.into(), template.into()));
        self
    }

    /// Sends the query parameter `name` with the text of `template`.
    ///
    /// A parameter whose template does not need the query comes first and is a part of `{query}`,
    /// `{request_target}` and `{target_uri}`, such as a timestamp. One that does, such as the
    /// signature of the query, comes last.
    #[must_use]
    pub fn query_parameter(mut self, name: &str, template: &str) -> Self {
        self.parameters.push((name.into(), template.into()));
        self
    }

    /// Sets the clock of the timestamp. Default: [`SystemClock`].
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Builds the signer. `key` is the bytes of the key: decode it if the vendor shows it in
    /// base64 or hexadecimal.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if a template names something unknown, values name each other in a circle,
    /// nothing is sent, the key is empty or itself in what is sent, or a secret cannot be sent.
    pub fn build(self, key: &[u8]) -> Result<HmacSigner, AuthError> {
        const EMPTY: SignError =
            SignError::signature("the key of the signature is empty", "give the vendor's key");
        const NOT_SENT: SignError = SignError::signature(
            "the signature is not sent",
            "name a header field or a query parameter for it",
        );
        if key.is_empty() {
            return Err(EMPTY.into());
        }
        self.timestamp.check()?;
        self.check_names()?;
        self.check_secrets()?;
        let mut names = Names::new(self.secrets.iter().map(|(name, _)| &**name));
        let values = compile::values(&self.values, key, &mut names)?;
        let headers = compile::placed(&self.headers, &names, Placement::header)?;
        let parameters = compile::placed(&self.parameters, &names, Placement::query)?;
        if headers.is_empty() && parameters.is_empty() {
            return Err(NOT_SENT.into());
        }
        let placed = headers.iter().chain(&parameters);
        let reads = values.iter().map(|value| value.reads);
        let reads = reads.chain(placed.map(|placed| placed.template.reads));
        Ok(HmacSigner(Arc::new(Settings {
            reads: reads.fold(Reads::NOTHING, Reads::and),
            key: key.to_vec().into(),
            values,
            headers: headers.into_iter().map(named).collect::<Result<_, _>>()?,
            parameters,
            secrets: self.secrets,
            timestamp: self.timestamp,
            nonces: Nonces::new(self.nonce),
            clock: self.clock,
        })))
    }

    fn check_names(&self) -> Result<(), SignError> {
        const TWICE: &str = "give each its own name";
        let values = self.values.iter().map(|(name, _)| name);
        let names: Vec<_> = self
            .secrets
            .iter()
            .map(|(name, _)| name)
            .chain(values)
            .collect();
        for (at, name) in names.iter().enumerate() {
            check_name(name)?;
            if names[..at].contains(name) {
                let what = format!("two secrets or values of the signature have the name `{name}`");
                return Err(SignError::signature_of(what, TWICE));
            }
        }
        Ok(())
    }

    /// Each secret can be sent in a header field.
    fn check_secrets(&self) -> Result<(), AuthError> {
        let place = Placement::authorization();
        let mut secrets = self.secrets.iter();
        secrets.try_for_each(|(_, secret)| place.credential(secret).map(drop))
    }
}

/// The field with its parsed name, which its place has checked.
fn named(placed: Placed) -> Result<(HeaderName, Placed), SignError> {
    const NO_NAME: SignError = SignError::signature(
        "a header field of the signature has an invalid name",
        "write the name that the vendor documents",
    );
    let name = HeaderName::from_bytes(placed.name.as_bytes());
    Ok((name.map_err(|_| NO_NAME)?, placed))
}

impl fmt::Debug for HmacSignerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |named: &[(Box<str>, SecretString)]| {
            named
                .iter()
                .map(|(name, _)| name.clone())
                .collect::<Vec<_>>()
        };
        f.debug_struct("HmacSignerBuilder")
            .field("timestamp", &self.timestamp)
            .field("nonce", &self.nonce)
            .field("values", &self.values)
            .field("secrets", &names(&self.secrets))
            .field("headers", &self.headers)
            .field("parameters", &self.parameters)
            .finish_non_exhaustive()
    }
}
