//! What the grammar of challenges (RFC 9110, 11.6.1) says of a field, this crate says too: held
//! against a reader that follows the grammar by the letter, list element by list element.

#![allow(
    clippy::unwrap_used,
    reason = "a property panics where it does not hold"
)]

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, StatusCode};
use multi_auth::ResponseHead;
use multi_auth_properties::cases;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A scheme, and its parameters by name in lower case.
type Read = (String, Vec<(String, String)>);

/// `field` cut at the commas outside quotes; `None` if a quote is left open.
fn elements(field: &str) -> Option<Vec<String>> {
    let (mut elements, mut last) = (Vec::new(), String::new());
    let (mut is_quoted, mut is_escaped) = (false, false);
    for letter in field.chars() {
        if letter == ',' && !is_quoted {
            elements.push(std::mem::take(&mut last));
            continue;
        }
        is_quoted ^= letter == '"' && !is_escaped;
        is_escaped = is_quoted && letter == '\\' && !is_escaped;
        last.push(letter);
    }
    elements.push(last);
    (!is_quoted).then_some(elements)
}

fn is_token(text: &str) -> bool {
    let other = |letter| "!#$%&'*+-.^_`|~".contains(letter);
    !text.is_empty()
        && text
            .chars()
            .all(|letter: char| letter.is_ascii_alphanumeric() || other(letter))
}

fn is_token68(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    !bare.is_empty()
        && bare
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-._~+/".contains(letter))
}

fn param(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (
        name.trim_matches([' ', '\t']),
        value.trim_matches([' ', '\t']),
    );
    if !is_token(name) {
        return None;
    }
    let name = name.to_ascii_lowercase();
    if is_token(value) {
        return Some((name, value.to_owned()));
    }
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    let mut letters = inner.chars();
    let mut unquoted = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => unquoted.push(letters.next()?),
            '"' => return None,
            letter => unquoted.push(letter),
        }
    }
    Some((name, unquoted))
}

/// What `field` says, if it keeps to the grammar.
fn oracle(field: &str) -> Option<Vec<Read>> {
    let mut found: Vec<(Read, bool)> = Vec::new();
    for element in elements(field)? {
        let element = element.trim_matches([' ', '\t']);
        if element.is_empty() {
            continue;
        }
        if let Some(param) = param(element) {
            let ((_, params), takes_params) = found.last_mut()?;
            takes_params.then(|| params.push(param))?;
            continue;
        }
        let (scheme, rest) = element.split_once(' ').unwrap_or((element, ""));
        let rest = rest.trim_matches([' ', '\t']);
        is_token(scheme).then_some(())?;
        let first = param(rest);
        let is_known = rest.is_empty() || first.is_some() || is_token68(rest);
        is_known.then_some(())?;
        // A scheme alone takes no parameters of a later element: those would need one with it.
        let takes_params = first.is_some();
        found.push((
            (scheme.to_owned(), first.into_iter().collect()),
            takes_params,
        ));
    }
    let is_repeated = |params: &[(String, String)]| {
        (1..params.len()).any(|at| params[..at].iter().any(|(name, _)| *name == params[at].0))
    };
    found.retain(|((_, params), _)| !is_repeated(params));
    Some(found.into_iter().map(|(read, _)| read).collect())
}

const PIECES: &[&str] = &[
    "Basic ",
    "Bearer ",
    "Digest  ",
    "Negotiate",
    " ",
    ",",
    ", ",
    "\t",
    "=",
    " = ",
    "realm",
    "error",
    "charset",
    "nonce",
    "=\"a, b\"",
    "=\"\\\"\"",
    "=\"\"",
    "=x",
    "=a.b",
    "YWJj==",
    "abc/+=",
    "realm=\"Basic realm=x\"",
    "error=invalid_token",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(16_384), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_field_that_keeps_to_the_grammar_is_read_as_the_grammar_says(pieces in vec(select(PIECES), 1..12)) {
        let field = pieces.concat();
        let Some(expected) = oracle(&field) else {
            return Ok(());
        };
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, HeaderValue::try_from(field.as_str()).unwrap());
        let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
        let found = response.challenges();
        let schemes: Vec<_> = found.iter().map(multi_auth::Challenge::scheme).collect();
        let names: Vec<_> = expected.iter().map(|(scheme, _)| scheme.as_str()).collect();
        prop_assert_eq!(schemes, names, "{}", field);
        for (challenge, (_, params)) in found.iter().zip(&expected) {
            for (name, value) in params {
                let read = challenge.param(name);
                prop_assert_eq!(read.as_deref(), Some(value.as_str()), "{}", field);
            }
        }
    }
}
