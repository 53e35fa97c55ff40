//! Turns a deserializer's message into advice. The message quotes the file, which may hold a
//! secret.

use super::Advice;

const UNFIT: Advice = Advice::new(
    "is not valid here",
    "compare it with the documentation of the configuration, or with `multi-auth schema`",
);

/// Advice on what the deserializer expected of `field`. Only the end of its message is used: the
/// beginning quotes values of the file.
pub(crate) fn expected(message: &str, field: &str) -> Advice {
    let quotes = [
        "invalid type",
        "invalid value",
        "unknown variant",
        "invalid length",
    ];
    // The field's name is a known one.
    if message.starts_with("missing field `") {
        return Advice::of(message.to_owned(), "add it");
    }
    let Some((quote, expected)) = message.rsplit_once(", expected ") else {
        return UNFIT;
    };
    if quote.starts_with("unknown field") {
        return unknown_field(quote, expected);
    }
    if quotes.iter().any(|start| quote.starts_with(start)) {
        // For a table, the message has the name of an internal type.
        let expected = match expected {
            "a map" => "a table",
            "a sequence" => "a list",
            "a nonzero u32" => "a whole number above 0",
            "u32" => "a whole number",
            "path string" => "a path in quotes",
            "newtype variant" => "a name, as in { own = \"name\" }",
            "a TOML datetime" => "a date or time without quotes, as in 2027-03-01",
            "a string" => text_of(field),
            other if other.starts_with("struct ") => "a table",
            other => other,
        };
        return Advice::of("has an invalid value", format!("write {expected}"));
    }
    UNFIT
}

/// What the text of `field` looks like.
fn text_of(field: &str) -> &'static str {
    match field.rsplit('.').next() {
        Some("refresh_timeout" | "window" | "margin" | "max_age" | "default_lifetime") => {
            "a duration in quotes, as in \"5m\""
        }
        Some("scope") => "one text with spaces between the scopes",
        _ => "text in quotes",
    }
}

/// Names that other tools give to fields of this file.
const OTHER_NAMES: [(&str, &str); 6] = [
    ("client_secret", "`key`, which is the client's secret"),
    ("api_key", "`key`"),
    ("password", "`key`"),
    ("secret", "`key`"),
    ("scopes", "`scope`, with spaces between the scopes"),
    ("token_endpoint_auth_method", "`client_auth`"),
];

/// Advice on the unknown field in `quote`. Its name may be a secret, so the advice does not repeat
/// it.
fn unknown_field(quote: &str, expected: &str) -> Advice {
    const UNKNOWN: &str = "has an unknown field";
    let name = quote.split('`').nth(1).unwrap_or_default();
    let other = OTHER_NAMES.into_iter().find(|(other, _)| *other == name);
    if let Some((_, meant)) = other {
        return Advice::of(UNKNOWN, format!("write {meant}"));
    }
    let known = expected.split('`').skip(1).step_by(2);
    let distances = known.map(|known| (strsim::osa_distance(name, known), known));
    match distances.min() {
        Some((distance, nearest)) if distance <= MOST_TYPOS && distance < nearest.len() / 2 => {
            Advice::of(UNKNOWN, format!("write `{nearest}` if that is meant"))
        }
        _ => Advice::of(UNKNOWN, format!("write {expected}")),
    }
}

/// The largest edit distance at which a name counts as a misspelling.
const MOST_TYPOS: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_field_suggests_the_nearest_and_is_not_repeated() {
        let remedy = |name: &str| {
            let fields = "`name`, `key`, `account`, `token_url`, `prefix`";
            let message = format!("unknown field `{name}`, expected one of {fields}");
            expected(&message, "").remedy().to_owned()
        };
        for (name, expected) in [
            ("acount", "write `account` if that is meant"),
            ("token-url", "write `token_url` if that is meant"),
            ("client_secret", "write `key`, which is the client's secret"),
            (
                "canary",
                "write one of `name`, `key`, `account`, `token_url`, `prefix`",
            ),
            (
                "kez",
                "write one of `name`, `key`, `account`, `token_url`, `prefix`",
            ),
        ] {
            assert_eq!(remedy(name), expected, "{name}");
        }
    }
}
