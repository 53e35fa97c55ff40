//! Writes a secret into an attachment, after checks.

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::form::Form;
use super::{Location, Placement};
use crate::credential::{Attachment, Pair};
use crate::{SecretProblem, secret};

impl Placement {
    /// Checks that `value` is valid in this header field, without a copy.
    pub(crate) fn check(&self, value: &SecretString) -> Result<(), SecretProblem> {
        secret::check_header(&self.with_form(value.expose_secret())?)
    }

    /// The attachment of `value` in this place.
    pub(crate) fn attachment(&self, value: &SecretString) -> Result<Attachment, SecretProblem> {
        let text = self.with_form(value.expose_secret())?;
        match &self.location {
            Location::Header(name) => Ok(Attachment::header(
                name.clone(),
                secret::header_value(&text)?,
            )),
            Location::Query(name) => {
                let encoded = encode(&text);
                check_length(&encoded)?;
                let start = name.len() + "=".len() + encode(self.form.prefix()).len();
                Ok(Attachment::Query(pair(name, &encoded)?, start))
            }
            Location::Cookie(name) if text.bytes().all(is_cookie_octet) => {
                Ok(Attachment::Cookie(pair(name, &text)?))
            }
            Location::Cookie(_) => Err(SecretProblem::NotCookie),
        }
    }

    /// The secret in its form. It is checked first: base64 would hide what is wrong with it.
    pub(super) fn with_form(&self, value: &str) -> Result<Zeroizing<String>, SecretProblem> {
        if value.is_empty() {
            return Err(SecretProblem::Empty);
        }
        check_length(value)?;
        match &self.form {
            Form::Prefixed(prefix) => {
                secret::check_line(value)?;
                if !prefix.is_empty() && value.starts_with(&**prefix) {
                    return Err(SecretProblem::PrefixTwice);
                }
                Ok(secret::join(prefix, value))
            }
            Form::Basic => {
                let encoded = secret::base64::encode(value.as_bytes());
                Ok(secret::join("Basic ", &encoded))
            }
        }
    }
}

/// The longest secret that is sent, in bytes. A server would refuse a longer one at each request.
pub(super) const MAX_SECRET: usize = 32 * 1024;

fn check_length(value: &str) -> Result<(), SecretProblem> {
    if value.len() > MAX_SECRET {
        return Err(SecretProblem::TooLong);
    }
    Ok(())
}

fn pair(name: &str, value: &str) -> Result<Pair, SecretProblem> {
    secret::header_value(&secret::join(&secret::join(name, "="), value)).map(Pair)
}

/// Percent-encodes a form value, with `%20` for a space, which every server decodes.
pub(super) fn encode(text: &str) -> Zeroizing<String> {
    // The whole capacity at once: a string that grows leaves an unwiped copy.
    let mut encoded = Zeroizing::new(String::with_capacity(text.len() * "%00".len()));
    for piece in form_urlencoded::byte_serialize(text.as_bytes()) {
        encoded.push_str(if piece == "+" { "%20" } else { piece });
    }
    encoded
}

/// The bytes of a cookie's value (RFC 6265, 4.1.1).
fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}
