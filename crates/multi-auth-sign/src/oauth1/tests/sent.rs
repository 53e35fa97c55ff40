//! What is sent, and when nothing is.

use super::*;

#[test]
fn a_request_that_the_caller_signed_is_sent_as_it_is() {
    let signer = builder().body_hash().build().unwrap();
    for (query, fields) in [
        (
            "",
            &[("authorization", "OAuth oauth_signature=\"x\""), FORM][..],
        ),
        ("?a=b&oauth_signature=x", &[FORM]),
    ] {
        let parts = request("POST", &format!("https://a.example/{query}"), fields);
        let stream = RequestHead::from_parts(&parts);
        assert!(signer.ready(&stream).unwrap().unwrap().is_empty());
        assert_eq!(signer.needs_body_of(&stream), BodyNeed::Nothing);
    }
    let parts = request("POST", "https://a.example", &[FORM]);
    let form = head(&parts, b"a=b&oauth_signature=x");
    assert!(signer.ready(&form).unwrap().unwrap().is_empty());
    let other = head(&parts, b"oauth_signature_method=x");
    assert!(!signer.ready(&other).unwrap().unwrap().is_empty());
}

#[test]
fn the_body_is_needed_only_if_it_is_signed() {
    let plain = request("POST", "https://a.example", &[]);
    let form = request("POST", "https://a.example", &[FORM]);
    let need = |builder: OAuth1Builder| {
        let signer = builder.build().unwrap();
        [&plain, &form].map(|parts| {
            let need = signer.needs_body_of(&RequestHead::from_parts(parts));
            // What a keyring is told must cover it.
            assert!(signer.needs_body() >= need);
            need
        })
    };
    assert_eq!(need(builder()), [BodyNeed::Nothing, BodyNeed::Digest]);
    assert_eq!(
        need(builder().body_hash()),
        [BodyNeed::Digest, BodyNeed::Digest]
    );
    assert_eq!(
        need(builder().dangerous_plaintext()),
        [BodyNeed::Nothing, BodyNeed::Nothing]
    );
}

#[test]
fn each_request_has_its_own_nonce() {
    let signer = OAuth1::builder("consumer", "secret").build().unwrap();
    let parts = request("GET", "https://a.example", &[]);
    let nonce = || {
        let header = authorization(&signer, &parts, b"");
        let (_, rest) = header.split_once("oauth_nonce=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    assert_eq!(nonce().len(), 32);
    assert_ne!(nonce(), nonce());
}

#[test]
fn the_settings_choose_what_is_sent() {
    let header = |builder: OAuth1Builder| {
        let signer = builder.build().unwrap();
        authorization(&signer, &request("GET", "https://a.example", &[]), b"")
    };
    assert!(header(builder()).contains("oauth_version=\"1.0\", "));
    assert!(!header(builder().without_version()).contains("oauth_version"));
    let sha256 = header(builder().hmac_sha256());
    assert!(sha256.contains("oauth_signature_method=\"HMAC-SHA256\""));
    let (_, signature) = sha256.split_once("oauth_signature=").unwrap();
    // 32 bytes in base64, of which at least the last character is encoded.
    assert!(signature.len() >= 2 + 44 + 2, "{signature}");
    assert!(
        header(builder().realm("1234567_SB1"))
            .starts_with("OAuth realm=\"1234567_SB1\", oauth_nonce=")
    );
    let without_token = OAuth1::builder("a b", "secret")
        .callback("oob")
        .verifier("v");
    let header = header(without_token);
    assert!(!header.contains("oauth_token"));
    assert!(
        header
            .contains("oauth_consumer_key=\"a%20b\", oauth_callback=\"oob\", oauth_verifier=\"v\"")
    );
}

#[test]
fn a_body_that_is_not_a_form_has_a_hash() {
    let signer = builder().body_hash().build().unwrap();
    let parts = request(
        "PUT",
        "https://a.example",
        &[("content-type", "text/plain")],
    );
    // The example of the draft, 6.
    let header = authorization(&signer, &parts, b"Hello World!");
    let hash = "oauth_body_hash=\"Lve95gjOVATpfV8EL5X4nxwjKHE%3D\"";
    assert!(header.contains(hash), "{header}");
    assert!(
        base(&signer, &head(&parts, b"Hello World!"))
            .contains("oauth_body_hash%3DLve95gjOVATpfV8EL5X4nxwjKHE%253D")
    );
    let form = request("POST", "https://a.example", &[FORM]);
    assert!(!authorization(&signer, &form, b"a=b").contains("oauth_body_hash"));
    let sha256 = builder().hmac_sha256().body_hash().build().unwrap();
    // printf 'Hello World!' | openssl dgst -sha256 -binary | base64
    let hash = "oauth_body_hash=\"f4OxZX%2Fx%2FFO5LcGBSKHWXfwtSx%2Bj1ncoSt3SABJtkGk%3D\"";
    let header = authorization(&sha256, &parts, b"Hello World!");
    assert!(header.contains(hash), "{header}");
}

#[test]
fn authorization_is_the_only_placement() {
    let signer = builder().build().unwrap();
    let [placement] = &signer.placements()[..] else {
        panic!("one placement");
    };
    assert!(placement.is_same_place(&Placement::authorization()));
}
