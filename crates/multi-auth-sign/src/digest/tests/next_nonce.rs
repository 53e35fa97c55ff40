//! The nonce for the next request, in `Authentication-Info`.

use super::*;

#[test]
fn the_nonce_in_use_is_kept_if_it_is_the_next_one() {
    let digest = digest();
    refused(&digest, &ready(&digest), &[&sha256("n1")]);
    let [early, late] = [ready(&digest), ready(&digest)];
    accepted(&digest, &early, "n1");
    accepted(&digest, &late, "n2");
    assert_eq!(next(&digest), "n2 1");
}

#[test]
fn the_next_nonce_is_found_in_each_form() {
    for (field, expected) in [
        (r#"rspauth="x", nextnonce="n2", nc=00000001"#, "n2 1"),
        (r#"NextNonce = "n\"2" ,qop=auth"#, "n\"2 1"),
        ("nextnonce=n2", "n2 1"),
        (r#"rspauth="nextnonce=", qop=auth"#, "n1 2"),
        (r#"nextnonce="""#, "n1 2"),
        (r#"nextnonce="n2"#, "n1 2"),
        ("nextnonce", "n1 2"),
        ("", "n1 2"),
    ] {
        let digest = digest();
        refused(&digest, &ready(&digest), &[&sha256("n1")]);
        let headers = fields("authentication-info", &[field]);
        let response = ResponseHead::new(StatusCode::OK, &headers);
        digest.judge(ready(&digest).id(), &response);
        assert_eq!(next(&digest), expected, "{field}");
    }
}

#[test]
fn a_nonce_is_forgotten_only_after_many_others() {
    for (others, expected) in [(31, "n0 2"), (32, "n0 1")] {
        let digest = digest();
        refused(&digest, &ready(&digest), &[&sha256("n0")]);
        for number in 1..=others {
            // One that alternates with the others is counted once.
            for nonce in [format!("n{number}"), "n1".to_owned()] {
                accepted(&digest, &ready(&digest), &nonce);
            }
        }
        accepted(&digest, &ready(&digest), "n0");
        assert_eq!(next(&digest), expected, "{others}");
    }
}

#[test]
fn an_unsigned_request_brings_no_next_nonce() {
    let digest = digest();
    let unsigned = ready(&digest);
    accepted(&digest, &unsigned, "n1");
    assert_eq!(next(&digest), "unsigned");
    refused(&digest, &ready(&digest), &[&sha256("n2")]);
    accepted(&digest, &unsigned, "n3");
    assert_eq!(next(&digest), "n2 1");
}
