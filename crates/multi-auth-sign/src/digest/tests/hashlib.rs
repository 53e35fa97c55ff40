//! Sessions and covered bodies. The expected values were made with Python's `hashlib`.

use super::vectors::{MUFASA, SHA256_3_9_1, Vector};

#[test]
fn the_key_of_a_session_stays_the_same_while_nc_rises() {
    for (count, response) in [
        (
            1,
            "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7",
        ),
        (
            2,
            "6bb0010aa4bdf46422a798c509ea32e256f27bd37de5cc3bdf8ed51e1d77d650",
        ),
    ] {
        let sent = Vector {
            challenges: &["Digest realm=\"http-auth@example.org\", qop=\"auth\", \
                algorithm=SHA-256-sess, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\""],
            count,
            ..MUFASA
        }
        .sent();
        assert_eq!(sent.get("response"), response);
        assert_eq!(sent.get("algorithm"), "SHA-256-sess");
    }
}

#[test]
fn a_session_with_sha_512_256_has_its_own_key() {
    Vector {
        challenges: &["Digest realm=\"http-auth@example.org\", qop=\"auth\", \
            algorithm=SHA-512-256-sess, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\""],
        expected: &[(
            "response",
            "3f2a34f923c38b0fb26dce2fdfc2ce326c23cecf86fbb1444f3e51fbbc2cb92e",
        )],
        ..MUFASA
    }
    .check();
}

#[cfg(feature = "md5")]
#[test]
fn a_session_with_md5_has_its_own_key() {
    Vector {
        challenges: &["Digest realm=\"http-auth@example.org\", qop=\"auth\", \
            algorithm=MD5-sess, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\""],
        expected: &[("response", "e783283f46242139c486a698fec7211d")],
        ..MUFASA
    }
    .check();
}

#[test]
fn a_body_in_memory_is_covered_by_auth_int() {
    for (algorithm, response) in [
        (
            "SHA-256",
            "193d6834c8f5b21e6b707fdd7de62ad0b3514493466cf33958098aa6d3836274",
        ),
        (
            "SHA-512-256",
            "06b121e41adf2fd623c8ddee8e89fd12cec6e446a7b62239c23cf01195eadcc7",
        ),
    ] {
        let challenge = SHA256_3_9_1.replace("SHA-256", algorithm);
        let challenge: &'static str = challenge.leak();
        let sent = Vector {
            challenges: vec![challenge].leak(),
            method: "POST",
            body: b"{\"a\":1}",
            ..MUFASA
        }
        .sent();
        assert_eq!(sent.get("qop"), "auth-int");
        assert_eq!(sent.get("response"), response, "{algorithm}");
    }
}
