//! The form of `Authorization`.

use multi_auth::BodyView;

use super::*;

/// What a request to `url` carries, after `challenge`.
fn sent(
    digest: &Digest,
    challenge: &str,
    url: &str,
    body: BodyView<'_>,
) -> Result<Sent, AuthError> {
    let parts = get(url);
    let request = RequestHead::from_parts(&parts).with_body(body);
    let unsigned = digest.ready(&request).unwrap().unwrap();
    refused(digest, &unsigned, &[challenge]);
    let credential = digest.ready(&request).unwrap()?;
    Ok(Sent::by(&credential).unwrap())
}

#[test]
fn quotes_and_backslashes_are_escaped_and_hashed_unescaped() {
    let digest = Digest::new(r#"a"b\c"#, "p").unwrap();
    let challenge =
        r#"Digest realm="r\"\\", nonce="n\"", opaque="\\", qop="auth", algorithm=SHA-256"#;
    refused(&digest, &ready(&digest), &[challenge]);
    let mut parts = get("https://a.example/");
    ready(&digest).attach(&mut parts).unwrap();
    let text = parts.headers["authorization"].to_str().unwrap();
    for part in [
        r#"Digest username="a\"b\\c", "#,
        r#"realm="r\"\\", "#,
        r#"nonce="n\"", "#,
        r#"opaque="\\""#,
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn exactly_the_parameters_of_the_grammar_are_quoted() {
    let challenge = format!("{}, opaque=o, userhash=true", sha256("n"));
    let sent = sent(&digest(), &challenge, "https://a.example/", BodyView::Empty).unwrap();
    let quoted = sent.0.iter().filter(|(_, (_, is_quoted))| *is_quoted);
    let quoted: Vec<_> = quoted.map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        quoted,
        [
            "cnonce", "nonce", "opaque", "realm", "response", "uri", "username"
        ]
    );
    let bare = sent.0.iter().filter(|(_, (_, is_quoted))| !is_quoted);
    let bare: Vec<_> = bare.map(|(name, _)| name.as_str()).collect();
    assert_eq!(bare, ["algorithm", "nc", "qop", "userhash"]);
}

#[test]
fn the_target_is_signed_as_it_is_sent() {
    for (url, uri) in [
        ("https://a.example", "/"),
        ("a.example:443", "/"),
        ("https://a.example?q=1", "/?q=1"),
        (
            "https://a.example/a%20b/../c?x=%22&y",
            "/a%20b/../c?x=%22&y",
        ),
        ("https://a.example/a?", "/a?"),
        ("https://a.example/\"?\\", "/\"?\\"),
    ] {
        let sent = sent(&digest(), &sha256("n"), url, BodyView::Empty).unwrap();
        assert_eq!(sent.get("uri"), uri);
    }
}

#[test]
fn a_request_with_a_credential_of_the_caller_is_left_alone() {
    let digest = digest();
    refused(&digest, &ready(&digest), &[&sha256("n")]);
    let mut parts = get("https://a.example/");
    let own = HeaderValue::from_static("Bearer t");
    parts.headers.insert(AUTHORIZATION, own);
    let credential = digest
        .ready(&RequestHead::from_parts(&parts))
        .unwrap()
        .unwrap();
    assert!(credential.is_empty() && !credential.id().is_refreshable());
    assert_eq!(Sent::by(&ready(&digest)).unwrap().nonce(), ("n", 1));
}

#[test]
fn each_request_has_its_own_cnonce_and_those_of_a_session_share_one() {
    for (algorithm, is_shared) in [("SHA-256", false), ("SHA-256-sess", true)] {
        let digest = digest();
        let challenge = sha256("n").replace("SHA-256", algorithm);
        refused(&digest, &ready(&digest), &[&challenge]);
        let sent = || Sent::by(&ready(&digest)).unwrap();
        let (first, second) = (sent(), sent());
        assert_eq!(first.get("cnonce").len(), 32);
        assert_eq!(first.get("cnonce") == second.get("cnonce"), is_shared);
        // A challenge begins another session; the next nonce does not.
        accepted(&digest, &ready(&digest), "n2");
        let third = sent();
        assert_eq!((third.get("cnonce") == first.get("cnonce")), is_shared);
        refused(
            &digest,
            &ready(&digest),
            &[&challenge.replace("n\"", "n3\"")],
        );
        assert_ne!(sent().get("cnonce"), first.get("cnonce"));
        assert_eq!(sent().nonce(), ("n3", 2));
    }
}

#[test]
fn integrity_covers_each_body_that_it_can() {
    const STREAM: &str = "the body is a stream, and the server requires `qop=auth-int`";
    let integrity = || Digest::builder().integrity().build("u", "p").unwrap();
    let (stream, bytes) = (BodyView::Stream, BodyView::Bytes(b"x"));
    for (qop, body, expected) in [
        ("auth,auth-int", bytes, Ok("auth-int")),
        ("auth-int", BodyView::Empty, Ok("auth-int")),
        ("auth,auth-int", stream, Ok("auth")),
        ("auth", bytes, Ok("auth")),
        ("auth-int", stream, Err(STREAM)),
    ] {
        let challenge = sha256("n").replace("\"auth\"", &format!("\"{qop}\""));
        let sent = sent(&integrity(), &challenge, "https://a.example/", body);
        match (sent, expected) {
            (Ok(sent), Ok(expected)) => assert_eq!(sent.get("qop"), expected),
            (Err(error), Err(expected)) => {
                assert!(error.to_string().starts_with(expected), "{error}");
            }
            (sent, _) => panic!("{qop}: {sent:?}"),
        }
    }
    let both = sha256("n").replace("\"auth\"", "\"auth,auth-int\"");
    let without = sent(&digest(), &both, "https://a.example/", bytes).unwrap();
    assert_eq!(without.get("qop"), "auth");
    assert_eq!(integrity().needs_body(), BodyNeed::Digest);
    assert_eq!(digest().needs_body(), BodyNeed::Nothing);
}

#[test]
fn authorization_is_the_only_placement() {
    let placements = digest().placements();
    assert_eq!(placements.len(), 1);
    assert!(placements[0].is_same_place(&Placement::authorization()));
}
