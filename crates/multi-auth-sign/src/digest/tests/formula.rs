//! Random users, challenges and requests, against the formula of RFC 7616, 3.4.1, with another
//! library's hashes.

use proptest::prelude::*;
use sha2::{Digest as _, Sha256, Sha512_256};

use super::*;

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', r#"\""#))
}

/// The hash of `text`, by the formula.
fn h(algorithm: &str, text: &str) -> String {
    if algorithm.starts_with("SHA-512-256") {
        hex::encode(Sha512_256::digest(text))
    } else {
        hex::encode(Sha256::digest(text))
    }
}

proptest! {
    #[test]
    fn every_signature_is_that_of_the_formula(
        user in "[^:\\p{Cc}]{0,12}",
        password in "\\P{Cc}{0,12}",
        realm in "[^\u{fffd}\\p{Cc}]{0,12}",
        nonce in "[ -~]{1,12}",
        opaque in proptest::option::of("[ -~]{0,12}"),
        algorithm in "SHA-(256|512-256)(-sess)?",
        userhash in any::<bool>(),
        path in "/[a-z\"\\\\%/]{0,8}(\\?[a-z=&]{0,8})?",
        skipped in 0u32..3,
    ) {
        let digest = super::Digest::new(user.clone(), password.clone()).unwrap();
        let mut challenge = format!(
            "Digest realm={}, nonce={}, qop=\"auth\", algorithm={algorithm}, userhash={userhash}",
            quoted(&realm), quoted(&nonce),
        );
        if let Some(opaque) = &opaque {
            challenge = format!("{challenge}, opaque={}", quoted(opaque));
        }
        prop_assert_eq!(refused(&digest, &ready(&digest), &[&challenge]), Verdict::Resign);
        for _ in 0..skipped {
            ready(&digest);
        }
        let parts = get(&format!("https://a.example{path}"));
        let credential = digest.ready(&RequestHead::from_parts(&parts)).unwrap().unwrap();
        let sent = Sent::by(&credential).unwrap();

        let h = |text: String| h(&algorithm, &text);
        let (nc, cnonce) = (format!("{:08x}", skipped + 1), sent.get("cnonce"));
        let mut ha1 = h(format!("{user}:{realm}:{password}"));
        if algorithm.ends_with("-sess") {
            ha1 = h(format!("{ha1}:{nonce}:{cnonce}"));
        }
        let ha2 = h(format!("GET:{path}"));
        let response = h(format!("{ha1}:{nonce}:{nc}:{cnonce}:auth:{ha2}"));
        prop_assert_eq!(sent.get("response"), response);
        for (name, expected) in [
            ("realm", &realm), ("nonce", &nonce), ("uri", &path), ("nc", &nc),
            ("algorithm", &algorithm), ("qop", &"auth".to_owned()),
        ] {
            prop_assert_eq!(sent.get(name), expected);
        }
        prop_assert_eq!(sent.find("opaque"), opaque.as_deref());
        let hashed = h(format!("{user}:{realm}"));
        match (userhash, user.is_ascii()) {
            (true, _) => prop_assert_eq!(sent.get("username"), hashed),
            (false, true) => prop_assert_eq!(sent.get("username"), user),
            (false, false) => {
                let encoded = sent.get("username*").strip_prefix("UTF-8''").unwrap();
                let decoded = percent_encoding::percent_decode_str(encoded).decode_utf8().unwrap();
                prop_assert_eq!(decoded, user);
            }
        }
    }

    #[test]
    fn no_response_panics(
        challenge in "(Digest )?([a-z]{1,9}=(\"[^\"]{0,9}\"|[!-~]{0,9})[, ]{0,2}){0,6}",
        info in "[!-~ ]{0,20}nextnonce=[!-~ ]{0,20}",
    ) {
        let digest = digest();
        if challenge.parse::<HeaderValue>().is_ok() {
            refused(&digest, &ready(&digest), &[&challenge]);
        }
        refused(&digest, &ready(&digest), &[&sha256("n")]);
        accepted(&digest, &ready(&digest), &info);
        let headers = fields("authentication-info", &[&info]);
        digest.judge(ready(&digest).id(), &ResponseHead::new(StatusCode::OK, &headers));
        prop_assert!(Sent::by(&ready(&digest)).is_some());
    }
}
