//! Any claims arrive as they were given, read by another library.

use std::time::Duration;

use jsonwebtoken::DecodingKey;
use multi_auth_sign::{Algorithm, Jwt};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::keys::{self, SECRET};

/// Any JSON without fractions, which not every reader keeps to the last digit.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| members.into_iter().collect::<Value>()),
        ]
    })
}

const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_claims_are_read_as_they_were_given(
        claims in btree_map(any::<String>(), json(), 0..6),
        issuer in ".+",
        subject in ".+",
        lifetime in 1..100_000_u64,
    ) {
        prop_assume!(!claims.keys().any(|name| REGISTERED.contains(&name.as_str())));
        let mut jwt = Jwt::builder()
            .issuer(&issuer)
            .subject(&subject)
            .audience("https://api.example")
            .lifetime(Duration::from_secs(lifetime));
        for (name, value) in &claims {
            jwt = jwt.claim(name, value.clone());
        }
        let signed = jwt.build().unwrap().sign(&keys::secret()).unwrap();
        let verifier = DecodingKey::from_secret(SECRET);
        let read = crate::verified::verify(Algorithm::HS256, &verifier, signed.expose_secret());
        let mut read = read.unwrap().claims;
        let members = read.as_object_mut().unwrap();
        prop_assert_eq!(members.remove("iss"), Some(issuer.into()));
        prop_assert_eq!(members.remove("sub"), Some(subject.into()));
        prop_assert_eq!(members.remove("aud"), Some("https://api.example".into()));
        let times = ["exp", "iat"].map(|name| members.remove(name).unwrap().as_u64().unwrap());
        prop_assert_eq!(times[0] - times[1], lifetime);
        prop_assert_eq!(read, claims.into_iter().collect::<Value>());
    }

    #[test]
    fn any_text_is_read_or_refused_as_a_key(text in any::<String>()) {
        for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256] {
            let _ = multi_auth_sign::SigningKey::from_pem(algorithm, text.clone());
            let _ = multi_auth_sign::SigningKey::from_jwk(algorithm, text.clone());
        }
    }
}
