//! Where in a text a variable may stand: never where it could choose the host.

use super::value::Kind;
use crate::template::{Piece, names, pieces};

/// What a text of an entry is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A URL: a credential goes there.
    Url,
    /// A path below `url`.
    Path,
    /// A text of a token request, which may hold a secret.
    Request,
    /// A token request in XML: only a secret is escaped.
    Xml,
    /// A template of a signature, which may name a secret.
    Signature,
    Other,
}

/// The role of the text at `path`, the names of its tables and its own.
pub(super) fn role(path: &[&str]) -> Role {
    match path {
        ["verify"] => Role::Path,
        path if path.iter().find(|name| **name != "also") == Some(&"hmac") => Role::Signature,
        path if is_below(path, &["body"]) => Role::Xml,
        path if is_below(path, &["fields", "query"]) => Role::Request,
        [.., "parameters" | "claims" | "headers", _] => Role::Other,
        [.., "endpoint_origins" | "issuer"] if !path.contains(&"jwt") => Role::Url,
        ["base_url", "domains"] => Role::Url,
        [.., name] if *name == "url" || name.ends_with("_url") => Role::Url,
        _ => Role::Other,
    }
}

/// Whether `path` is in one of `tables` of a token endpoint.
fn is_below(path: &[&str], tables: &[&str]) -> bool {
    let names = path
        .iter()
        .skip_while(|name| **name != "token_endpoint")
        .skip(1);
    let mut names = names.skip_while(|name| **name == "then");
    names.next().is_some_and(|name| tables.contains(name))
}

/// Whether the variables of `text` may stand where they do. `kind` returns the kind of a name, if
/// it is one of the vendor.
pub(super) fn is_safe<'k>(
    text: &str,
    role: Role,
    kind: &impl Fn(&str) -> Option<&'k Kind>,
) -> bool {
    // The values of a closed list are constants of the file.
    let closed = names(text).find_map(|name| match kind(name) {
        Some(Kind::OneOf(values)) => Some((name, values)),
        _ => None,
    });
    let Some((name, values)) = closed else {
        return is_safe_text(text, role, kind);
    };
    if combinations(text, kind) > MOST_COMBINATIONS {
        return false;
    }
    let name = format!("{{{name}}}");
    let mut texts = values.iter().map(|value| text.replace(&name, value));
    texts.all(|text| is_safe(&text, role, kind))
}

/// The most texts that a template with closed lists is tried as.
const MOST_COMBINATIONS: usize = 10_000;

/// How many texts the closed lists in `text` make of it.
fn combinations<'k>(text: &str, kind: &impl Fn(&str) -> Option<&'k Kind>) -> usize {
    let mut names: Vec<_> = names(text).collect();
    names.sort_unstable();
    names.dedup();
    let lengths = names.into_iter().map(|name| match kind(name) {
        Some(Kind::OneOf(values)) => values.len(),
        _ => 1,
    });
    lengths.fold(1, usize::saturating_mul)
}

fn is_safe_text<'k>(text: &str, role: Role, kind: &impl Fn(&str) -> Option<&'k Kind>) -> bool {
    let pieces = pieces(text);
    let mut before = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => before.push_str(text),
            Piece::Name(name) => {
                let after = pieces.get(at + 1..).unwrap_or_default();
                let is_known = kind(name);
                if is_known.is_some_and(|kind| !may_stand(kind, role, &before, after)) {
                    return false;
                }
                before.push('{');
            }
        }
    }
    true
}

/// Whether a variable of this kind may stand between `before` and `after`.
fn may_stand(kind: &Kind, role: Role, before: &str, after: &[Piece<'_>]) -> bool {
    match kind {
        Kind::OneOf(_) => true,
        Kind::Secret => matches!(role, Role::Request | Role::Xml | Role::Signature),
        Kind::Text => matches!(role, Role::Request | Role::Other | Role::Signature),
        Kind::Url if role == Role::Url => before.is_empty() && starts_path(after),
        Kind::Url => !matches!(role, Role::Path | Role::Xml),
        Kind::Label | Kind::Segment if role != Role::Url => true,
        Kind::Label if starts_host(before) => ends_with_domain(after),
        Kind::Label | Kind::Segment => is_path(before),
    }
}

/// Whether `before` is the beginning of a URL, up to a part of its host.
fn starts_host(before: &str) -> bool {
    after_scheme(before).is_some_and(|host| host.is_empty() || is_host(host))
}

/// What follows `https://`. Plain http is refused where the URL is parsed, with another error.
fn after_scheme(url: &str) -> Option<&str> {
    let secure = url.strip_prefix("https://");
    secure.or_else(|| url.strip_prefix("http://"))
}

/// Whether the host ends before the end of `before`. The URL standard reads slashes, backslashes
/// and tabs in many ways, so only a plain host counts.
fn is_path(before: &str) -> bool {
    // A base URL stands as `{`.
    if before.starts_with('{') {
        return before.starts_with("{/");
    }
    let host = after_scheme(before).and_then(|rest| rest.split_once('/'));
    host.is_some_and(|(host, _)| is_host(without_port(host)))
}

fn is_host(host: &str) -> bool {
    let is_ok = |byte: u8| byte.is_ascii_alphanumeric() || b".-_{".contains(&byte);
    !host.is_empty() && host.bytes().all(is_ok)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether nothing or a path follows.
fn starts_path(after: &[Piece<'_>]) -> bool {
    match after {
        [] => true,
        [Piece::Text(text), ..] => text.is_empty() && after.len() == 1 || text.starts_with('/'),
        [Piece::Name(_), ..] => false,
    }
}

/// Whether the rest of the host ends with at least two labels that no variable is part of.
fn ends_with_domain(after: &[Piece<'_>]) -> bool {
    let host = host(after);
    let constant = host.rsplit('{').next().unwrap_or_default();
    let Some((_, domain)) = constant.split_once('.') else {
        return false;
    };
    let mut labels = domain.split('.');
    let has_labels = domain.contains('.') && labels.all(|label| !label.is_empty());
    has_labels && is_host(&host)
}

/// The rest of the host, without a port, with `{` for each variable.
fn host(after: &[Piece<'_>]) -> String {
    let mut host = String::new();
    for piece in after {
        match piece {
            Piece::Name(_) => host.push('{'),
            Piece::Text(text) => match text.split_once('/') {
                Some((rest, _)) => {
                    host.push_str(rest);
                    break;
                }
                None => host.push_str(text),
            },
        }
    }
    without_port(&host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> Option<&'static Kind> {
        Some(match name {
            "label" => &Kind::Label,
            "segment" => &Kind::Segment,
            "text" => &Kind::Text,
            "secret" => &Kind::Secret,
            "url" => &Kind::Url,
            _ => return None,
        })
    }

    #[test]
    fn a_variable_in_a_url_cannot_choose_the_domain() {
        for (url, expected) in [
            ("https://{label}.example.com", true),
            ("https://{label}.example.com/v1", true),
            ("https://api-{label}.example.com", true),
            ("https://{label}-api.example.com", true),
            ("https://{label}.{label}.example.com", true),
            ("https://example.com/{label}/{segment}", true),
            ("{url}", true),
            ("{url}/v1/{segment}", true),
            ("https://{label}", false),
            ("https://{label}/x.example.com", false),
            ("https://{label}.com", false),
            ("https://{label}example.com", false),
            ("https://example.{label}.com", false),
            ("https://example.com{label}", false),
            ("https://example.{label}", false),
            ("https://{label}.example..com", false),
            ("https://{label}.example.com:8443/v1", true),
            ("https://{label}:{label}.example.com", false),
            ("https://evil.example:{label}.example.com", false),
            ("https://evil.example\\{label}.example.com", false),
            ("https://evil.example?{label}.example.com", false),
            ("https://evil.example#{label}.example.com", false),
            ("https:///evil.example/{label}.example.com", false),
            ("https://\t/evil.example{label}/x", false),
            ("https:/{label}.example.com", false),
            ("https://example.com:443/{segment}", true),
            ("https://[::1]/{segment}", false),
            ("https://{label}@evil.example.com", false),
            ("https://{label}.example.com:{label}", false),
            ("https://{segment}.example.com", false),
            ("https://example.com?{segment}", false),
            ("https://{text}.example.com", false),
            ("https://example.com/{text}", false),
            ("https://example.com/{secret}", false),
            ("{label}.example.com", false),
            ("{url}.example.com", false),
            ("{url}{label}", false),
            ("https://{url}", false),
        ] {
            assert_eq!(is_safe(url, Role::Url, &kind), expected, "{url}");
        }
    }

    #[test]
    fn the_values_of_a_closed_list_are_constants() {
        let closed = Kind::OneOf(vec!["example.com".to_owned(), "eu.example.com".to_owned()]);
        let kind = |name: &str| match name {
            "domain" => Some(&closed),
            other => kind(other),
        };
        for (url, expected) in [
            ("https://{domain}", true),
            ("https://{label}.{domain}/v1", true),
            ("https://{domain}.{label}", false),
            ("https://{label}{domain}", false),
        ] {
            assert_eq!(is_safe(url, Role::Url, &kind), expected, "{url}");
        }
    }

    #[test]
    fn a_secret_stands_in_a_token_request_alone() {
        assert!(is_safe("{secret}", Role::Request, &kind));
        for role in [Role::Url, Role::Path, Role::Other] {
            assert!(!is_safe("/{secret}", role, &kind));
        }
        assert!(is_safe("/x/{segment}", Role::Path, &kind));
        assert!(!is_safe("/x/{text}", Role::Path, &kind));
        assert!(is_safe("{text}", Role::Other, &kind));
    }

    #[test]
    fn the_role_of_a_text_is_known_by_its_field() {
        for (path, expected) in [
            (&["url"][..], Role::Url),
            (&["token_url"], Role::Url),
            (&["issuer"], Role::Url),
            (&["jwt", "issuer"], Role::Other),
            (&["token_endpoint", "url"], Role::Url),
            (&["token_endpoint", "fields", "url"], Role::Request),
            (
                &["token_endpoint", "fields", "a", "token_url"],
                Role::Request,
            ),
            (&["also", "token_endpoint", "query", "q"], Role::Request),
            (&["token_endpoint", "body"], Role::Xml),
            (&["token_endpoint", "then", "then", "body"], Role::Xml),
            (&["parameters", "url"], Role::Other),
            (&["jwt", "claims", "url"], Role::Other),
            (&["endpoint_origins"], Role::Url),
            (&["hmac", "signature", "message"], Role::Signature),
            (&["hmac", "headers", "url"], Role::Signature),
            (&["also", "hmac", "values", "body", "key"], Role::Signature),
            (&["verify"], Role::Path),
            (&["audience"], Role::Other),
        ] {
            assert!(role(path) == expected, "{path:?}");
        }
    }
}
