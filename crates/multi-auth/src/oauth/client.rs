//! OAuth clients, and how they authenticate at the token endpoint (RFC 6749, 2.3; RFC 8705, 2).

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::parameter::Parameter;
use crate::{AuthError, Authenticator, Basic, SecretProblem, TokenSource, secret};

/// An OAuth client, and how it authenticates at the token endpoint.
///
/// The constructors are named after the methods of RFC 7591, section 2, and of
/// RFC 8705, section 2.1, which a server lists as `token_endpoint_auth_methods_supported`.
///
/// | method | constructor | sent |
/// |---|---|---|
/// | `client_secret_basic` | [`secret_basic`](Self::secret_basic) | `Authorization: Basic ...` |
/// | `client_secret_post` | [`secret_post`](Self::secret_post) | `client_id` and `client_secret` |
/// | `private_key_jwt`, `client_secret_jwt` | [`assertion`](Self::assertion) | `client_assertion` |
/// | `tls_client_auth`, `self_signed_tls_client_auth` | [`tls_client_auth`](Self::tls_client_auth) | `client_id`; the transport shows a certificate |
/// | `none` | [`public`](Self::public) | `client_id` |
///
/// ```
/// use multi_auth::oauth::Client;
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// Client::secret_basic("my-app", "s3cret")?; // Authorization: Basic base64(my-app:s3cret)
/// Client::secret_post("my-app", "s3cret")?;  // client_id=my-app&client_secret=s3cret
/// Client::public("my-app")?;                 // client_id=my-app
/// # Ok(())
/// # }
/// ```
///
/// `Debug` prints the client ID and the method.
#[derive(Clone)]
pub struct Client {
    method: &'static str,
    id: String,
    /// The parameters of the request besides those of the grant.
    parameters: Vec<Parameter>,
    /// The credential in `Authorization`.
    credential: Option<Arc<dyn Authenticator>>,
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Client {
    /// Sends ID and secret in `Authorization: Basic`, each form-encoded first (RFC 6749, 2.3.1).
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if either is empty or has a control character.
    pub fn secret_basic(id: &str, secret: impl Into<SecretString>) -> Result<Self, AuthError> {
        let secret = checked(id, secret)?;
        let basic = Basic::client_secret(id, secret)?;
        Ok(Self::new("client_secret_basic", id).with_credential(basic))
    }

    /// Sends ID and secret in `Authorization: Basic` without form-encoding, for a server that does
    /// not decode them.
    ///
    /// This differs from [`secret_basic`](Self::secret_basic) only if ID or secret has characters
    /// other than ASCII letters, digits, `*`, `-`, `.` and `_`.
    ///
    /// # Errors
    ///
    /// As [`secret_basic`](Self::secret_basic), and if `id` has a colon (RFC 7617, 2).
    pub fn secret_basic_unencoded(
        id: &str,
        secret: impl Into<SecretString>,
    ) -> Result<Self, AuthError> {
        let secret = checked(id, secret)?;
        let basic = Basic::new(id, secret)?;
        Ok(Self::new("client_secret_basic", id).with_credential(basic))
    }

    /// Sends ID and secret as the parameters `client_id` and `client_secret` (RFC 6749, 2.3.1).
    ///
    /// # Errors
    ///
    /// As [`secret_basic`](Self::secret_basic).
    pub fn secret_post(id: &str, secret: impl Into<SecretString>) -> Result<Self, AuthError> {
        let secret = checked(id, secret)?;
        let client = Self::new("client_secret_post", id).with_id();
        Ok(client.with_parameter(Parameter::fixed("client_secret", secret)))
    }

    /// Sends a signed assertion as `client_assertion` (RFC 7523, 2.2).
    ///
    /// `assertions` signs a new one for each attempt, retries included, because servers refuse an
    /// assertion that they have seen.
    ///
    /// The crate `multi-auth-sign` has a source that signs them.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `id` is empty or has a control character.
    pub fn assertion(id: &str, assertions: impl TokenSource + 'static) -> Result<Self, AuthError> {
        check_id(id)?;
        let client = Self::new("client_assertion", id)
            .with_id()
            .with_parameter(Parameter::fixed("client_assertion_type", ASSERTION_TYPE));
        Ok(client.with_parameter(Parameter::fresh("client_assertion", assertions)))
    }

    /// Sends only the ID, as `client_id`: the client certificate of the connection proves who sends
    /// it (RFC 8705, 2).
    ///
    /// The certificate is a setting of the HTTP client in the transport. The methods
    /// `tls_client_auth` and `self_signed_tls_client_auth` differ only in how the server knows the
    /// certificate: by its subject, or by its key.
    ///
    /// ```
    /// use multi_auth::oauth::{Client, Grant};
    /// use multi_auth::{AuthError, Bearer, TokenEndpoint, Transport};
    ///
    /// # fn main() {}
    /// # fn accounts(with_certificate: impl Transport + 'static) -> Result<Bearer, AuthError> {
    /// let client = Client::tls_client_auth("my-app")?;
    /// let endpoint = TokenEndpoint::builder("https://mtls.bank.example/token", with_certificate)?
    ///     .grant(Grant::client_credentials(), client)
    ///     .build();
    /// # Ok(Bearer::new(endpoint))
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`assertion`](Self::assertion).
    pub fn tls_client_auth(id: &str) -> Result<Self, AuthError> {
        check_id(id)?;
        Ok(Self::new("tls_client_auth", id).with_id())
    }

    /// Sends only the ID, as `client_id`: a public client has no secret (RFC 6749, 2.1).
    ///
    /// # Errors
    ///
    /// As [`assertion`](Self::assertion).
    pub fn public(id: &str) -> Result<Self, AuthError> {
        check_id(id)?;
        Ok(Self::new("none", id).with_id())
    }

    /// Sends neither ID nor secret: the grant identifies the client, as a signed assertion does
    /// (RFC 7523, 3.1).
    #[must_use]
    pub fn anonymous() -> Self {
        Self::new("none", "")
    }

    pub(crate) fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    pub(crate) fn credential(&self) -> Option<Arc<dyn Authenticator>> {
        self.credential.clone()
    }

    fn new(method: &'static str, id: &str) -> Self {
        Self {
            method,
            id: id.to_owned(),
            parameters: Vec::new(),
            credential: None,
        }
    }

    fn with_id(self) -> Self {
        let id = Parameter::fixed("client_id", self.id.as_str());
        self.with_parameter(id)
    }

    fn with_parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    fn with_credential(self, credential: impl Authenticator + 'static) -> Self {
        Self {
            credential: Some(Arc::new(credential)),
            ..self
        }
    }
}

fn checked(id: &str, secret: impl Into<SecretString>) -> Result<SecretString, AuthError> {
    check_id(id)?;
    let secret = secret.into();
    check("client secret", secret.expose_secret())?;
    Ok(secret)
}

fn check_id(id: &str) -> Result<(), AuthError> {
    check("client ID", id)
}

/// Encoding would hide a control character, so the text is checked before.
fn check(what: &'static str, text: &str) -> Result<(), AuthError> {
    let invalid = |problem| AuthError::invalid_secret(what, problem);
    if text.is_empty() {
        return Err(invalid(SecretProblem::Empty));
    }
    secret::check_controls(text.as_bytes()).map_err(invalid)
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
