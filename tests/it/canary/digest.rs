//! Digest authentication.

use http::{HeaderMap, HeaderValue, Request, StatusCode};
use multi_auth::{Authenticator, RequestHead, ResponseHead};
use multi_auth_sign::Digest;

use super::{Ledger, key, token};

pub(super) async fn look(ledger: &mut Ledger) {
    let digest = Digest::new(token(), key()).unwrap();
    ledger.see_debug("Digest::new", &digest);
    let builder = Digest::builder().integrity();
    ledger.see_debug("DigestBuilder of Digest::builder", &builder);
    for (site, user, password) in [
        ("a colon in the user", token() + ":", key()),
        ("a line break", token(), key() + "\n"),
    ] {
        let error = Digest::new(user, password).unwrap_err();
        ledger.see_error(format!("Digest, {site}"), &error);
    }

    let request = Request::get("https://api.vendor.example/v1").body(());
    let (parts, ()) = request.unwrap().into_parts();
    let head = RequestHead::from_parts(&parts);
    let challenge = |text: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("www-authenticate", HeaderValue::try_from(text).unwrap());
        headers
    };
    // A server may repeat a secret in its challenge.
    for (site, text) in [
        (
            "a challenge",
            format!(
                r#"Digest realm="{}", nonce="{}", qop="auth", algorithm=SHA-256"#,
                key(),
                token()
            ),
        ),
        (
            "a challenge with an odd algorithm",
            format!(r#"Digest realm="r", nonce="n", algorithm={}"#, token()),
        ),
        (
            "a challenge without a nonce",
            format!(r#"Digest realm="{}", algorithm=SHA-256"#, token()),
        ),
    ] {
        let digest = Digest::new(token(), key()).unwrap();
        let first = digest.ready(&head).unwrap().unwrap();
        let headers = challenge(&text);
        let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
        ledger.see_debug(
            format!("Digest, the verdict on {site}"),
            &digest.judge(first.id(), &response),
        );
        ledger.see_debug(format!("Digest, after {site}"), &digest);
        match digest.authenticate(&head).await {
            Ok(credential) => {
                let mut signed = parts.clone();
                credential.clone().attach(&mut signed).unwrap();
                ledger.see_debug(format!("Digest, a credential after {site}"), &credential);
                ledger.see_debug(format!("Digest, a request after {site}"), &signed);
            }
            Err(error) => ledger.see_error(format!("Digest, the error after {site}"), &error),
        }
    }
}
