//! The body of a token request.

use multi_auth::{SecretString, TokenEndpointBuilder};
use secrecy::ExposeSecret;
use secrecy::zeroize::{Zeroize, Zeroizing};
use serde_json::{Map, Value};

use super::Secrets;
use crate::document::Format;

/// What the body of a token request holds.
pub(super) struct Body<'b> {
    pub(super) format: Format,
    pub(super) fields: &'b Map<String, Value>,
    pub(super) client_id: Option<&'b str>,
    /// The path of names at which the key belongs, if it is in the body.
    pub(super) key: Option<&'b [String]>,
}

impl Body<'_> {
    /// `builder` with this body, and `secrets` in it.
    pub(super) fn put(
        &self,
        builder: TokenEndpointBuilder,
        secrets: &Secrets,
    ) -> TokenEndpointBuilder {
        match self.format {
            Format::Json => builder.json_text(self.json(secrets)),
            Format::Form => {
                let name = self.key.and_then(<[String]>::first);
                let key = name.map(|name| (name.clone(), secrets.key.clone()));
                let id = self.client_id.map(|id| ("client_id".to_owned(), id.into()));
                builder.form(texts(self.fields, secrets).chain(id).chain(key))
            }
            // Parsing has refused fields and a key in the body for these.
            Format::Xml | Format::None => builder,
        }
    }

    fn json(&self, secrets: &Secrets) -> SecretString {
        let mut root = Value::Object(self.fields.clone());
        fill(&mut root, secrets);
        if let Some(id) = self.client_id {
            *member(&mut root, "client_id") = id.into();
        }
        if let Some(names) = self.key {
            let place = names
                .iter()
                .fold(&mut root, |place, name| member(place, name));
            *place = Value::String(secrets.key.expose_secret().to_owned());
        }
        let text = written(&root);
        wipe(&mut root);
        text
    }
}

/// The fields of a form, each value as text.
fn texts(
    fields: &Map<String, Value>,
    secrets: &Secrets,
) -> impl Iterator<Item = (String, SecretString)> {
    fields.iter().map(|(name, value)| {
        let text = match value.as_str() {
            Some(template) => secrets.fill_others(template),
            None => value.to_string().into(),
        };
        (name.clone(), text)
    })
}

/// Puts the secrets in place of their names in all texts of `value`.
fn fill(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => {
            secrets.fill_others(text).expose_secret().clone_into(text);
        }
        Value::Array(values) => values.iter_mut().for_each(|value| fill(value, secrets)),
        Value::Object(members) => members.values_mut().for_each(|value| fill(value, secrets)),
        _ => {}
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

/// The member `name` of the object `value`. Parsing has refused any other type.
fn member<'v>(value: &'v mut Value, name: &str) -> &'v mut Value {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    &mut value[name]
}

/// `value` as text, in a buffer that does not grow: growing leaves a copy behind.
fn written(value: &Value) -> SecretString {
    let mut bytes = Zeroizing::new(Vec::with_capacity(room(value)));
    // Writing a tree of values into a vector cannot fail.
    let _ = serde_json::to_writer(&mut *bytes, value);
    str::from_utf8(&bytes).unwrap_or_default().into()
}

/// An upper bound for the length of `value` as text.
fn room(value: &Value) -> usize {
    const AROUND: usize = 64;
    match value {
        Value::String(text) => text.len() * r"\u0000".len() + AROUND,
        Value::Array(values) => values.iter().map(room).sum::<usize>() + AROUND,
        Value::Object(members) => {
            let each = |(name, value): (&String, &Value)| {
                name.len() * r"\u0000".len() + room(value) + AROUND
            };
            members.iter().map(each).sum::<usize>() + AROUND
        }
        _ => AROUND,
    }
}
