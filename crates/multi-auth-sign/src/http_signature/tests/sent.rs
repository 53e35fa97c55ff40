//! What a signer adds to requests.

use super::*;

#[test]
fn names_are_written_in_lower_case_and_once() {
    let signer = HttpSignature::builder(key())
        .components(["Content-Type", "@path", "content-type"])
        .optional_components([
            "@PATH".to_lowercase().as_str(),
            "x-other",
            "content-type;bs",
        ])
        .without_created();
    let parts = request(
        "GET",
        "https://a.example/",
        &[("content-type", "text/plain")],
    );
    let fields = signed(&signer.build().unwrap(), &parts, b"");
    let expected = r#"sig1=("content-type" "@path" "content-type";bs)"#;
    assert_eq!(fields["signature-input"], expected);
}

#[test]
fn optional_components_are_covered_if_the_request_has_them() {
    let components = ["x-tenant", r#"@query-param;name="id""#, "content-digest"];
    let signer = HttpSignature::builder(key())
        .components(["@path"])
        .optional_components(components)
        .without_created()
        .build()
        .unwrap();
    let input = |url, fields: &[_], body| {
        signed(&signer, &request("POST", url, fields), body)["signature-input"].clone()
    };
    let (bare, with_id) = ("https://a.example/", "https://a.example/?id=1");
    assert_eq!(input(bare, &[], b""), r#"sig1=("@path")"#);
    assert_eq!(
        input(bare, &[("x-tenant", "")], b""),
        r#"sig1=("@path" "x-tenant")"#
    );
    assert_eq!(
        input(with_id, &[], b""),
        r#"sig1=("@path" "@query-param";name="id")"#
    );
    assert_eq!(
        input(bare, &[], b"{}"),
        r#"sig1=("@path" "content-digest")"#
    );
}

#[test]
fn the_default_covers_the_target_and_the_content() {
    let signer = HttpSignature::builder(key()).clock(at(7)).build().unwrap();
    let url = "https://a.example/v1?x=1";
    let fields = signed(&signer, &request("GET", url, &[]), b"");
    let expected = r#"sig1=("@method" "@authority" "@path" "@query");created=7"#;
    assert_eq!(fields["signature-input"], expected);
    let json = request("POST", url, &[("content-type", "application/json")]);
    let fields = signed(&signer, &json, b"{}");
    let expected = r#"sig1=("@method" "@authority" "@path" "@query" "content-digest" "content-type");created=7"#;
    assert_eq!(fields["signature-input"], expected);
    assert!(fields.contains_key("content-digest"));
}

#[test]
fn strings_are_escaped() {
    let key = key().with_key_id(r#"a "quoted" \ id"#).unwrap();
    let signer = HttpSignature::builder(key)
        .components::<[&str; 0]>([])
        .label("*s-i_g.1")
        .tag(r#"\""#)
        .nonce_from(|| Ok(r#"n"1"#.to_owned()))
        .without_created();
    let parts = request("GET", "https://a.example/", &[]);
    let fields = signed(&signer.build().unwrap(), &parts, b"");
    let expected = r#"*s-i_g.1=();keyid="a \"quoted\" \\ id";nonce="n\"1";tag="\\\"""#;
    assert_eq!(fields["signature-input"], expected);
}

#[test]
fn each_signature_has_a_nonce_of_128_bits() {
    let signer = HttpSignature::builder(key())
        .nonce()
        .clock(at(1))
        .build()
        .unwrap();
    let parts = request("GET", "https://a.example/", &[]);
    let nonce = || {
        let input = signed(&signer, &parts, b"")["signature-input"].clone();
        let input = input.to_str().unwrap().to_owned();
        let (_, nonce) = input.split_once(";nonce=\"").unwrap();
        nonce.strip_suffix('"').unwrap().to_owned()
    };
    let (one, other) = (nonce(), nonce());
    assert_ne!(one, other);
    assert_eq!((one.len(), other.len()), (24, 24));
}

#[test]
fn a_request_with_a_signature_is_sent_as_it_is() {
    let signer = HttpSignature::builder(key()).build().unwrap();
    for name in ["signature", "signature-input"] {
        let parts = request("POST", "https://a.example/", &[(name, "theirs")]);
        assert_eq!(signed(&signer, &parts, b"{}"), parts.headers);
        assert_eq!(signer.needs_body_of(&head(&parts, b"")), BodyNeed::Nothing);
    }
}

#[test]
fn each_place_is_named() {
    let names = |signer: &HttpSignature| -> Vec<_> {
        signer
            .placements()
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    let own = ["signature: ****", "signature-input: ****"];
    assert_eq!(names(&covering(&["@method"])), own);
    assert_eq!(covering(&["@method"]).needs_body(), BodyNeed::Nothing);
    let all = covering(&["content-digest"]);
    assert_eq!(names(&all), [own[0], own[1], "content-digest: ****"]);
    assert_eq!(all.needs_body(), BodyNeed::Digest);
}

#[test]
fn no_part_of_the_key_is_shown() {
    let builder = HttpSignature::builder(key()).components(["@method"]);
    let shown = format!("{builder:?}");
    assert!(!shown.contains("secret of"), "{shown}");
    let shown = format!("{:?}", builder.build().unwrap());
    let expected = r#"HttpSignature { key: SigningKey { algorithm: HS256, key_id: None, .. }, label: "sig1=", components: ["\"@method\""], .. }"#;
    assert_eq!(shown, expected);
}
