//! Finds text that is copied along with a key: quotes, spaces, a variable's name. The vendor would
//! refuse such a key.

use multi_auth::SecretString;
use secrecy::ExposeSecret;

use crate::Advice;

/// What seems to surround `key` without being part of it.
pub(super) fn around(key: &SecretString) -> Option<Advice> {
    let key = key.expose_secret();
    let is_quoted = |quote: char| key.len() > 1 && key.starts_with(quote) && key.ends_with(quote);
    if ['"', '\'', '`'].into_iter().any(is_quoted) {
        return Some(Advice::new(
            "the key has quotes around it",
            "remove them from the source, unless they are part of the key",
        ));
    }
    if key.trim() != key {
        return Some(Advice::new(
            "the key has spaces around it",
            "remove them from the source, unless they are part of the key",
        ));
    }
    begins_with_name(key).then(|| {
        Advice::new(
            "the key begins with what looks like a variable name and `=`",
            "keep only the text after the `=`, unless all of it is the key",
        )
    })
}

/// Whether `key` begins with an assignment: `VENDOR_KEY=...`, or `export
/// VENDOR_KEY=...`.
fn begins_with_name(key: &str) -> bool {
    let key = key.strip_prefix("export ").unwrap_or(key);
    let Some((name, rest)) = key.split_once('=') else {
        return false;
    };
    let is_of_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let is_name = name.starts_with(|first: char| first.is_ascii_uppercase() || first == '_');
    // Base64 ends with `=`.
    is_name && name.bytes().all(is_of_name) && !rest.trim_start_matches('=').is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_around_a_key_is_reported_without_the_key() {
        for (key, expected) in [
            ("\"canary\"", Some("quotes")),
            ("'canary'", Some("quotes")),
            (" canary", Some("spaces")),
            ("canary\t", Some("spaces")),
            ("VENDOR_KEY=canary", Some("name")),
            ("export VENDOR_KEY2='canary'", Some("name")),
            ("user:canary", None),
            ("CANARY==", None),
            ("Y2FuYXJ5=x", None),
            ("\"", None),
            ("it's", None),
        ] {
            let advice_text = around(&key.into()).map(|advice| advice.to_string());
            let is_expected = match (&advice_text, expected) {
                (Some(advice_text), Some(word)) => {
                    advice_text.contains(word) && !advice_text.contains("canary")
                }
                (None, None) => true,
                _ => false,
            };
            assert!(is_expected, "{key}: {advice_text:?}");
        }
    }
}
