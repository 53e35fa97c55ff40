//! Templates: texts with `{name}` in them.

use http::HeaderName;

use crate::SignError;

/// A checked template.
#[derive(Clone, Debug, Default)]
pub(super) struct Template {
    pub(super) parts: Vec<Part>,
    pub(super) reads: Reads,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(Box<str>),
    Method,
    Scheme,
    Authority,
    Path,
    Query,
    SortedQuery,
    RequestTarget,
    TargetUri,
    Body,
    SortedForm,
    Timestamp,
    Nonce,
    Key,
    /// A field of the request's header, or nothing.
    Header(HeaderName),
    /// A parameter of the form in the body.
    Form(Box<str>),
    /// The secret with this index.
    Secret(usize),
    /// The value with this index.
    Value(usize),
}

/// What a template needs, with the values that it names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reads(u8);

impl Reads {
    pub(super) const NOTHING: Self = Self(0);
    pub(super) const BODY: Self = Self(1);
    /// The query, which parameters of the signature change.
    pub(super) const QUERY: Self = Self(1 << 1);
    pub(super) const TIMESTAMP: Self = Self(1 << 2);
    pub(super) const NONCE: Self = Self(1 << 3);
    /// The key itself.
    pub(super) const KEY: Self = Self(1 << 4);
    /// Bytes that are no text.
    pub(super) const RAW: Self = Self(1 << 5);

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn contain(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

const NAMES: &str = "write a name such as `method`, `request_target` or `body`, or that of a value or of a secret; braces are for names only";

impl Template {
    /// Reads `text`. `named` returns the part of a secret or a value by its name.
    pub(super) fn parse(
        text: &str,
        named: impl Fn(&str) -> Option<(Part, Reads)>,
    ) -> Result<Self, SignError> {
        let mut template = Self::default();
        for piece in pieces(text) {
            let (part, reads) = match piece.map_err(unknown)? {
                Piece::Text(text) => (Part::Text(text.into()), Reads::NOTHING),
                Piece::Name(name) => {
                    let part = built_in(name).or_else(|| named(name));
                    part.ok_or_else(|| unknown(name))?
                }
            };
            template.parts.push(part);
            template.reads = template.reads.and(reads);
        }
        Ok(template)
    }

    /// Whether the template names the value or the secret `name`.
    pub(super) fn names(text: &str, name: &str) -> bool {
        pieces(text).any(|piece| piece == Ok(Piece::Name(name)))
    }
}

/// The error for `name`. It is shown only if it cannot be a key.
fn unknown(name: &str) -> SignError {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b':' | b'-');
    if (1..=32).contains(&name.len()) && name.bytes().all(is_word) {
        SignError::signature_of(format!("a template names an unknown `{{{name}}}`"), NAMES)
    } else {
        SignError::signature("a template has a brace without a known name", NAMES)
    }
}

#[derive(PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// The pieces of `text`. A brace that does not belong to a name is an error.
fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, &str>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, after) = (!rest.is_empty()).then(|| first_piece(rest))?;
        rest = after;
        Some(piece)
    })
}

/// The first piece of `text`, and what follows it.
fn first_piece(text: &str) -> (Result<Piece<'_>, &str>, &str) {
    match text.find(['{', '}']) {
        None => (Ok(Piece::Text(text)), ""),
        Some(0) => match text
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        {
            Some((name, after)) => (Ok(Piece::Name(name)), after),
            None => (Err(text), ""),
        },
        Some(at) => {
            let (text, after) = text.split_at(at);
            (Ok(Piece::Text(text)), after)
        }
    }
}

/// The part that every template can name.
fn built_in(name: &str) -> Option<(Part, Reads)> {
    let part = match name {
        "method" => Part::Method,
        "scheme" => Part::Scheme,
        "authority" => Part::Authority,
        "path" => Part::Path,
        "query" => Part::Query,
        "sorted_query" => Part::SortedQuery,
        "request_target" => Part::RequestTarget,
        "target_uri" => Part::TargetUri,
        "body" => Part::Body,
        "sorted_form" => Part::SortedForm,
        "timestamp" => Part::Timestamp,
        "nonce" => Part::Nonce,
        "key" => Part::Key,
        _ => parameterized(name)?,
    };
    let reads = match part {
        Part::Query | Part::SortedQuery | Part::RequestTarget | Part::TargetUri => Reads::QUERY,
        Part::Body | Part::SortedForm | Part::Form(_) => Reads::BODY,
        Part::Timestamp => Reads::TIMESTAMP,
        Part::Nonce => Reads::NONCE,
        Part::Key => Reads::KEY,
        _ => Reads::NOTHING,
    };
    Some((part, reads))
}

fn parameterized(name: &str) -> Option<Part> {
    match name.split_once(':')? {
        ("header", field) => field.parse().ok().map(Part::Header),
        ("form", "") => None,
        ("form", parameter) => Some(Part::Form(parameter.into())),
        _ => None,
    }
}

/// Whether `name` may be the name of a secret or of a value: lower-case letters, digits and `_`,
/// and not the name of a part of the request.
pub(super) fn check_name(name: &str) -> Result<(), SignError> {
    const NAME: &str =
        "write lower-case letters, digits and `_`, and none of the names that every template has";
    let is_ok = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || !name.bytes().all(is_ok) || built_in(name).is_some() {
        let what = "a secret or a value of the signature has an invalid name";
        return Err(SignError::signature(what, NAME));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_read_into_its_parts() {
        let named = |name: &str| (name == "id").then_some((Part::Secret(0), Reads::NOTHING));
        let template = Template::parse("a{method}{header:Date}\n{id}{form:n}b", named).unwrap();
        let text = |text: &str| Part::Text(text.into());
        let expected = [
            text("a"),
            Part::Method,
            Part::Header(HeaderName::from_static("date")),
            text("\n"),
            Part::Secret(0),
            Part::Form("n".into()),
            text("b"),
        ];
        assert_eq!(template.parts, expected);
        assert_eq!(template.reads, Reads::BODY);
    }

    #[test]
    fn a_brace_without_a_known_name_is_an_error() {
        for text in [
            "{",
            "}",
            "a}b",
            "{}",
            "{method",
            "{{method}}",
            "{header:a b}",
            "{ method }",
        ] {
            let error = Template::parse(text, |_| None).unwrap_err().to_string();
            assert!(
                error.contains("a brace without a known name"),
                "{text}: {error}"
            );
        }
        for text in ["{header:}", "{form:}", "{secret}", "{json:id}"] {
            let error = Template::parse(text, |_| None).unwrap_err().to_string();
            assert!(
                error.contains(&format!("unknown `{text}`")),
                "{text}: {error}"
            );
        }
    }
}
