//! Reads a secret back from an attachment.

use http::HeaderValue;
use percent_encoding::percent_decode;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::{Location, Placement};
use crate::credential::Attachment;

impl Placement {
    /// The secret in an `attachment` of this placement; `None` for one of another placement.
    pub(crate) fn secret_in(&self, attachment: &Attachment) -> Option<SecretString> {
        let text = match (&self.location, attachment) {
            (Location::Header(_), Attachment::Authorization(value)) => read(value)?,
            (Location::Header(_), Attachment::Header(header)) => read(&header.1)?,
            (Location::Query(name), Attachment::Query(pair, _)) => {
                let value = after(pair.as_str(), name)?;
                // Decoded text is never longer, so the buffer does not grow.
                let mut bytes = Zeroizing::new(Vec::with_capacity(value.len()));
                bytes.extend(percent_decode(value.as_bytes()));
                Zeroizing::new(str::from_utf8(&bytes).ok()?.to_owned())
            }
            (Location::Cookie(name), Attachment::Cookie(pair)) => {
                Zeroizing::new(after(pair.as_str(), name)?.to_owned())
            }
            _ => return None,
        };
        self.form.without_form(&text)
    }
}

fn read(value: &HeaderValue) -> Option<Zeroizing<String>> {
    Some(Zeroizing::new(value.to_str().ok()?.to_owned()))
}

/// The value of a `name=value`.
fn after<'p>(pair: &'p str, name: &str) -> Option<&'p str> {
    pair.strip_prefix(name)?.strip_prefix('=')
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::AuthError;

    #[test]
    fn a_secret_is_read_back_unchanged() -> Result<(), AuthError> {
        let token = SecretString::from("a b%2F+~/=&1");
        for placement in [
            Placement::authorization(),
            Placement::bearer(),
            Placement::basic(),
            Placement::header("x-token")?,
            Placement::header("x-token")?.with_prefix("Token ")?,
            Placement::query("token")?,
            Placement::query("a=b")?.with_prefix("Token ")?,
        ] {
            let attachment = placement.attachment(&token).expect("a valid secret");
            let read = placement.secret_in(&attachment).expect("the same secret");
            assert_eq!(read.expose_secret(), token.expose_secret(), "{placement}");
        }
        let cookie = Placement::cookie("session")?;
        let attachment = cookie.attachment(&"t=1".into()).expect("a valid secret");
        let read = cookie.secret_in(&attachment).expect("the same secret");
        assert_eq!(read.expose_secret(), "t=1");
        assert!(Placement::bearer().secret_in(&attachment).is_none());
        Ok(())
    }
}
