//! Which challenge is answered, and why one is not.

use super::*;
use crate::digest::challenge::{Choices, Offered};

/// The algorithm and the nonce that are answered, or the error.
fn chosen(challenges: &[&str], has_integrity: bool) -> String {
    let headers = fields("www-authenticate", challenges);
    let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
    let choices = Choices {
        has_integrity,
        allows_md5: true,
    };
    match Offered::strongest(&response, choices) {
        Offered::Nothing => "nothing".to_owned(),
        Offered::Unusable(problem) => problem.fact().into_owned(),
        Offered::Usable(offer) => {
            let algorithm = offer.algorithm.as_deref().unwrap_or("none");
            format!("{algorithm} {}", offer.nonce)
        }
    }
}

#[test]
fn the_strongest_of_several_challenges_is_answered() {
    for (challenges, expected) in [
        (
            // Of one field, unquoted and quoted, beside other schemes.
            &[concat!(
                r#"Basic realm="Digest nonce=no", Digest realm="r", nonce="a", qop="auth", "#,
                r#"algorithm=SHA-256, Digest realm="r", qop="auth-int, auth", "#,
                r#"algorithm="SHA-512-256", nonce=b, Negotiate"#
            )][..],
            "SHA-512-256 b",
        ),
        (
            // Of several fields, with an unknown algorithm.
            &[
                r#"Digest realm="r", nonce="a", qop="auth", algorithm=SHA-3"#,
                r#"DIGEST Realm="r",NONCE="b",qop=auth,Algorithm=sha-256-SESS"#,
                r#"Digest realm="r", nonce="c", qop="auth", algorithm=SHA-256"#,
                r#"Basic realm="r""#,
            ],
            "sha-256-SESS b",
        ),
        (
            // One that is stronger, and cannot be answered.
            &[
                r#"Digest realm="r", nonce="a", qop="auth-int", algorithm=SHA-512-256"#,
                r#"Digest realm="r", nonce="b", qop="auth,auth-int", algorithm=SHA-256"#,
            ],
            "SHA-256 b",
        ),
        (&[r#"Basic realm="Digest""#], "nothing"),
        (&[], "nothing"),
    ] {
        assert_eq!(chosen(challenges, false), expected);
    }
}

#[test]
fn each_reason_not_to_answer_has_its_own_error() {
    let long = format!(
        r#"Digest realm="r", nonce="{}", qop="auth", algorithm=SHA-256"#,
        "n".repeat(4096)
    );
    for (challenge, error) in [
        (
            r#"Digest realm="r", nonce="n", qop="auth", algorithm=SHA-3"#,
            "the server offers Digest with an unknown algorithm only",
        ),
        (
            r#"Digest realm="r", nonce="n", qop="auth-int", algorithm=SHA-256"#,
            "the server's Digest challenge offers only `qop=auth-int`, which covers the body",
        ),
        (
            r#"Digest realm="r", nonce="n", qop="auth-conf", algorithm=SHA-256"#,
            "the server's Digest challenge has no `qop` that is supported",
        ),
        (
            r#"Digest realm="r", nonce="n", algorithm=SHA-256"#,
            "the server's Digest challenge has no `qop` that is supported",
        ),
        (
            r#"Digest nonce="n", qop="auth", algorithm=SHA-256"#,
            "the server's Digest challenge has no realm or no nonce, or one that is not UTF-8",
        ),
        (
            r#"Digest realm="r", nonce="", qop="auth", algorithm=SHA-256"#,
            "the server's Digest challenge has no realm or no nonce, or one that is not UTF-8",
        ),
        (
            "Digest realm=\"r\u{fffd}\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256",
            "the server's Digest challenge has no realm or no nonce, or one that is not UTF-8",
        ),
        (
            "Digest realm=\"r\tr\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256",
            "the server's Digest challenge has no realm or no nonce, or one that is not UTF-8",
        ),
        (
            &long,
            "the realm, nonce and opaque of the server's Digest challenge have more than 4096 bytes",
        ),
    ] {
        assert_eq!(chosen(&[challenge], false), error, "{challenge}");
    }
}

#[test]
fn of_several_reasons_the_first_is_given() {
    let unknown = r#"Digest realm="r", nonce="n", qop="auth", algorithm=SHA-3"#;
    let auth_int = r#"Digest realm="r", nonce="n", qop="auth-int", algorithm=SHA-256"#;
    assert!(chosen(&[unknown, auth_int], false).contains("unknown algorithm"));
    assert!(chosen(&[auth_int, unknown], false).contains("auth-int"));
}

#[test]
fn auth_int_alone_is_answered_with_integrity() {
    let challenge = r#"Digest realm="r", nonce="n", qop="auth-int", algorithm=SHA-256"#;
    assert_eq!(chosen(&[challenge], true), "SHA-256 n");
}

#[test]
fn md5_is_an_error_that_names_the_switch() {
    for challenge in [
        r#"Digest realm="r", nonce="n", qop="auth", algorithm=MD5"#,
        r#"Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess"#,
        r#"Digest realm="r", nonce="n""#,
    ] {
        let headers = fields("www-authenticate", &[challenge]);
        let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
        let Offered::Unusable(problem) = Offered::strongest(&response, Choices::default()) else {
            panic!("{challenge} is answered");
        };
        assert_eq!(
            problem.to_string(),
            "the server offers Digest with MD5 only, which is weak and off: configure SHA-256 on the server, or allow MD5 with `dangerous_md5`, which needs the feature `md5`",
        );
    }
}

#[cfg(feature = "md5")]
#[test]
fn md5_is_answered_only_if_nothing_is_stronger() {
    let md5 = r#"Digest realm="r", nonce="m", qop="auth", algorithm=MD5"#;
    assert_eq!(chosen(&[md5], false), "MD5 m");
    assert_eq!(chosen(&[md5, &sha256("s")], false), "SHA-256 s");
    assert_eq!(chosen(&[r#"Digest realm="r", nonce="n""#], false), "none n");
    assert_eq!(
        chosen(&[r#"Digest realm="r", nonce="n", qop="""#], false),
        "none n"
    );
    for challenge in [
        r#"Digest realm="r", nonce="n", algorithm=MD5-sess"#,
        r#"Digest realm="r", nonce="n", qop="auth-conf""#,
    ] {
        assert!(chosen(&[challenge], false).contains("no `qop`"));
    }
}

#[cfg(feature = "md5")]
#[test]
fn md5_is_answered_only_if_it_is_allowed() {
    let challenge = r#"Digest realm="r", nonce="n", qop="auth", algorithm=MD5"#;
    let builder = Digest::builder();
    for (builder, expected) in [
        (builder.clone(), "unsigned"),
        (builder.dangerous_md5(), "n 1"),
    ] {
        let digest = builder.build("u", "p").unwrap();
        let first = ready(&digest);
        assert_eq!(refused(&digest, &first, &[challenge]), Verdict::Resign);
        assert_eq!(next(&digest), expected);
    }
}
