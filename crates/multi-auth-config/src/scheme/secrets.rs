//! The key of an entry, and the other secrets of its token request.

use std::borrow::Cow;
use std::collections::BTreeMap;

use multi_auth::SecretString;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use crate::template::{self, KEY};

/// The secrets that an authenticator is built from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets {
    pub(crate) key: SecretString,
    /// The secrets of the table `secrets`, by name.
    pub(crate) others: BTreeMap<String, SecretString>,
}

impl Secrets {
    /// All of them, the key first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &SecretString> {
        [&self.key].into_iter().chain(self.others.values())
    }

    /// `template` with the secrets of the table `secrets` in place of their names.
    pub(super) fn fill_others(&self, template: &str) -> SecretString {
        let other = |name: &str| Some(Cow::Borrowed(self.others.get(name)?.expose_secret()));
        Zeroizing::new(template::fill(template, other))
            .as_str()
            .into()
    }

    /// The XML `template` with all secrets in place of their names, escaped (XML 1.0, 2.4).
    pub(super) fn fill_xml(&self, template: &str) -> SecretString {
        let value = |name: &str| {
            let secret = if name == KEY {
                &self.key
            } else {
                self.others.get(name)?
            };
            Some(Cow::Owned(escaped(secret.expose_secret())))
        };
        Zeroizing::new(template::fill(template, value))
            .as_str()
            .into()
    }
}

/// `text` as character data or an attribute of XML.
fn escaped(text: &str) -> String {
    const LONGEST: usize = "&quot;".len();
    let mut escaped = String::with_capacity(text.len() * LONGEST);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_cannot_leave_its_place_in_xml() {
        let secrets = Secrets {
            key: "a<b>&'\"{pass}".into(),
            others: BTreeMap::from([("pass".to_owned(), "</p>".into())]),
        };
        let filled = secrets.fill_xml("<k a='{key}'>{pass}</k>{none}");
        let expected = "<k a='a&lt;b&gt;&amp;&apos;&quot;{pass}'>&lt;/p&gt;</k>{none}";
        assert_eq!(filled.expose_secret(), expected);
    }
}
