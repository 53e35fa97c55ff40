//! Vault's answer, as far as it is of interest. A text in it is a secret from the moment it is read, and wiped with it.

use std::collections::BTreeMap;
use std::fmt;

use multi_auth::SecretString;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// `{"data": {"data": {...}, "metadata": {...}}}`, or what a version 1 or an error has in its place.
#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) data: Option<Version>,
}

/// One version of a secret.
#[derive(Deserialize)]
pub(super) struct Version {
    pub(super) data: Option<BTreeMap<String, Field>>,
    pub(super) metadata: Option<Metadata>,
}

/// What is said of a version. That it is there is of interest, and no more.
#[derive(Deserialize)]
pub(super) struct Metadata {}

/// A field's value.
pub(super) enum Field {
    Text(SecretString),
    Null,
    Other,
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyField)
    }
}

struct AnyField;

impl<'de> Visitor<'de> for AnyField {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Field, E> {
        Ok(Field::Text(text.into()))
    }

    fn visit_unit<E>(self) -> Result<Field, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Field, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Field, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }
}
