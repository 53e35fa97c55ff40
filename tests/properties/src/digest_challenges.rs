//! Digest challenges, with any bytes.

use http::{HeaderMap, HeaderValue, Request, StatusCode};
use multi_auth::{Authenticator, RequestHead, ResponseHead, Verdict};
use multi_auth_sign::Digest;

const PASSWORD: &str = "p-0123456789";

/// The input is a field `WWW-Authenticate`. It is answered, refused with an error, or ignored. An
/// answer repeats the challenge's nonce and never holds the password; no error does.
pub fn digest_challenges(input: &[u8]) {
    let Ok(challenge) = HeaderValue::try_from(input) else {
        return;
    };
    let digest = Digest::new("user", PASSWORD).unwrap();
    let (parts, ()) = Request::get("https://api.example/v1?a=1")
        .body(())
        .unwrap()
        .into_parts();
    let head = RequestHead::from_parts(&parts);
    let first = digest.ready(&head).unwrap().unwrap();
    let headers = HeaderMap::from_iter([(http::header::WWW_AUTHENTICATE, challenge)]);
    let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
    let verdict = digest.judge(first.id(), &response);
    let has_digest = response.challenges().iter().any(|one| one.is("Digest"));
    assert_eq!(verdict == Verdict::Resign, has_digest);
    let answer = crate::runtime().block_on(digest.authenticate(&head));
    let shown = match answer {
        Ok(credential) => {
            let mut signed = parts.clone();
            credential.attach(&mut signed).unwrap();
            check_answer(&response, signed.headers.get("authorization"));
            format!("{signed:?}")
        }
        Err(error) => format!("{error} {error:?}"),
    };
    assert!(!shown.contains(PASSWORD), "{shown}");
}

fn check_answer(response: &ResponseHead<'_>, answer: Option<&HeaderValue>) {
    let Some(answer) = answer else {
        return;
    };
    assert!(
        !answer
            .as_bytes()
            .windows(PASSWORD.len())
            .any(|part| part == PASSWORD.as_bytes())
    );
    // The answer has the grammar of a challenge.
    let headers = HeaderMap::from_iter([(http::header::WWW_AUTHENTICATE, answer.clone())]);
    let sent = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
    let sent = sent.challenges();
    let own = |name| sent[0].param(name).map(std::borrow::Cow::into_owned);
    assert!(sent[0].is("Digest") && own("response").is_some_and(|hash| hash.len() >= 32));
    let nonce = own("nonce");
    assert!(
        response
            .challenges()
            .iter()
            .any(|one| one.param("nonce").map(std::borrow::Cow::into_owned) == nonce)
    );
}
