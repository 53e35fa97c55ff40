//! Signing keys and what they sign, with good keys and bad ones.

use multi_auth::TokenSource;
use multi_auth_sign::{Algorithm, ClientAssertion, Jwt, JwtSource, SigningKey};

use super::{Ledger, key};

/// Long enough for HS256.
fn secret() -> String {
    key().repeat(2)
}

pub(super) async fn look(ledger: &mut Ledger) {
    let signing = SigningKey::from_secret(Algorithm::HS256, secret().as_bytes()).unwrap();
    ledger.see_debug("SigningKey::from_secret Algorithm", &signing);
    let builder = Jwt::builder()
        .issuer("my-app")
        .claim("note", key())
        .header("note", key());
    ledger.see_debug("JwtBuilder of Jwt::builder", &builder);
    let jwt = builder.build().unwrap();
    ledger.see_debug("Jwt", &jwt);
    ledger.see_debug("Jwt, signed", &jwt.sign(&signing).unwrap());
    let source = JwtSource::new(jwt, signing.clone());
    ledger.see_debug("JwtSource::new", &(&source, source.token().await.unwrap()));
    let client = ClientAssertion::new("my-app", "https://login.example", signing.clone());
    ledger.see_debug("ClientAssertion::new", &client.unwrap());
    let client =
        ClientAssertion::customized("my-app", "https://login.example", signing.clone(), |jwt| {
            jwt.claim("note", key()).header("note", key())
        });
    ledger.see_debug("ClientAssertion::customized", &client.unwrap());
    look_at_refused(ledger, signing);
}

fn look_at_refused(ledger: &mut Ledger, signing: SigningKey) {
    let pem =
        |body: &str| format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----");
    for (form, text) in [
        ("bare", key()),
        ("as a block", pem(&key())),
        ("before a block", format!("{}\n{}", key(), pem("AAAA"))),
        (
            "as a label",
            format!("-----BEGIN {}-----\nAAAA\n-----END {0}-----", key()),
        ),
        (
            "as d",
            format!(
                r#"{{"kty":"OKP","crv":"Ed25519","x":"AQ","d":"{}"}}"#,
                key()
            ),
        ),
        (
            "as a number's place",
            format!(r#"{{"kty":7,"d":"{}"}}"#, key()),
        ),
        (
            "as alg",
            format!(r#"{{"kty":"oct","alg":"{}","k":"AQ"}}"#, key()),
        ),
        (
            "as kty",
            format!(r#"{{"kty":"{}","crv":"{0}","k":"AQ"}}"#, key()),
        ),
        (
            "as kid",
            format!(
                r#"{{"kty":"oct","k":"{}","kid":"{}\n"}}"#,
                "A".repeat(64),
                key()
            ),
        ),
    ] {
        for algorithm in [Algorithm::RS256, Algorithm::EdDSA, Algorithm::HS256] {
            let site = format!("{form}, {algorithm}, SignError KeyProblem");
            for (name, result) in [
                (
                    "SigningKey::from_pem",
                    SigningKey::from_pem(algorithm, text.clone()),
                ),
                (
                    "SigningKey::from_jwk",
                    SigningKey::from_jwk(algorithm, text.clone()),
                ),
            ] {
                ledger.see_error(format!("{name} {site}"), &result.unwrap_err());
            }
        }
    }
    let refused = Jwt::builder()
        .claim("exp", key())
        .header("alg", key())
        .typ("")
        .build();
    ledger.see_error("Jwt::builder, refused", &refused.unwrap_err());
    let refused = signing.with_key_id(&format!("{}\n", key()));
    ledger.see_error("SigningKey, a bad ID", &refused.unwrap_err());
    let short = SigningKey::from_secret(Algorithm::HS256, key().as_bytes());
    ledger.see_error("SigningKey::from_secret, short", &short.unwrap_err());
}
