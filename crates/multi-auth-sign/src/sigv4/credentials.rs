//! The credentials of an AWS identity.

use std::fmt;

use multi_auth::{AuthError, SecretProblem, SecretString, Token};
use secrecy::ExposeSecret;

use crate::SignError;

/// An access key of AWS: its ID, its secret, and the session token of temporary credentials.
///
/// ```
/// use multi_auth_sign::AwsCredentials;
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let credentials = AwsCredentials::new("ASIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?
///     .with_session_token("FwoGZXIvYXdzEXAMPLE")?;
/// assert_eq!(
///     format!("{credentials:?}"),
///     r#"AwsCredentials { access_key_id: "ASIAEXAMPLE", .. }"#,
/// );
/// # Ok(())
/// # }
/// ```
///
/// `Debug` prints the ID only, which is in every request. The secrets are wiped when they are
/// dropped.
#[derive(Clone)]
pub struct AwsCredentials {
    access_key_id: Box<str>,
    pub(super) secret: SecretString,
    pub(super) session_token: Option<SecretString>,
}

/// The parts of a token that holds credentials. Its value is the secret access key.
const ACCESS_KEY_ID: &str = "access_key_id";
const SESSION_TOKEN: &str = "session_token";

impl AwsCredentials {
    /// The access key with this ID and this secret.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if one is empty, or has a character that AWS does not use in it.
    pub fn new(
        access_key_id: &str,
        secret_access_key: impl Into<SecretString>,
    ) -> Result<Self, AuthError> {
        let secret = secret_access_key.into();
        if !is_id(access_key_id) {
            return Err(ID.into());
        }
        check("secret access key", secret.expose_secret(), |byte| {
            byte.is_ascii_graphic()
        })?;
        Ok(Self {
            access_key_id: access_key_id.into(),
            secret,
            session_token: None,
        })
    }

    /// Adds the session token of temporary credentials.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if it is empty, or has a character that AWS does not use in it.
    pub fn with_session_token(
        self,
        session_token: impl Into<SecretString>,
    ) -> Result<Self, AuthError> {
        let token = session_token.into();
        check("session token", token.expose_secret(), |byte| {
            byte.is_ascii_graphic()
        })?;
        Ok(Self {
            session_token: Some(token),
            ..self
        })
    }

    /// Returns the ID of the access key.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Returns a token of these credentials, for a [`TokenSource`](multi_auth::TokenSource) of
    /// [`SigV4Builder::build_with_source`](super::SigV4Builder::build_with_source). Give it the expiry
    /// of the credentials with [`Token::with_expiry`].
    #[must_use]
    pub fn into_token(self) -> Token {
        let token = Token::new(self.secret).with_part(ACCESS_KEY_ID, &*self.access_key_id);
        match self.session_token {
            Some(session) => token.with_part(SESSION_TOKEN, session),
            None => token,
        }
    }

    /// The credentials in the secret `value` and the `part`s of a token.
    pub(super) fn of_token<'t>(
        value: &SecretString,
        part: impl Fn(&str) -> Option<&'t SecretString>,
    ) -> Result<Self, AuthError> {
        let id = part(ACCESS_KEY_ID).map(ExposeSecret::expose_secret);
        let credentials = Self::new(id.unwrap_or_default(), value.clone())?;
        match part(SESSION_TOKEN) {
            Some(session) => credentials.with_session_token(session.clone()),
            None => Ok(credentials),
        }
    }
}

const ID: SignError = SignError::signature(
    "the access key ID is empty, or has a character that separates it from its scope",
    "copy it again: it has neither spaces nor `/`, `,` and `=`",
);

fn is_id(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_graphic() && !b"/,=".contains(&byte);
    !text.is_empty() && text.bytes().all(is_part)
}

fn check(what: &'static str, text: &str, is_part: fn(u8) -> bool) -> Result<(), AuthError> {
    let problem = match text {
        "" => SecretProblem::Empty,
        text if text.ends_with(['\n', '\r']) => SecretProblem::TrailingNewline,
        text if text.bytes().any(|byte| byte.is_ascii_control()) => SecretProblem::ControlCharacter,
        text if !text.bytes().all(is_part) => SecretProblem::NotAscii,
        _ => return Ok(()),
    };
    Err(AuthError::invalid_secret(what, problem))
}

impl fmt::Debug for AwsCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsCredentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}
