//! The examples of the RFCs.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use multi_auth_sign::{Algorithm, KeyProblem, SignError, SigningKey};
use serde_json::Value;

const RSA_OF_7515: &str = include_str!("vectors/rfc7515-rsa.json");
const RSA_OF_7517: &str = include_str!("vectors/rfc7517-rsa.json");

/// RFC 7515, A.1.1, A.2.1 and A.3.1 have the same claims.
const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

const P256: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

const HMAC: &str = r#"{"kty":"oct","kid":"HMAC key used in JWS spec Appendix A.1 example",
    "k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;

/// The keys of the RFCs, each for its algorithm. The secret is that of RFC 7517, A.3, too.
pub(crate) const JWKS: [(Algorithm, &str); 7] = [
    (Algorithm::HS256, HMAC),
    (Algorithm::RS256, RSA_OF_7515),
    (Algorithm::PS256, RSA_OF_7515),
    (Algorithm::PS512, RSA_OF_7515),
    (Algorithm::RS256, RSA_OF_7517),
    (Algorithm::ES256, P256),
    (Algorithm::EdDSA, ED25519),
];

fn key(algorithm: Algorithm, jwk: &str) -> SigningKey {
    SigningKey::from_jwk(algorithm, jwk).unwrap()
}

fn signature(key: &SigningKey, header: &str, payload: &str) -> String {
    let input = format!("{header}.{payload}");
    URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap())
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

#[test]
fn rfc_7515_a_1_hs256() {
    let key = key(Algorithm::HS256, HMAC);
    assert_eq!(
        signature(&key, "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", CLAIMS),
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
}

/// PKCS#1 v1.5 has no randomness, so the signature is the RFC's.
#[test]
fn rfc_7515_a_2_rs256() {
    let key = key(Algorithm::RS256, RSA_OF_7515);
    let made = signature(&key, "eyJhbGciOiJSUzI1NiJ9", CLAIMS);
    assert_eq!(
        made,
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
    let jwk: Value = serde_json::from_str(RSA_OF_7515).unwrap();
    let public = RsaPublicKeyComponents {
        n: decoded(jwk["n"].as_str().unwrap()),
        e: decoded(jwk["e"].as_str().unwrap()),
    };
    let message = format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}");
    let signature = decoded(&made);
    public
        .verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature)
        .unwrap();
}

/// ECDSA is random, so the RFC's key verifies both the RFC's signature and one of ours.
#[test]
fn rfc_7515_a_3_es256() {
    const HEADER: &str = "eyJhbGciOiJFUzI1NiJ9";
    const OF_THE_RFC: &str =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let key = key(Algorithm::ES256, P256);
    let jwk = key.public_jwk().unwrap();
    let [x, y] = ["x", "y"].map(|name| decoded(jwk[name].as_str().unwrap()));
    let point = [vec![4], x, y].concat();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    let message = format!("{HEADER}.{CLAIMS}");
    let made = signature(&key, HEADER, CLAIMS);
    for signature in [OF_THE_RFC, &made] {
        public
            .verify(message.as_bytes(), &decoded(signature))
            .unwrap();
    }
    assert_ne!(made, OF_THE_RFC);
}

/// ES512 is not offered: its key is recognized and refused.
#[test]
fn rfc_7515_a_4_es512_is_refused() {
    let p521 = r#"{"kty":"EC","crv":"P-521",
        "x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qwUcWceqwQGk",
        "y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
        "d":"AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C"}"#;
    for algorithm in [Algorithm::ES256, Algorithm::ES384] {
        let error = SigningKey::from_jwk(algorithm, p521).unwrap_err();
        let SignError::Key {
            problem: KeyProblem::OtherKey { found, .. },
            ..
        } = error
        else {
            panic!("{error:?}")
        };
        assert_eq!(found, "a P-521 key");
    }
}

#[test]
fn rfc_8037_a_1_to_a_4_ed25519() {
    let key = key(Algorithm::EdDSA, ED25519);
    assert_eq!(
        signature(
            &key,
            "eyJhbGciOiJFZERTQSJ9",
            "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
        ),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    let public =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let public: Value = serde_json::from_str(public).unwrap();
    assert_eq!(key.public_jwk(), Some(public));
    let thumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
    assert_eq!(key.thumbprint().as_deref(), Some(thumbprint));
}

#[test]
fn rfc_7638_3_1_thumbprint() {
    let key = key(Algorithm::RS256, RSA_OF_7517);
    let thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    assert_eq!(key.thumbprint().as_deref(), Some(thumbprint));
    assert_eq!(key.key_id(), Some("2011-04-29"));
}

/// RFC 7517, A.2: the EC key is for encryption, and the RSA key for RS256 alone.
#[test]
fn rfc_7517_a_2_and_a_3_uses_are_respected() {
    let encrypting = r#"{"kty":"EC","crv":"P-256",
        "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        "d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE","use":"enc","kid":"1"}"#;
    let wrapping = r#"{"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"}"#;
    for (algorithm, jwk, expected) in [
        (Algorithm::ES256, encrypting, "use"),
        (Algorithm::HS256, wrapping, "alg"),
        (Algorithm::PS256, RSA_OF_7517, "alg"),
    ] {
        let error = SigningKey::from_jwk(algorithm, jwk).unwrap_err();
        let SignError::Key {
            problem: KeyProblem::Contradiction { member, .. },
            ..
        } = error
        else {
            panic!("{error:?}")
        };
        assert_eq!(member, expected);
    }
    let signing = encrypting.replace("enc", "sig");
    assert_eq!(key(Algorithm::ES256, &signing).key_id(), Some("1"));
}
