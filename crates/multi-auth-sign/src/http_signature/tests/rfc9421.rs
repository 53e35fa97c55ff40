//! The examples of RFC 9421. B.2.4 and the second half of 2.4 sign responses, which this crate does
//! not.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED, Ed25519KeyPair, KeyPair, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA512, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::*;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/rfc9421.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn rfc_key(keys: &Value, name: &str) -> SigningKey {
    let pem = text(&keys[name]);
    let (algorithm, id) = match name {
        "rsa" => (Algorithm::RS256, "test-key-rsa"),
        "rsa-pss" => (Algorithm::PS512, "test-key-rsa-pss"),
        "ecc" => (Algorithm::ES256, "test-key-ecc-p256"),
        "ed25519" => (Algorithm::EdDSA, "test-key-ed25519"),
        _ => {
            let secret = STANDARD.decode(pem).unwrap();
            let key = SigningKey::from_secret(Algorithm::HS256, &secret).unwrap();
            return key.with_key_id("test-shared-secret").unwrap();
        }
    };
    let key = SigningKey::from_pem(algorithm, pem).unwrap();
    key.with_key_id(id).unwrap()
}

/// The signer that makes the signature of `case`.
fn signer(case: &Value, keys: &Value) -> HttpSignature {
    let components = case["components"].as_array().unwrap();
    let mut builder = HttpSignature::builder(rfc_key(keys, text(&case["key"])))
        .components(components.iter().map(text))
        .label(text(&case["label"]))
        .clock(at(case["created"].as_u64().unwrap()));
    if case["has_alg"] == true {
        builder = builder.algorithm_parameter();
    }
    if let Some(seconds) = case["expires_after"].as_u64() {
        builder = builder.expires_after(Duration::from_secs(seconds));
    }
    if let Some(nonce) = case["nonce"].as_str().map(str::to_owned) {
        builder = builder.nonce_from(move || Ok(nonce.clone()));
    }
    if let Some(tag) = case["tag"].as_str() {
        builder = builder.tag(tag);
    }
    builder.build().unwrap()
}

fn parts(case: &Value) -> (Parts, Vec<u8>) {
    let given = &case["request"];
    let fields = given["fields"].as_array().unwrap();
    let fields: Vec<_> = fields
        .iter()
        .map(|field| (text(&field[0]), text(&field[1])))
        .collect();
    let parts = request(text(&given["method"]), text(&given["url"]), &fields);
    (parts, text(&given["body"]).into())
}

/// Whether `field`, a value of `Signature`, is a signature of `key` over `base`.
pub(super) fn is_verified(key: &SigningKey, base: &str, field: &str) -> bool {
    let (_, signature) = field.split_once("=:").unwrap();
    let signature = STANDARD
        .decode(signature.strip_suffix(':').unwrap())
        .unwrap();
    let jwk = key.public_jwk();
    let member = |name: &str| {
        let value = jwk.as_ref().unwrap()[name].as_str().unwrap();
        URL_SAFE_NO_PAD.decode(value).unwrap()
    };
    let rsa = |algorithm| {
        let key = signature::RsaPublicKeyComponents {
            n: member("n"),
            e: member("e"),
        };
        key.verify(algorithm, base.as_bytes(), &signature).is_ok()
    };
    let plain = |algorithm, bytes: Vec<u8>| {
        let key = UnparsedPublicKey::new(algorithm, bytes);
        key.verify(base.as_bytes(), &signature).is_ok()
    };
    match key.algorithm() {
        Algorithm::RS256 => rsa(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::PS512 => rsa(&RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => {
            let point = [vec![4], member("x"), member("y")].concat();
            plain(&ECDSA_P256_SHA256_FIXED, point)
        }
        Algorithm::EdDSA => plain(&signature::ED25519, member("x")),
        _ => key.sign(base.as_bytes()).unwrap() == signature,
    }
}

#[test]
fn each_example_of_a_request_is_signed() {
    let vectors = vectors();
    let (mut count, mut deterministic) = (0, 0);
    for case in vectors["cases"].as_array().unwrap() {
        let section = &case["section"];
        let (signer, (parts, body)) = (signer(case, &vectors["keys"]), parts(case));
        let expected = case["base"].as_array().unwrap();
        let expected: Vec<_> = expected.iter().map(text).collect();
        let expected = expected.join("\n");
        assert_eq!(base(&signer, &parts, &body).unwrap(), expected, "{section}");

        let fields = signed(&signer, &parts, &body);
        assert_eq!(
            fields["signature-input"],
            text(&case["signature_input"]),
            "{section}"
        );
        let (own, given) = (
            fields["signature"].to_str().unwrap(),
            text(&case["signature"]),
        );
        let key = &signer.settings.key;
        assert!(is_verified(key, &expected, own), "{section}");
        assert!(is_verified(key, &expected, given), "{section}");
        assert!(!is_verified(key, &format!("{expected} "), own), "{section}");
        if case["is_deterministic"] == true {
            assert_eq!(own, given, "{section}");
            deterministic += 1;
        }
        count += 1;
    }
    assert_eq!((count, deterministic), (11, 4));
}

/// B.4: a signature stays valid when a proxy adds a field, combines lines, or drops white space,
/// and not when it changes the method, the host or the order of lines.
#[test]
fn a_change_on_the_way_is_tolerated_where_the_rfc_says() {
    let signer = covering(&["@method", "@path", "@authority", "accept"]);
    let base = |method: &str, host: &str, target: &str, fields: &[(&str, &str)]| {
        let parts = request(method, &format!("https://{host}{target}"), fields);
        base(&signer, &parts, b"").unwrap()
    };
    let (json, any) = (("accept", "application/json"), ("accept", "*/*"));
    let target = "/demo?name1=Value1&Name2=value2";
    let original = base("GET", "example.org", target, &[json, any]);
    for (target, fields) in [
        (
            "/demo?name1=Value1&Name2=value2&param=added",
            vec![json, any],
        ),
        (target, vec![("accept-language", "en-US"), json, any]),
        (target, vec![("accept", "application/json, */*")]),
        (
            target,
            vec![("accept", "  application/json "), ("accept", "\t*/*")],
        ),
    ] {
        let other = base("GET", "example.org", target, &fields);
        assert_eq!(other, original, "{target} {fields:?}");
    }
    for other in [
        base("POST", "example.org", target, &[json, any]),
        base("GET", "example.com", target, &[json, any]),
        base("GET", "example.org", target, &[any, json]),
    ] {
        assert_ne!(other, original);
    }
}

#[test]
fn an_es384_signature_is_verified() {
    let pair = signature::EcdsaKeyPair::generate(&signature::ECDSA_P384_SHA384_FIXED_SIGNING);
    let pair = pair.unwrap();
    let der = pair.private_key().as_der().unwrap();
    let der: aws_lc_rs::encoding::EcPrivateKeyRfc5915Der<'_> = der;
    let pem = format!(
        "-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----",
        STANDARD.encode(der.as_ref())
    );
    let key = SigningKey::from_pem(Algorithm::ES384, pem).unwrap();
    let signer = HttpSignature::builder(key)
        .clock(at(1))
        .algorithm_parameter();
    let signer = signer.build().unwrap();
    let parts = request("GET", "https://example.com/", &[]);
    let fields = signed(&signer, &parts, b"");
    let expected =
        r#"sig1=("@method" "@authority" "@path" "@query");created=1;alg="ecdsa-p384-sha384""#;
    assert_eq!(fields["signature-input"], expected);
    let value = fields["signature"].to_str().unwrap();
    let value = value
        .strip_prefix("sig1=:")
        .unwrap()
        .strip_suffix(':')
        .unwrap();
    let public = UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, pair.public_key());
    let base = base(&signer, &parts, b"").unwrap();
    public
        .verify(base.as_bytes(), &STANDARD.decode(value).unwrap())
        .unwrap();
}

#[test]
fn another_key_does_not_verify() {
    let vectors = vectors();
    let other = Ed25519KeyPair::generate().unwrap();
    let key = UnparsedPublicKey::new(&signature::ED25519, other.public_key().as_ref().to_vec());
    let case = &vectors["cases"][8];
    assert_eq!(case["section"], "B.2.6");
    let signer = signer(case, &vectors["keys"]);
    let (parts, body) = parts(case);
    let message = base(&signer, &parts, &body).unwrap();
    let signature = signer.settings.key.sign(message.as_bytes()).unwrap();
    assert!(key.verify(message.as_bytes(), &signature).is_err());
}
