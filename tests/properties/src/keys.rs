//! Keys as a user pastes them: a name in the first line of the input, the key in the rest.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{HeaderValue, Request};
use multi_auth::{ApiKey, AuthError, Authenticator, Basic, RequestHead};
use url::form_urlencoded;

/// A key is refused without being shown, or sent unchanged in its placement only.
pub fn keys(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (name, key) = text.split_once('\n').unwrap_or(("key", &text));
    if let Some(request) = attached(key, Basic::from_pair(key)) {
        let expected = format!("Basic {}", STANDARD.encode(key));
        assert_eq!(header(&request.headers[AUTHORIZATION]), expected);
    }
    for basic in [
        Basic::from_pair(key),
        Basic::new(name, key),
        Basic::from_encoded(key),
    ] {
        if let Some(request) = attached(key, basic) {
            let sent = header(&request.headers[AUTHORIZATION]);
            let again = Basic::from_encoded(sent.strip_prefix("Basic ").unwrap());
            let again = attached(key, again).expect("what is sent can be read");
            assert_eq!(header(&again.headers[AUTHORIZATION]), sent);
        }
    }
    if let Some(request) = attached(key, ApiKey::authorization(key)) {
        assert_eq!(header(&request.headers[AUTHORIZATION]), key);
    }
    if let Some(request) = attached(key, ApiKey::header(name, key)) {
        assert_eq!(header(&request.headers[name]), key);
    }
    if let Some(request) = attached(key, ApiKey::cookie(name, key)) {
        assert_eq!(header(&request.headers[COOKIE]), format!("{name}={key}"));
    }
    if let Some(request) = attached(key, ApiKey::query(name, key)) {
        let query = request.uri.query().unwrap();
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        assert_eq!(
            pairs,
            [("own".into(), "1".into()), (name.into(), key.into())]
        );
    }
}

/// The request with the key on it, if the key was accepted.
fn attached(key: &str, built: Result<impl Authenticator, AuthError>) -> Option<Parts> {
    let authenticator = match built {
        Ok(authenticator) => authenticator,
        Err(error) => {
            let shown = format!("{error} {error:?}");
            // The only digits in messages are those of "base64", so any other digit comes from a
            // leaked key.
            let shown = shown.replace("ase64", "");
            let is_telling = key.len() >= 8 && key.bytes().any(|byte| byte.is_ascii_digit());
            assert!(!is_telling || !shown.contains(key), "{shown}");
            return None;
        }
    };
    let request = Request::get("https://api.example/v1?own=1").body(());
    let (mut request, ()) = request.unwrap().into_parts();
    let ready = authenticator.ready(&RequestHead::from_parts(&request));
    let credential = ready
        .expect("a static key is ready")
        .expect("it is not expired");
    // A second parameter of one name is not added: the caller's own stays.
    let is_attached = credential.attach(&mut request).unwrap();
    assert_eq!(request.uri.host(), Some("api.example"));
    assert_eq!(request.uri.path(), "/v1");
    is_attached.then_some(request)
}

fn header(value: &HeaderValue) -> &str {
    assert!(value.is_sensitive());
    value.to_str().expect("visible ASCII")
}
