//! What a key shows of itself, against another library's reading.

use jsonwebtoken::jwk::{Jwk, ThumbprintHash};

use crate::keys;

#[test]
fn thumbprints_are_those_of_another_library() {
    for given in keys::all() {
        let key = given.key();
        let jwk: Jwk = serde_json::from_value(key.public_jwk().unwrap()).unwrap();
        let expected = jwk.thumbprint(ThumbprintHash::SHA256).unwrap();
        assert_eq!(key.thumbprint(), Some(expected), "{}", given.format);
    }
}

#[test]
fn a_shared_secret_has_no_public_part() {
    let key = keys::secret();
    assert_eq!(key.public_jwk(), None);
    assert_eq!(key.thumbprint(), None);
    assert_eq!(key.public_key_sha256(), None);
}
