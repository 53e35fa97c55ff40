//! What a deserializer expected, as advice. Its own message quotes the file, where a secret may stand.

use super::Advice;

const UNFIT: Advice = Advice::new(
    "is not written as it must be",
    "compare it with the page on the configuration, or with `multi-auth schema`",
);

/// What the deserializer expected. Of its message, the end alone is ours: before it, values are quoted.
pub(crate) fn expected(message: &str) -> Advice {
    let quotes = [
        "invalid type",
        "invalid value",
        "unknown variant",
        "invalid length",
    ];
    // It names a field of the document's own.
    if message.starts_with("missing field `") {
        return Advice::of(message.to_owned(), "write it too");
    }
    let Some((quote, expected)) = message.rsplit_once(", expected ") else {
        return UNFIT;
    };
    if quote.starts_with("unknown field") {
        return Advice::of("has a field that is unknown", format!("write {expected}"));
    }
    if quotes.iter().any(|start| quote.starts_with(start)) {
        // Of a table, it tells the name of a type of ours.
        let expected = match expected {
            "a map" => "a table",
            "a sequence" => "a list",
            other if other.starts_with("struct ") => "a table",
            other => other,
        };
        return Advice::of(
            "has another value than it may have",
            format!("write {expected}"),
        );
    }
    UNFIT
}
