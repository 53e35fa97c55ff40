//! PEM texts that are no usable key.

use multi_auth_sign::Algorithm;

use super::der;
use crate::keys::{self, pem};

/// A name, the algorithm that it is given for, and the text.
pub(crate) fn all() -> Vec<(&'static str, Algorithm, String)> {
    let ec = pem(
        "PRIVATE KEY",
        keys::ecdsa(Algorithm::ES256).to_pkcs8v1().unwrap().as_ref(),
    );
    let rsa = pem("PRIVATE KEY", &keys::RSA);
    let body = |label| pem(label, b"no matter what");
    let es256 = Algorithm::ES256;
    vec![
        ("nothing", es256, String::new()),
        ("spaces", es256, " \r\n\t".to_owned()),
        ("a password", es256, "hunter2".to_owned()),
        (
            "the base64 alone",
            es256,
            ec.lines().nth(1).unwrap().to_owned(),
        ),
        ("escaped line breaks", es256, ec.replace('\n', "\\n")),
        ("line breaks as spaces", es256, ec.trim().replace('\n', " ")),
        ("no end", es256, ec[..ec.len() - 40].to_owned()),
        ("no first boundary", es256, ec[28..].to_owned()),
        (
            "a broken boundary",
            es256,
            ec.replace("KEY-----\nM", "KEY----\nM"),
        ),
        (
            "another end",
            es256,
            ec.replace("END PRIVATE", "END EC PRIVATE"),
        ),
        (
            "a lost line",
            es256,
            ec.lines()
                .filter(|line| line.len() != 64)
                .collect::<Vec<_>>()
                .join("\n"),
        ),
        ("an empty block", es256, pem("PRIVATE KEY", b"")),
        ("not base64", es256, ec.replace("\nM", "\n*")),
        ("text before", es256, format!("my key:\n{ec}")),
        ("text after", es256, format!("{ec}EOF")),
        ("two keys", es256, format!("{ec}{ec}")),
        (
            "a key and its certificate",
            es256,
            format!("{ec}{}", body("CERTIFICATE")),
        ),
        ("a certificate", es256, body("CERTIFICATE")),
        ("a certificate request", es256, body("CERTIFICATE REQUEST")),
        ("a public key", es256, body("PUBLIC KEY")),
        ("an encrypted key", es256, body("ENCRYPTED PRIVATE KEY")),
        (
            "an encrypted key, as before PKCS#8",
            es256,
            ec.replace(
                "PRIVATE KEY-----\nM",
                "PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nM",
            ),
        ),
        (
            "OpenSSH's format",
            Algorithm::EdDSA,
            body("OPENSSH PRIVATE KEY"),
        ),
        ("the curve alone", es256, body("EC PARAMETERS")),
        ("an EC key for RSA", Algorithm::RS256, ec.clone()),
        ("an EC key for another curve", Algorithm::ES384, ec.clone()),
        ("an EC key for HMAC", Algorithm::HS256, ec.clone()),
        ("an RSA key for EC", es256, rsa.clone()),
        ("an RSA key for Ed25519", Algorithm::EdDSA, rsa),
        (
            "PKCS#8 under the label of PKCS#1",
            Algorithm::RS256,
            pem("RSA PRIVATE KEY", &keys::RSA),
        ),
        (
            "a public part of another key",
            es256,
            other_public_part(&ec),
        ),
        ("bytes after the key", es256, with_bytes_after(&ec)),
    ]
}

/// The public point is the end of PKCS#8.
fn other_public_part(ec: &str) -> String {
    let (mut key, other) = (der(ec), keys::ecdsa(Algorithm::ES256).to_pkcs8v1().unwrap());
    let point = key.len() - 64;
    key[point..].copy_from_slice(&other.as_ref()[point..]);
    pem("PRIVATE KEY", &key)
}

fn with_bytes_after(ec: &str) -> String {
    pem("PRIVATE KEY", &[der(ec), vec![0; 3]].concat())
}
