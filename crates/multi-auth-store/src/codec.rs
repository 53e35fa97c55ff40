//! The bytes of an entry: JSON, with the secrets in base64.
//!
//! Base64 needs no escapes, so the JSON reader borrows each secret and copies none.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use multi_auth::{SecretString, Token};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};

use crate::{Stored, StoredTokens};

#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    revision: u64,
    /// When the entry was published, by the publisher's clock. Milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    published: Option<u64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Secret<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    access_token: Option<AccessToken<'a>>,
}

#[derive(Serialize, Deserialize)]
struct AccessToken<'a> {
    #[serde(borrow)]
    value: Secret<'a>,
    /// Milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<u64>,
    #[serde(borrow, default, skip_serializing_if = "BTreeMap::is_empty")]
    parts: BTreeMap<String, Secret<'a>>,
}

/// A secret in base64: borrowed when it is read, owned when it is written.
enum Secret<'a> {
    Read(&'a str),
    Written(Zeroizing<String>),
}

/// The entry as bytes, which are wiped when they are dropped.
pub(crate) fn encode(stored: &Stored) -> Zeroizing<Vec<u8>> {
    written(stored.revision, &stored.tokens, None)
}

/// The tokens of an entry that is published at `now`. A server chooses its revision.
#[cfg(feature = "redis")]
pub(crate) fn encode_published(tokens: &StoredTokens, now: SystemTime) -> Zeroizing<Vec<u8>> {
    written(0, tokens, Some(now))
}

fn written(
    revision: u64,
    tokens: &StoredTokens,
    published: Option<SystemTime>,
) -> Zeroizing<Vec<u8>> {
    let entry = Entry {
        revision,
        published: published.map(to_milliseconds),
        refresh_token: tokens.refresh_token().map(Secret::written),
        access_token: tokens.access_token().map(AccessToken::written),
    };
    // A buffer that grows would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(entry.max_len()));
    // Writing to memory does not fail, and the keys of the maps are strings.
    let _ = serde_json::to_writer(&mut *bytes, &entry);
    bytes
}

/// The entry of `bytes`, or none if they are not an entry.
pub(crate) fn decode(bytes: &[u8]) -> Option<Stored> {
    decode_published(bytes).map(|(stored, _)| stored)
}

/// The same, and when the entry was published by the publisher's clock.
pub(crate) fn decode_published(bytes: &[u8]) -> Option<(Stored, Option<SystemTime>)> {
    let entry: Entry<'_> = serde_json::from_slice(bytes).ok()?;
    let mut tokens = StoredTokens::default();
    if let Some(token) = entry.refresh_token {
        tokens = tokens.with_refresh_token(token.decoded()?);
    }
    if let Some(token) = entry.access_token {
        tokens = tokens.with_access_token(token.decoded()?);
    }
    let published = match entry.published {
        Some(published) => Some(from_milliseconds(published)?),
        None => None,
    };
    let stored = Stored {
        revision: entry.revision,
        tokens,
        ..Stored::default()
    };
    Some((stored, published))
}

impl Entry<'_> {
    fn max_len(&self) -> usize {
        const NAMES: usize = 256;
        let refresh_token = self.refresh_token.as_ref().map_or(0, Secret::len);
        let access_token = self.access_token.as_ref().map_or(0, AccessToken::max_len);
        NAMES + refresh_token + access_token
    }
}

impl AccessToken<'_> {
    fn written(token: &Token) -> AccessToken<'static> {
        let parts = token.parts();
        AccessToken {
            value: Secret::written(token.value()),
            expiry: token.expiry().map(to_milliseconds),
            parts: parts
                .map(|(name, value)| (name.to_owned(), Secret::written(value)))
                .collect(),
        }
    }

    fn decoded(self) -> Option<Token> {
        let mut token = Token::new(self.value.decoded()?);
        if let Some(expiry) = self.expiry {
            token = token.with_expiry(from_milliseconds(expiry)?);
        }
        for (name, value) in self.parts {
            token = token.with_part(&name, value.decoded()?);
        }
        Some(token)
    }

    /// JSON writes a byte of a name as six bytes at most (`\u0000`).
    fn max_len(&self) -> usize {
        let parts = self.parts.iter();
        self.value.len()
            + parts
                .map(|(name, value)| 6 * name.len() + value.len() + 8)
                .sum::<usize>()
    }
}

impl Secret<'_> {
    fn written(secret: &SecretString) -> Secret<'static> {
        let secret = secret.expose_secret();
        let mut text = Zeroizing::new(String::with_capacity(secret.len().div_ceil(3) * 4));
        STANDARD.encode_string(secret, &mut text);
        Secret::Written(text)
    }

    fn decoded(&self) -> Option<SecretString> {
        let text = self.text();
        let mut bytes = Zeroizing::new(vec![0; text.len() / 4 * 3 + 3]);
        let len = STANDARD.decode_slice(text, &mut bytes).ok()?;
        std::str::from_utf8(&bytes[..len]).ok().map(Into::into)
    }

    fn text(&self) -> &str {
        match self {
            Self::Read(text) => text,
            Self::Written(text) => text,
        }
    }

    fn len(&self) -> usize {
        self.text().len()
    }
}

impl Serialize for Secret<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Secret<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&str>::deserialize(deserializer).map(Secret::Read)
    }
}

fn from_milliseconds(time: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_millis(time))
}

/// Rounded down, so that a token is never used after its expiry.
fn to_milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token() -> impl Strategy<Value = Token> {
        let expiry = proptest::option::of(0..=4_102_444_800_000_u64);
        let parts = proptest::collection::btree_map(".{0,8}", ".{0,40}", 0..3);
        (".{0,300}", expiry, parts).prop_map(|(value, expiry, parts)| {
            let mut token = Token::new(value);
            if let Some(expiry) = expiry {
                token = token.with_expiry(UNIX_EPOCH + Duration::from_millis(expiry));
            }
            parts
                .into_iter()
                .fold(token, |token, (name, value)| token.with_part(&name, value))
        })
    }

    fn exposed(stored: &Stored) -> String {
        let token = stored.tokens.access_token();
        format!(
            "{} {:?} {:?} {:?} {:?}",
            stored.revision,
            stored
                .tokens
                .refresh_token()
                .map(ExposeSecret::expose_secret),
            token.map(|token| token.value().expose_secret()),
            token.map(Token::expiry),
            token.map(|token| {
                let parts = token.parts();
                parts
                    .map(|(name, value)| (name.to_owned(), value.expose_secret().to_owned()))
                    .collect::<Vec<_>>()
            }),
        )
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(
            revision: u64,
            refresh_token in proptest::option::of(".{0,300}"),
            access_token in proptest::option::of(token()),
        ) {
            let mut tokens = StoredTokens::default();
            if let Some(token) = refresh_token {
                tokens = tokens.with_refresh_token(token);
            }
            if let Some(token) = access_token {
                tokens = tokens.with_access_token(token);
            }
            let stored = Stored { revision, tokens, ..Stored::default() };
            let capacity = Entry {
                revision,
                published: None,
                refresh_token: stored.tokens.refresh_token().map(Secret::written),
                access_token: stored.tokens.access_token().map(AccessToken::written),
            }.max_len();
            let bytes = encode(&stored);
            prop_assert!(bytes.len() <= capacity, "{} > {capacity}", bytes.len());
            prop_assert_eq!(exposed(&decode(&bytes).unwrap()), exposed(&stored));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn an_entry_of_a_later_edition_with_more_members_is_read() {
        let stored = decode(br#"{"revision":3,"refresh_token":"cg==","later":[1]}"#).unwrap();
        assert_eq!(stored.tokens.refresh_token().unwrap().expose_secret(), "r");
    }
}
