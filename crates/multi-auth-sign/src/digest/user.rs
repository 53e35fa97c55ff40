//! The user and the password.

use multi_auth::{AuthError, SecretProblem};
use secrecy::{ExposeSecret, SecretString};

use super::algorithm::HexHash;
use super::challenge::Offer;
use super::quoted::{write_extended, write_quoted};

/// A user and a password, which are wiped when they are dropped. The user is in header values too,
/// which are not wiped.
pub(super) struct User {
    name: SecretString,
    password: SecretString,
}

impl User {
    pub(super) fn new(name: SecretString, password: SecretString) -> Result<Self, AuthError> {
        if name.expose_secret().contains(':') {
            return Err(AuthError::invalid_secret(
                "user",
                SecretProblem::ColonInUser,
            ));
        }
        check("user", &name)?;
        check("password", &password)?;
        Ok(Self { name, password })
    }

    /// The hash of user, realm and password (RFC 7616, 3.4.2).
    pub(super) fn hash(&self, offer: &Offer) -> HexHash {
        offer.function.hash_joined(&[
            self.name.expose_secret().as_bytes(),
            offer.realm.as_bytes(),
            self.password.expose_secret().as_bytes(),
        ])
    }

    /// Appends the parameters that name the user (RFC 7616, 3.4 and 3.4.4).
    pub(super) fn write_name(&self, offer: &Offer, text: &mut Vec<u8>) {
        let name = self.name.expose_secret();
        if offer.is_user_hashed {
            let parts = [name.as_bytes(), offer.realm.as_bytes()];
            write_quoted("username", &offer.function.hash_joined(&parts), text);
            text.extend_from_slice(b", userhash=true");
        } else if name.is_ascii() {
            write_quoted("username", name.as_bytes(), text);
        } else {
            write_extended("username", name, text);
        }
    }
}

fn check(what: &'static str, secret: &SecretString) -> Result<(), AuthError> {
    let text = secret.expose_secret();
    let problem = if text.ends_with(['\n', '\r']) {
        SecretProblem::TrailingNewline
    } else if text.bytes().any(|byte| byte.is_ascii_control()) {
        SecretProblem::ControlCharacter
    } else {
        return Ok(());
    };
    Err(AuthError::invalid_secret(what, problem))
}
