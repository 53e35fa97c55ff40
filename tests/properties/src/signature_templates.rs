//! Templates of signatures, with any text, target and body.

use std::sync::Arc;

use http::Request;
use multi_auth::{Authenticator, BodyView, RequestHead};
use multi_auth_sign::{HmacSigner, TemplateValue};

use crate::TestClock;

const SECRET: &str = "s-0123456789";

/// The names that the oracle does not know.
const OTHERS: [&str; 8] = [
    "{target_uri}",
    "{sorted_query}",
    "{sorted_form}",
    "{timestamp}",
    "{nonce}",
    "{header:",
    "{form:",
    "{text}",
];

/// The first line of the input is a template, the second a target, the rest a body. The template is
/// refused, or its text is that of the oracle below. No error holds the secret.
pub fn signature_templates(input: &[u8]) {
    let mut lines = input.splitn(3, |&byte| byte == b'\n');
    let (Some(template), Some(target)) = (lines.next(), lines.next()) else {
        return;
    };
    let body = lines.next().unwrap_or_default();
    let target = [b"https://api.example", target].concat();
    let (Ok(template), Ok(request)) = (
        str::from_utf8(template),
        Request::post(&target[..]).body(()),
    ) else {
        return;
    };
    if request.uri().host() != Some("api.example") {
        return;
    }
    let builder = HmacSigner::builder()
        .clock(Arc::new(TestClock::default()))
        .value("text", TemplateValue::text(template))
        .secret("secret", SECRET)
        .header("x-text", "{text}");
    let signer = match builder.build(b"key") {
        Ok(signer) => signer,
        Err(error) => return check_error(template, &error.to_string()),
    };
    let (mut parts, ()) = request.into_parts();
    let original = parts.clone();
    let head = RequestHead::from_parts(&original).with_body(BodyView::Bytes(body));
    match signer.ready(&head).unwrap() {
        Ok(credential) => {
            credential.attach(&mut parts).unwrap();
            match expected(template, &original, body) {
                Some(text) => assert_eq!(parts.headers["x-text"].as_bytes(), text, "{template}"),
                None => assert!(
                    OTHERS.iter().any(|name| template.contains(name)),
                    "{template}"
                ),
            }
        }
        Err(error) => assert!(!error.to_string().contains(SECRET), "{error}"),
    }
}

/// A template is refused only if the oracle has no text for it.
fn check_error(template: &str, error: &str) {
    assert!(!error.contains(SECRET), "{error}");
    let parts = Request::post("https://api.example/")
        .body(())
        .unwrap()
        .into_parts()
        .0;
    let is_other = OTHERS.iter().any(|name| template.contains(name));
    assert!(
        is_other || template.contains("{key}") || expected(template, &parts, b"").is_none(),
        "{template}: {error}"
    );
}

/// The text of `template`: each known name is replaced, and no brace is left.
fn expected(template: &str, parts: &http::request::Parts, body: &[u8]) -> Option<Vec<u8>> {
    let uri = &parts.uri;
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let target = if target.starts_with('?') {
        format!("/{target}")
    } else {
        target.to_owned()
    };
    let path = if uri.path().is_empty() {
        "/"
    } else {
        uri.path()
    };
    let authority = uri.authority()?.as_str();
    let authority = authority.strip_suffix(":443").unwrap_or(authority);
    let known: [(&str, &[u8]); 8] = [
        ("method}", b"POST"),
        ("scheme}", b"https"),
        ("path}", path.as_bytes()),
        ("query}", uri.query().unwrap_or_default().as_bytes()),
        ("request_target}", target.as_bytes()),
        ("body}", body),
        ("secret}", SECRET.as_bytes()),
        ("authority}", authority.as_bytes()),
    ];
    let mut parts = template.split('{');
    let mut text = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (name, value) = known.iter().find(|(name, _)| part.starts_with(name))?;
        text.extend_from_slice(value);
        text.extend_from_slice(&part.as_bytes()[name.len()..]);
    }
    let braces = |text: &str, brace| text.matches(brace).count();
    (braces(template, '}') == braces(template, '{')).then_some(text)
}
