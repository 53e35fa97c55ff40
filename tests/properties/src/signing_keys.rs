//! Signing keys as a user pastes them: PEM or a JWK.

use multi_auth_sign::{Algorithm, SigningKey};

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
    Algorithm::HS256,
];

/// A key is refused without being shown, or signs, and its public part is there.
pub fn signing_keys(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for algorithm in ALGORITHMS {
        for read in [
            SigningKey::from_pem(algorithm, &*text),
            SigningKey::from_jwk(algorithm, &*text),
            SigningKey::from_secret(algorithm, input),
        ] {
            match read {
                Ok(key) => check(&key),
                Err(error) => check_message(&text, &format!("{error} {error:?}")),
            }
        }
    }
}

fn check(key: &SigningKey) {
    let signature = key.sign(b"message").expect("a key that was checked signs");
    let length = match key.algorithm() {
        Algorithm::RS256 | Algorithm::PS256 => 256..=1024,
        Algorithm::ES384 => 96..=96,
        Algorithm::HS256 => 32..=32,
        _ => 64..=64,
    };
    assert!(length.contains(&signature.len()), "{key:?}");
    let is_pair = key.algorithm() != Algorithm::HS256;
    assert_eq!(key.public_jwk().is_some(), is_pair);
    assert_eq!(key.thumbprint().is_some(), is_pair);
    assert_eq!(key.public_key_sha256().is_some(), is_pair);
}

/// No run of twelve characters with a digit in it comes from the input: messages have fewer.
fn check_message(text: &str, message: &str) {
    let characters: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
    for pair in characters.windows(13) {
        let piece = &text[pair[0]..pair[12]];
        let is_telling = piece.bytes().filter(u8::is_ascii_digit).count() > 1;
        assert!(!is_telling || !message.contains(piece), "{message}");
    }
}
