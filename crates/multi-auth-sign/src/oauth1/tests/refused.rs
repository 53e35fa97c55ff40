//! What cannot be signed, and what is never printed.

use super::*;

#[test]
fn a_form_that_is_a_stream_fails_and_another_stream_does_not() {
    let signer = builder().build().unwrap();
    let form = request("POST", "https://a.example", &[FORM]);
    let failed = signer.ready(&RequestHead::from_parts(&form)).unwrap();
    let message = error(&failed.unwrap_err());
    assert!(message.starts_with("the form in the body is a stream, whose parameters are signed: "));
    let plain = request("POST", "https://a.example", &[]);
    assert!(
        signer
            .ready(&RequestHead::from_parts(&plain))
            .unwrap()
            .is_ok()
    );
    let signer = builder().body_hash().build().unwrap();
    let failed = signer.ready(&RequestHead::from_parts(&plain)).unwrap();
    assert!(error(&failed.unwrap_err()).contains("or build the signer without `body_hash`"));
    let plaintext = builder().dangerous_plaintext().build().unwrap();
    assert!(
        plaintext
            .ready(&RequestHead::from_parts(&form))
            .unwrap()
            .is_ok()
    );
}

#[test]
fn a_request_without_an_origin_fails() {
    let signer = builder().build().unwrap();
    let parts = request("GET", "/path", &[("host", "a.example")]);
    let failed = signer.ready(&head(&parts, b"")).unwrap().unwrap_err();
    assert!(error(&failed).starts_with("the request names no scheme, which is signed: "));
}

#[test]
fn a_time_before_1970_fails() {
    let clock = Arc::new(test_clock::At(UNIX_EPOCH - Duration::from_secs(1)));
    let signer = builder().clock(clock).build().unwrap();
    let parts = request("GET", "https://a.example", &[]);
    let failed = signer.ready(&head(&parts, b"")).unwrap().unwrap_err();
    assert_eq!(error(&failed), SignError::Clock.to_string());
}

#[test]
fn settings_that_cannot_be_right_are_refused() {
    let secret = "consumer secret";
    for (builder, expected) in [
        (OAuth1::builder("", secret), "is empty"),
        (OAuth1::builder("key\n", secret), "line break"),
        (OAuth1::builder("key", ""), "is empty"),
        (OAuth1::builder("key", "secret\n"), "line break"),
        (OAuth1::builder("key", secret).token("", "s"), "is empty"),
        (
            OAuth1::builder("key", secret).token("t", "s\n"),
            "line break",
        ),
        (
            OAuth1::builder("key", "a\u{0}b").token("t", "s"),
            "control character",
        ),
        (
            OAuth1::builder("key", secret).realm("a\"b"),
            "the realm has a character",
        ),
        (
            OAuth1::builder("key", secret).realm("a\\b"),
            "the realm has a character",
        ),
        (
            OAuth1::builder("key", secret).realm("\u{fc}"),
            "the realm has a character",
        ),
        (
            OAuth1::builder("key", secret)
                .body_hash()
                .dangerous_plaintext(),
            "a body hash is sent without a signature",
        ),
    ] {
        let failed = builder.build().unwrap_err();
        let message = format!("{failed} {}", error(&failed));
        assert!(message.contains(expected), "{expected}: {message}");
    }
    // The consumer secret of MAAS is empty.
    let maas = OAuth1::builder("key", "").token("token", "secret");
    assert!(maas.dangerous_plaintext().build().is_ok());
    assert!(
        OAuth1::builder("key", secret)
            .token("token", "")
            .build()
            .is_ok()
    );
}

#[test]
fn nothing_prints_a_secret() {
    let builder = OAuth1::builder("canary-0", "canary-1").token("canary-2", "canary-3");
    let builder = builder.verifier("canary-4").dangerous_plaintext();
    let described = format!("{builder:?}");
    let signer = builder.build().unwrap();
    let parts = request("GET", "https://a.example", &[]);
    let credential = signer.ready(&head(&parts, b""));
    let shown = format!("{described} {signer:?} {credential:?}");
    assert!(
        shown.contains("Plaintext") && !shown.contains("canary"),
        "{shown}"
    );
}
