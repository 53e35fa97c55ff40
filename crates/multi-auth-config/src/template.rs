//! Texts with `{name}` in them.

use std::borrow::Cow;

use secrecy::zeroize::Zeroize;

/// The name that stands for the key of an entry, in the body of a token request.
pub(crate) const KEY: &str = "key";

/// A part of a template.
pub(crate) enum Piece<'t> {
    Text(&'t str),
    /// The name in `{name}`.
    Name(&'t str),
}

/// The parts of `template`. Braces around anything but a name are text.
pub(crate) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), template);
    let mut from = 0;
    while let Some(open) = rest.get(from..).and_then(|tail| tail.find('{')) {
        let open = from + open;
        let inner = &rest[open + 1..];
        let mut bytes = inner.bytes().take(MOST_BYTES + 1);
        let close = bytes.position(|byte| byte == b'}');
        // A name is ASCII, so that it ends at the boundary of a character.
        let name = close.and_then(|close| inner.get(..close));
        match name.filter(|name| is_name(name)) {
            Some(name) => {
                pieces.push(Piece::Text(&rest[..open]));
                pieces.push(Piece::Name(name));
                rest = &inner[name.len() + 1..];
                from = 0;
            }
            None => from = open + 1,
        }
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// The longest name, in bytes.
const MOST_BYTES: usize = 64;

/// Whether `name` may stand in braces: lower-case letters, digits and `_`.
pub(crate) fn is_name(name: &str) -> bool {
    let is_ok = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MOST_BYTES).contains(&name.len()) && name.bytes().all(is_ok)
}

/// The names in `template`.
pub(crate) fn names(template: &str) -> impl Iterator<Item = &str> {
    pieces(template)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Name(name) => Some(name),
            Piece::Text(_) => None,
        })
}

/// `template` with each `{name}` replaced by its `value`, if it has one. A value is not searched
/// for names.
///
/// The text is written once: a buffer that grows leaves a copy behind. Copies of values are wiped.
pub(crate) fn fill<'v>(template: &str, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> String {
    let mut parts = Vec::new();
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => parts.push(Cow::Owned(text.to_owned())),
            Piece::Name(name) => {
                parts.push(value(name).unwrap_or_else(|| Cow::Owned(format!("{{{name}}}"))));
            }
        }
    }
    let text = parts.concat();
    for part in &mut parts {
        if let Cow::Owned(text) = part {
            text.zeroize();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_replaced_once_and_other_braces_stay() {
        let value = |name: &str| match name {
            "a" => Some("{b}".into()),
            "b" => Some("B".into()),
            _ => None,
        };
        for (template, expected) in [
            ("", ""),
            ("{a}", "{b}"),
            ("{b}{b}", "BB"),
            ("x{b}y{c}z", "xBy{c}z"),
            ("{{b}}", "{B}"),
            ("{B}", "{B}"),
            ("{", "{"),
            ("{b", "{b"),
            ("}{b}{", "}B{"),
            (r#"{"k":"{b}"}"#, r#"{"k":"B"}"#),
            ("{é}{b}", "{é}B"),
        ] {
            assert_eq!(fill(template, value), expected, "{template}");
        }
        assert_eq!(names("{a}/{b}{c d}").collect::<Vec<_>>(), ["a", "b"]);
    }
}
