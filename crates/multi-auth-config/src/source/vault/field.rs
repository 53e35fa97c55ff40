//! The parts of Vault's response that are read. Each text is a secret that is wiped on drop.

use std::collections::BTreeMap;
use std::fmt;

use multi_auth::SecretString;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// `{"data": {"data": {...}, "metadata": {...}}}`, or the response of KV version 1, or an error.
#[derive(Deserialize)]
pub(super) struct KvResponse {
    pub(super) data: Option<KvVersion>,
}

/// One version of a secret.
#[derive(Deserialize)]
pub(super) struct KvVersion {
    pub(super) data: Option<BTreeMap<String, KvField>>,
    pub(super) metadata: Option<KvMetadata>,
}

/// The metadata of a version. Only its presence matters.
#[derive(Deserialize)]
pub(super) struct KvMetadata {}

/// A field's value.
pub(super) enum KvField {
    Text(SecretString),
    Null,
    Other,
}

impl<'de> Deserialize<'de> for KvField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KvFieldVisitor)
    }
}

struct KvFieldVisitor;

impl<'de> Visitor<'de> for KvFieldVisitor {
    type Value = KvField;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<KvField, E> {
        Ok(KvField::Text(text.into()))
    }

    fn visit_unit<E>(self) -> Result<KvField, E> {
        Ok(KvField::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<KvField, E> {
        Ok(KvField::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<KvField, E> {
        Ok(KvField::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<KvField, E> {
        Ok(KvField::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<KvField, E> {
        Ok(KvField::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<KvField, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(KvField::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<KvField, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(KvField::Other)
    }
}
