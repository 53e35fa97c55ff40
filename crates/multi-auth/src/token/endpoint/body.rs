//! The body of a token request: a form, JSON, or none.

use std::collections::BTreeMap;
use std::fmt;

use http::HeaderValue;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};
use url::form_urlencoded;

use crate::oauth::Pairs;

/// The body of a token request, for
/// [`TokenEndpointBuilder::body_with`](crate::TokenEndpointBuilder::body_with).
///
/// It sets the `Content-Type`. `Debug` prints no value, and all values are wiped when it is
/// dropped.
///
/// ```
/// use multi_auth::TokenRequestBody;
///
/// TokenRequestBody::form([("grant_type", "client_credentials")]); // grant_type=client_credentials
/// TokenRequestBody::json([("apikey", "k-123")]);                   // {"apikey":"k-123"}
/// TokenRequestBody::json_text(r#"{"ttl": 3600}"#);                 // {"ttl": 3600}
/// ```
#[derive(Clone)]
pub struct TokenRequestBody(Content);

#[derive(Clone)]
enum Content {
    Empty,
    Json(Pairs),
    Form(Pairs),
    Text(HeaderValue, SecretString),
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

impl TokenRequestBody {
    /// An empty body, without a `Content-Type`.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Content::Empty)
    }

    /// These fields, form-encoded (`application/x-www-form-urlencoded`; URL standard, 5).
    ///
    /// A repeated name is sent once per value.
    pub fn form<N: Into<String>, V: Into<SecretString>>(
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(Content::Form(pairs(fields)))
    }

    /// A JSON object with these members, all strings (`application/json`).
    ///
    /// A repeated name is sent as one member, whose value is an array.
    pub fn json<N: Into<String>, V: Into<SecretString>>(
        members: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(Content::Json(pairs(members)))
    }

    /// This JSON text, unchanged (`application/json`): for nested objects, and members that are not
    /// strings.
    pub fn json_text(text: impl Into<SecretString>) -> Self {
        Self::text(JSON, text)
    }

    /// This text, unchanged, with this `Content-Type`: for XML and other formats.
    pub fn text(media_type: HeaderValue, text: impl Into<SecretString>) -> Self {
        Self(Content::Text(media_type, text.into()))
    }

    pub(super) fn media_type(&self) -> Option<HeaderValue> {
        match &self.0 {
            Content::Empty => None,
            Content::Json(_) => Some(JSON),
            Content::Form(_) => Some(FORM),
            Content::Text(media_type, _) => Some(media_type.clone()),
        }
    }

    /// The bytes to send, written once: a buffer that grows leaves an unwiped copy of the secret.
    pub(super) fn bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match &self.0 {
            Content::Empty => Vec::new(),
            Content::Json(members) => {
                let mut json = Vec::with_capacity(room(members, r"\u0000".len()));
                // Serializing strings into a vector cannot fail.
                let written = serde_json::to_writer(&mut json, &Object(members));
                written.map_or_else(|_| Vec::new(), |()| json)
            }
            Content::Text(_, text) => text.expose_secret().as_bytes().to_vec(),
            Content::Form(fields) => form_encoded("", fields).into_bytes(),
        })
    }
}

/// `text` followed by `fields`, form-encoded, in one buffer that never grows.
pub(super) fn form_encoded(text: &str, fields: &Pairs) -> String {
    let mut form = String::with_capacity(text.len() + room(fields, "%00".len()));
    form.push_str(text);
    let start = form.len();
    let mut form = form_urlencoded::Serializer::for_suffix(form, start);
    form.extend_pairs(exposed(fields)).finish()
}

pub(super) fn pairs<N: Into<String>, V: Into<SecretString>>(
    pairs: impl IntoIterator<Item = (N, V)>,
) -> Pairs {
    let pairs = pairs.into_iter();
    pairs
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// A JSON object with sorted members. A repeated name becomes one member with an array of its
/// values.
struct Object<'p>(&'p Pairs);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (name, value) in exposed(self.0) {
            members.entry(name).or_default().push(value);
        }
        serializer.collect_map(members.iter().map(|(name, values)| (name, Member(values))))
    }
}

struct Member<'v>(&'v [&'v str]);

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [value] => value.serialize(serializer),
            values => values.serialize(serializer),
        }
    }
}

fn exposed(pairs: &Pairs) -> impl Iterator<Item = (&str, &str)> {
    let pairs = pairs.iter();
    pairs.map(|(name, value)| (name.as_str(), value.expose_secret()))
}

/// The capacity for `pairs` with every byte escaped to `width` bytes, and for their delimiters.
fn room(pairs: &Pairs, width: usize) -> usize {
    const AROUND: usize = r#"{"":[""],"#.len();
    let lengths = exposed(pairs).map(|(name, value)| (name.len() + value.len()) * width + AROUND);
    lengths.sum::<usize>() + AROUND
}

/// Names only.
impl fmt::Debug for TokenRequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |pairs: &Pairs| {
            pairs
                .iter()
                .map(|(name, _)| name.clone())
                .collect::<Vec<_>>()
        };
        match &self.0 {
            Content::Empty => f.write_str("Empty"),
            Content::Json(members) => f.debug_tuple("Json").field(&names(members)).finish(),
            Content::Text(..) => f.write_str("Text"),
            Content::Form(fields) => f.debug_tuple("Form").field(&names(fields)).finish(),
        }
    }
}
