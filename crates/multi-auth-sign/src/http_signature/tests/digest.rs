//! `Content-Digest`: the examples of RFC 9530, and who sets the field.

use super::*;

/// RFC 9530, 2 and appendices B.1, B.2 and D; RFC 9421, B.2.
#[test]
fn digests_are_those_of_the_rfcs() {
    for (body, hash, expected) in [
        (
            "{\"hello\": \"world\"}\n",
            Hash::Sha256,
            "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
        ),
        (
            "{\"hello\": \"world\"}\n",
            Hash::Sha512,
            "sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==:",
        ),
        (
            "",
            Hash::Sha256,
            "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
        ),
        (
            "{\"hello\": \"world\"}",
            Hash::Sha256,
            "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        ),
        (
            "{\"hello\": \"world\"}",
            Hash::Sha512,
            "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        ),
    ] {
        let digest = hash.digest(body.as_bytes());
        assert_eq!(str::from_utf8(&digest), Ok(expected), "{body:?} {hash:?}");
    }
}

const HELLO: &str = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";

#[test]
fn a_computed_digest_is_sent_and_signed() {
    let signer = covering(&["content-digest"]);
    let parts = request("POST", "https://a.example/", &[]);
    let body = br#"{"hello": "world"}"#;
    assert_eq!(signed(&signer, &parts, body)["content-digest"], HELLO);
    let base = base(&signer, &parts, body).unwrap();
    assert!(
        base.starts_with(&format!("\"content-digest\": {HELLO}\n")),
        "{base}"
    );
}

#[test]
fn sha_512_is_a_choice() {
    let signer = HttpSignature::builder(key())
        .content_digest_sha512()
        .build()
        .unwrap();
    let parts = request("POST", "https://a.example/", &[]);
    let fields = signed(&signer, &parts, b"{}");
    let expected = Hash::Sha512.digest(b"{}");
    assert_eq!(fields["content-digest"].as_bytes(), expected);
}

#[test]
fn a_required_digest_covers_no_content_too() {
    let signer = covering(&["content-digest"]);
    let fields = signed(&signer, &request("GET", "https://a.example/", &[]), b"");
    assert_eq!(fields["signature-input"], r#"sig1=("content-digest")"#);
    let expected = Hash::Sha256.digest(b"");
    assert_eq!(fields["content-digest"].as_bytes(), expected);
}

#[test]
fn the_digest_of_the_caller_is_signed_as_it_is() {
    let signer = HttpSignature::builder(key()).build().unwrap();
    let theirs = ("content-digest", "sha-256=:AAAA:");
    let parts = request("POST", "https://a.example/", &[theirs]);
    assert_eq!(signer.needs_body_of(&head(&parts, b"")), BodyNeed::Nothing);
    // Its body is a stream.
    let credential = signer
        .ready(&RequestHead::from_parts(&parts))
        .unwrap()
        .unwrap();
    let mut sent = parts.clone();
    credential.attach(&mut sent).unwrap();
    assert_eq!(sent.headers["content-digest"], theirs.1);
    let base = base(&signer, &parts, b"{}").unwrap();
    assert!(
        base.contains("\"content-digest\": sha-256=:AAAA:\n"),
        "{base}"
    );
}

#[test]
fn a_stream_without_a_digest_is_refused_with_the_choices() {
    let parts = request("POST", "https://a.example/", &[]);
    let stream = RequestHead::from_parts(&parts);
    let signer = HttpSignature::builder(key()).build().unwrap();
    for signer in [signer, covering(&["content-digest"])] {
        let error = error(&signer, &stream);
        let expected = "the body is a stream, which has no digest to sign: give the body as bytes";
        assert!(error.starts_with(expected), "{error}");
    }
    let credential = covering(&["@method"]).ready(&stream).unwrap();
    assert!(!credential.unwrap().is_empty());
}
