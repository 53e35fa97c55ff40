//! Another library's verifier accepts what is signed, and nothing that was changed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{DecodingKey, Validation};
use multi_auth_sign::{Algorithm, Jwt, SigningKey};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::keys::{self, SECRET};

type Verified = jsonwebtoken::errors::Result<jsonwebtoken::TokenData<Value>>;

pub(crate) fn verify(algorithm: Algorithm, key: &DecodingKey, jwt: &str) -> Verified {
    let mut validation = Validation::new(algorithm.name().parse().unwrap());
    validation.set_audience(&["https://api.example"]);
    jsonwebtoken::decode(jwt, key, &validation)
}

fn signed(key: &SigningKey) -> String {
    let jwt = Jwt::builder()
        .issuer("my-app")
        .audience("https://api.example")
        .claim("role", "reader")
        .build();
    jwt.unwrap().sign(key).unwrap().expose_secret().to_owned()
}

/// `jwt` with `from` in its claims replaced by `to`.
fn with_claim(jwt: &str, from: &str, to: &str) -> String {
    let parts: Vec<_> = jwt.split('.').collect();
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    assert!(claims.contains(from));
    let claims = URL_SAFE_NO_PAD.encode(claims.replace(from, to));
    [parts[0], &claims, parts[2]].join(".")
}

fn check(key: &SigningKey, verifier: &DecodingKey, name: &str) {
    let jwt = signed(key);
    let read = verify(key.algorithm(), verifier, &jwt).expect(name);
    assert_eq!(
        (&read.claims["iss"], &read.claims["role"]),
        (&"my-app".into(), &"reader".into())
    );
    assert_eq!(
        read.claims["exp"].as_u64().unwrap() - read.claims["iat"].as_u64().unwrap(),
        300
    );

    let changed = with_claim(&jwt, "reader", "writer");
    let error = verify(key.algorithm(), verifier, &changed).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::InvalidSignature, "{name}");
}

#[test]
fn every_algorithm_is_verified_and_a_changed_claim_is_refused() {
    for given in keys::all() {
        let name = format!("{} from {}", given.algorithm, given.format);
        check(&given.key(), &given.verifier, &name);
    }
    check(&keys::secret(), &DecodingKey::from_secret(SECRET), "HS256");
}

#[test]
fn a_public_jwk_verifies_what_its_key_signs() {
    for given in keys::all() {
        let key = given.key();
        let jwk = serde_json::from_value(key.public_jwk().unwrap()).unwrap();
        let verifier = DecodingKey::from_jwk(&jwk).unwrap();
        check(&key, &verifier, given.format);
    }
}

#[test]
fn another_key_of_the_same_kind_does_not_verify() {
    let (one, other) = (keys::all(), keys::all());
    // RSA takes a moment to make, and there is one.
    let pairs = one
        .iter()
        .zip(&other)
        .filter(|(given, _)| given.key().thumbprint() != other_rsa());
    let mut checked = 0;
    for (given, other) in pairs {
        let error = verify(given.algorithm, &other.verifier, &signed(&given.key())).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::InvalidSignature);
        checked += 1;
    }
    assert_eq!(checked, 6);
}

fn other_rsa() -> Option<String> {
    let pem = keys::pem("PRIVATE KEY", &keys::RSA);
    SigningKey::from_pem(Algorithm::RS256, pem)
        .unwrap()
        .thumbprint()
}

#[test]
fn clones_sign_at_once_on_many_threads() {
    let given = keys::all().swap_remove(0);
    let key = given.key();
    std::thread::scope(|threads| {
        for _ in 0..8 {
            let (key, verifier) = (key.clone(), &given.verifier);
            threads.spawn(move || check(&key, verifier, "a thread"));
        }
    });
}
