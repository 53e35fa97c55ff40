//! Files as OpenSSL's program writes them. Without that program, these tests check nothing.

use std::io::Write;
use std::process::{Command, Stdio};

use multi_auth_sign::{Algorithm, KeyProblem, SignError, SigningKey};

/// What `openssl` prints for these words, given `input`. None if there is no such program.
fn openssl(words: &str, input: &[u8]) -> Option<Vec<u8>> {
    let mut program = Command::new("openssl")
        .args(words.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    program.stdin.take().unwrap().write_all(input).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {words}");
    Some(output.stdout)
}

fn text(output: Vec<u8>) -> String {
    String::from_utf8(output).unwrap()
}

#[test]
fn keys_are_read_in_every_format() -> Result<(), SignError> {
    for (algorithm, words) in [
        (
            Algorithm::RS256,
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        ),
        (
            Algorithm::PS256,
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072",
        ),
        (
            Algorithm::PS512,
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        ),
        (
            Algorithm::ES256,
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        ),
        (
            Algorithm::ES384,
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        ),
        (Algorithm::EdDSA, "genpkey -algorithm ED25519"),
    ] {
        let Some(pkcs8) = openssl(words, b"") else {
            return Ok(());
        };
        let key = SigningKey::from_pem(algorithm, text(pkcs8.clone()))?;
        let public = openssl("pkey -pubout -outform DER", &pkcs8).unwrap();
        let hash = openssl("dgst -sha256 -binary", &public).unwrap();
        let hash = text(openssl("base64", &hash).unwrap());
        assert_eq!(
            key.public_key_sha256().as_deref(),
            Some(hash.trim()),
            "{words}"
        );

        if algorithm != Algorithm::EdDSA {
            let older = text(openssl("pkey -traditional", &pkcs8).unwrap());
            assert!(!older.contains("BEGIN PRIVATE"));
            let older = SigningKey::from_pem(algorithm, older)?;
            assert_eq!(older.thumbprint(), key.thumbprint(), "{words}");
        }
    }
    Ok(())
}

/// RFC 4055, 1.2: the key says that it signs RSASSA-PSS and nothing else.
#[test]
fn a_key_for_pss_signs_pss_only() -> Result<(), SignError> {
    let words = "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048";
    let Some(pkcs8) = openssl(words, b"") else {
        return Ok(());
    };
    let pem = text(pkcs8);
    for algorithm in [Algorithm::PS256, Algorithm::PS512] {
        let key = SigningKey::from_pem(algorithm, pem.clone())?;
        assert_eq!(key.sign(b"message")?.len(), 256);
    }
    let error = SigningKey::from_pem(Algorithm::RS256, pem).unwrap_err();
    let expected = "the RS256 key is an RSA-PSS key, and RS256 needs an RSA key: \
                    name the algorithm of the key, or give another key";
    assert_eq!(error.to_string(), expected);

    // The parameters prescribe a hash, which the library does not read.
    let words = format!("{words} -pkeyopt rsa_pss_keygen_md:sha256");
    let restricted = text(openssl(&words, b"").unwrap());
    let error = SigningKey::from_pem(Algorithm::PS512, restricted).unwrap_err();
    let problem = KeyProblem::Malformed;
    assert!(matches!(error, SignError::Key { problem: found, .. } if found == problem));
    Ok(())
}

#[test]
fn a_key_after_its_curve_is_read() {
    let Some(both) = openssl("ecparam -genkey -name prime256v1", b"") else {
        return;
    };
    let both = text(both);
    assert!(both.contains("BEGIN EC PARAMETERS") && both.contains("BEGIN EC PRIVATE KEY"));
    SigningKey::from_pem(Algorithm::ES256, both).unwrap();
}

#[test]
fn a_key_that_cannot_sign_is_named() {
    let Some(pkcs8) = openssl(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        b"",
    ) else {
        return;
    };
    let refused = |algorithm, pem| match SigningKey::from_pem(algorithm, text(pem)).unwrap_err() {
        SignError::Key { problem, .. } => problem,
        error => panic!("{error:?}"),
    };
    let rsa = openssl("genrsa -traditional 2048", b"").unwrap();
    for (words, input) in [
        ("pkcs8 -topk8 -passout pass:password", &pkcs8),
        ("ec -aes128 -passout pass:password", &pkcs8),
        ("rsa -aes256 -traditional -passout pass:password", &rsa),
    ] {
        let encrypted = openssl(words, input).unwrap();
        assert_eq!(
            refused(Algorithm::ES256, encrypted),
            KeyProblem::Encrypted,
            "{words}"
        );
    }
    for (words, expected) in [
        (
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521",
            "a P-521 key",
        ),
        (
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
            "a secp256k1 key",
        ),
        (
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
            "a P-384 key",
        ),
        ("genpkey -algorithm ED25519", "an Ed25519 key"),
        ("genrsa 2048", "an RSA key"),
    ] {
        let KeyProblem::OtherKey { found, .. } =
            refused(Algorithm::ES256, openssl(words, b"").unwrap())
        else {
            panic!("{words}")
        };
        assert_eq!(found, expected);
    }
    let public = openssl("pkey -pubout", &pkcs8).unwrap();
    assert!(matches!(
        refused(Algorithm::ES256, public),
        KeyProblem::NotPrivate {
            found: "a public key",
            ..
        }
    ));
    for words in ["genrsa 1024", "genrsa -traditional 2040"] {
        let short = openssl(words, b"").unwrap();
        assert_eq!(
            refused(Algorithm::RS256, short),
            KeyProblem::TooShort,
            "{words}"
        );
    }
    for words in ["genpkey -algorithm ED448", "genpkey -algorithm X25519"] {
        let other = openssl(words, b"").unwrap();
        assert_eq!(
            refused(Algorithm::EdDSA, other),
            KeyProblem::Malformed,
            "{words}"
        );
    }
}
