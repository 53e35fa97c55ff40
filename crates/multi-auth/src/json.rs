//! Finds one value in JSON text without parsing the rest into memory.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The text of the value at `pointer` (RFC 6901). The last of repeated members counts.
///
/// # Errors
///
/// The parser's error if `json` is not valid JSON.
pub(crate) fn pick<'j>(json: &'j str, pointer: &str) -> serde_json::Result<Option<&'j str>> {
    let mut value = serde_json::from_str::<&RawValue>(json)?.get();
    // A pointer that does not begin with a slash finds nothing, as in `serde_json`.
    let mut tokens = pointer.split('/');
    if tokens.next() != Some("") {
        return Ok(None);
    }
    for token in tokens {
        let token = token.replace("~1", "/").replace("~0", "~");
        let mut level = serde_json::Deserializer::from_str(value);
        match Level(&token).deserialize(&mut level)? {
            Some(inner) => value = inner.get(),
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

/// The member or element of this name in one object or array.
struct Level<'t>(&'t str);

impl<'j> DeserializeSeed<'j> for Level<'_> {
    type Value = Option<&'j RawValue>;

    fn deserialize<D: Deserializer<'j>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'j> Visitor<'j> for Level<'_> {
    type Value = Option<&'j RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(is_it) = members.next_key_seed(Is(self.0))? {
            if is_it {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'j>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let wanted = index(self.0);
        let mut found = None;
        for at in 0.. {
            if wanted == Some(at) {
                let Some(element) = elements.next_element()? else {
                    break;
                };
                found = Some(element);
            } else if elements.next_element::<IgnoredAny>()?.is_none() {
                break;
            }
        }
        Ok(found)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// An index by RFC 6901: without a sign and without leading zeros.
fn index(token: &str) -> Option<usize> {
    let is_plain = !token.starts_with('+') && (token == "0" || !token.starts_with('0'));
    token.parse().ok().filter(|_| is_plain)
}

/// Whether a member has this name.
struct Is<'t>(&'t str);

impl<'j> DeserializeSeed<'j> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'j>>(self, name: D) -> Result<bool, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_value_is_found_where_serde_json_finds_it() {
        let response = json!({
            "a": {"b": [1, {"c": "t"}], "": null}, "~/": true, "0": 1.5, "text": "\u{e9}\"", "d": []
        });
        let text = response.to_string();
        for pointer in [
            "",
            "/",
            "/a",
            "/a/",
            "/a/b",
            "/a/b/0",
            "/a/b/1/c",
            "/a/b/01",
            "/a/b/+1",
            "/a/b/2",
            "/a/b/-1",
            "/~0~1",
            "/0",
            "/0/0",
            "/text",
            "/text/0",
            "/d/0",
            "/none",
            "a",
            "/a/b/1/c/x",
        ] {
            let found = pick(&text, pointer).unwrap();
            let found = found.map(|text| serde_json::from_str::<Value>(text).unwrap());
            assert_eq!(found.as_ref(), response.pointer(pointer), "{pointer}");
        }
    }

    #[test]
    fn the_last_of_repeated_members_counts_in_any_spelling() {
        let text = r#"{"a": 1, "b": 2, "\u0061": 3}"#;
        assert_eq!(pick(text, "/a").unwrap(), Some("3"));
    }

    #[test]
    fn text_that_is_not_json_is_an_error() {
        for text in [
            "",
            "{",
            r#"{"a": 1} x"#,
            r#"{"a": 1,}"#,
            "[[1]",
            r#"{"a": 01}"#,
            r#"{"a": tru}"#,
        ] {
            assert!(pick(text, "/a").is_err(), "{text}");
        }
    }
}
