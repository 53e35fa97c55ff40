//! The body of a token request.

use multi_auth::{SecretString, TokenEndpointBuilder};
use secrecy::ExposeSecret;
use secrecy::zeroize::{Zeroize, Zeroizing};
use serde_json::{Map, Value};

use crate::document::Format;

/// `builder` with `fields` and the key `secret` at `names`.
pub(super) fn with_key(
    builder: TokenEndpointBuilder,
    format: Format,
    fields: &Map<String, Value>,
    names: &[String],
    secret: &SecretString,
) -> TokenEndpointBuilder {
    match format {
        Format::Json => builder.json_text(json_with_key(fields, names, secret)),
        Format::Form => {
            let key = names.first().map(|name| (name.clone(), secret.clone()));
            builder.form(texts(fields).chain(key))
        }
    }
}

/// `builder` with `fields` alone.
pub(super) fn without_key(
    builder: TokenEndpointBuilder,
    format: Format,
    fields: &Map<String, Value>,
) -> TokenEndpointBuilder {
    match format {
        Format::Json => builder.json_text(written(&Value::Object(fields.clone()), 0)),
        Format::Form => builder.form(texts(fields)),
    }
}

/// The fields of a form, each value as text.
fn texts(fields: &Map<String, Value>) -> impl Iterator<Item = (String, SecretString)> {
    fields.iter().map(|(name, value)| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        (name.clone(), text.into())
    })
}

fn json_with_key(
    fields: &Map<String, Value>,
    names: &[String],
    secret: &SecretString,
) -> SecretString {
    let secret = secret.expose_secret();
    let mut root = Value::Object(fields.clone());
    let mut place = &mut root;
    for name in names {
        place = member(place, name);
    }
    *place = Value::String(secret.to_owned());
    let text = written(&root, secret.len());
    let mut place = &mut root;
    for name in names {
        place = member(place, name);
    }
    if let Value::String(key) = place {
        key.zeroize();
    }
    text
}

/// The member `name` of the object `value`. Parsing has refused any other type.
fn member<'v>(value: &'v mut Value, name: &str) -> &'v mut Value {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    &mut value[name]
}

/// `value` as text, in a buffer with room for a secret of `length` bytes. A buffer that grows
/// leaves a copy behind.
fn written(value: &Value, length: usize) -> SecretString {
    let fields = fields_room(value) + length * r"\u0000".len();
    let mut bytes = Zeroizing::new(Vec::with_capacity(fields));
    // Writing a tree of values into a vector cannot fail.
    let _ = serde_json::to_writer(&mut *bytes, value);
    str::from_utf8(&bytes).unwrap_or_default().into()
}

/// An upper bound for the length of `value` as text.
fn fields_room(value: &Value) -> usize {
    const AROUND: usize = 64;
    match value {
        Value::String(text) => text.len() * r"\u0000".len() + AROUND,
        Value::Array(values) => values.iter().map(fields_room).sum::<usize>() + AROUND,
        Value::Object(members) => {
            let room = |(name, value): (&String, &Value)| {
                name.len() * r"\u0000".len() + fields_room(value) + AROUND
            };
            members.iter().map(room).sum::<usize>() + AROUND
        }
        _ => AROUND,
    }
}
