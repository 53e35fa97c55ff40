//! What a variable may hold, so that it cannot change where a credential goes.

use multi_auth::ProtectionSpace;
use schemars::JsonSchema;
use serde::Deserialize;

/// What a variable may hold.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// One label of a host name: letters, digits, `-` and `_`.
    Label,
    /// One segment of a path: letters, digits and `-._~` (RFC 3986, 2.3).
    Segment,
    /// Text that stands in no URL.
    Text,
    /// A secret of a token request. The table `secrets` says where it comes from.
    Secret,
    /// One of these values. The vendor's file chose them, so they may stand anywhere.
    #[serde(skip)]
    OneOf(Vec<String>),
    /// The base URL of the entry, which the user sets as `url`.
    #[serde(skip)]
    Url,
}

impl Kind {
    /// Whether a variable of this kind may be `value`.
    pub(crate) fn allows(&self, value: &str) -> bool {
        match self {
            Self::Label => is_label(value),
            Self::Segment => is_segment(value),
            Self::Text => is_text(value),
            Self::OneOf(values) => values.iter().any(|one| one == value),
            Self::Url => is_base(value),
            Self::Secret => false,
        }
    }

    /// What a value looks like, for errors.
    pub(crate) fn form(&self) -> String {
        match self {
            Self::Label => {
                "one label of letters, digits and inner `-` and `_`, without a domain".to_owned()
            }
            Self::Segment => "letters, digits and `-._~`".to_owned(),
            Self::Text => "text without control characters, `{` and `}`".to_owned(),
            Self::Url => "an https URL without query and fragment (a loopback address may be http)"
                .to_owned(),
            Self::Secret => "where it comes from, in the table `secrets`".to_owned(),
            Self::OneOf(values) => {
                let quoted = values.iter().map(|value| format!("\"{value}\""));
                format!("one of {}", quoted.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// RFC 1123, 2.1, and `_`, which some vendors allow.
fn is_label(value: &str) -> bool {
    let is_ok = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let has_edge = value.starts_with('-') || value.ends_with('-');
    (1..=63).contains(&value.len()) && value.bytes().all(is_ok) && !has_edge
}

fn is_segment(value: &str) -> bool {
    let is_ok = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_dots = [".", ".."].contains(&value);
    (1..=255).contains(&value.len()) && value.bytes().all(is_ok) && !is_dots
}

fn is_text(value: &str) -> bool {
    let is_odd = |character: char| character.is_control() || "{}".contains(character);
    (1..=1024).contains(&value.len()) && !value.contains(is_odd)
}

fn is_base(value: &str) -> bool {
    let has_odd = value.contains(['?', '#', '\\', '{', '}']);
    !has_odd && ProtectionSpace::new(value).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_place() {
        let labels = ["acme", "a", "a-b", "A_1", "0"];
        let odd = [
            "", "-a", "a-", "a.b", "a/b", "a@b", "a:1", "a?b", "a#b", "a b", "é", "a\n", "%2e",
            "a\\b", "[::1]", "{a}",
        ];
        assert!(labels.iter().all(|label| Kind::Label.allows(label)));
        assert!(odd.iter().all(|label| !Kind::Label.allows(label)));
        let long = "a".repeat(64);
        assert!(!Kind::Label.allows(&long) && Kind::Segment.allows(&long));
        assert!(Kind::Segment.allows("v1.2~x") && Kind::Segment.allows("..."));
        let odd = ["", ".", "..", "a/b", "a%2fb", "a?b", "a#b", "a;b", "a\\b"];
        assert!(odd.iter().all(|segment| !Kind::Segment.allows(segment)));
        assert!(Kind::Text.allows("me@example.com") && !Kind::Text.allows("a\nb"));
        assert!(!Kind::Text.allows("{key}") && !Kind::Secret.allows("s"));
        assert!(Kind::Url.allows("https://git.example.com/x"));
        for url in [
            "http://git.example.com",
            "https://a@b",
            "https://a?b",
            "a",
            "https://a#b",
            "",
        ] {
            assert!(!Kind::Url.allows(url), "{url}");
        }
    }
}
