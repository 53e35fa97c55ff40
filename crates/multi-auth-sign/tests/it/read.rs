//! Forms in which a good key is read.

use multi_auth_sign::{Algorithm, SigningKey};

use crate::keys;

#[test]
fn every_kind_of_line_break_and_indentation_is_read() {
    for given in keys::all() {
        let (pem, thumbprint) = (&given.pem, given.key().thumbprint());
        for form in [
            pem.replace('\n', "\r\n"),
            pem.replace('\n', "\r"),
            pem.replace('\n', "\n    "),
            pem.replace('\n', "\n\n"),
            pem.replace('\n', " \n"),
            format!("\n\t {pem}\r\n"),
            pem.trim_end().to_owned(),
        ] {
            let key = SigningKey::from_pem(given.algorithm, form.clone());
            assert_eq!(key.unwrap().thumbprint(), thumbprint, "{form:?}");
        }
    }
}

#[test]
fn an_id_comes_from_the_jwk_or_the_caller() {
    let jwk = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8","kid":"one\u002ftwo",
        "use":"sig","key_ops":["verify","sign"],"alg":"HS256","x5t":"ignored"}"#;
    let key = SigningKey::from_jwk(Algorithm::HS256, jwk).unwrap();
    assert_eq!(key.key_id(), Some("one/two"));
    let key = key.with_key_id("three").unwrap();
    assert_eq!(key.key_id(), Some("three"));
    assert_eq!(keys::secret().key_id(), None);
}

/// RFC 9864 names the algorithm by its curve.
#[test]
fn ed25519_is_eddsa() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","alg":"Ed25519",
        "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    assert!(SigningKey::from_jwk(Algorithm::EdDSA, jwk).is_ok());
}
