//! What is sent, and when nothing is.

use super::*;

#[test]
fn the_time_the_version_and_the_signature_are_added() {
    let signer = builder().build().unwrap();
    let parts = request("GET", "https://h/c?restype=container", &[]);
    let sent = signed(&signer, &parts, b"");
    assert_eq!(sent["x-ms-date"], "Fri, 26 Jun 2015 23:39:12 GMT");
    assert_eq!(sent["x-ms-version"], "2023-11-03");
    let expected = signer.0.authorization(text(&parts, b"").as_bytes());
    assert_eq!(sent["authorization"], expected.as_str());
    assert!(sent["authorization"].is_sensitive());
    assert_eq!(sent.len(), 3);
}

#[test]
fn a_table_has_a_version_of_its_own() {
    let signer = builder().table().build().unwrap();
    let sent = signed(&signer, &request("GET", "https://h/Tables", &[]), b"");
    assert_eq!(sent["x-ms-version"], "2019-02-02");
    let text = "GET\n\n\nFri, 26 Jun 2015 23:39:12 GMT\n/myaccount/Tables";
    let expected = signer.0.authorization(text.as_bytes());
    assert_eq!(sent["authorization"], expected.as_str());
}

#[test]
fn the_version_of_the_request_is_kept_and_signed() {
    let signer = builder().version("2021-12-02").build().unwrap();
    let own = request("GET", "https://h/c", &[("x-ms-version", "2020-02-10")]);
    let sent = signed(&signer, &own, b"");
    assert_eq!(sent["x-ms-version"], "2020-02-10");
    let expected = signer.0.authorization(text(&own, b"").as_bytes());
    assert_eq!(sent["authorization"], expected.as_str());
    let sent = signed(&signer, &request("GET", "https://h/c", &[]), b"");
    assert_eq!(sent["x-ms-version"], "2021-12-02");
}

#[test]
fn a_request_that_the_caller_signed_is_sent_as_it_is() {
    let signer = builder().build().unwrap();
    for (query, fields) in [
        ("", &[("authorization", "SharedKey other:x")][..]),
        ("", &[("x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT")]),
        ("?sv=2023-11-03&sig=abc", &[]),
    ] {
        let parts = request("PUT", &format!("https://h/c/b{query}"), fields);
        let stream = RequestHead::from_parts(&parts);
        let credential = signer.ready(&stream).unwrap().unwrap();
        assert!(credential.is_empty(), "{query} {fields:?}");
        assert_eq!(signer.needs_body_of(&stream), BodyNeed::Nothing);
    }
    // `x-ms-date` counts in place of `Date`.
    let date = [("date", "Fri, 26 Jun 2015 23:39:12 GMT")];
    let parts = request("GET", "https://h/c?signature=abc&mysig=abc", &date);
    assert!(
        !signer
            .ready(&head(&parts, b""))
            .unwrap()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn every_field_of_the_signature_has_a_placement() {
    let signer = builder().build().unwrap();
    let sent = signed(&signer, &request("GET", "https://h/c", &[]), b"");
    let placements = signer.placements();
    for name in sent.keys() {
        let place = Placement::header(name.as_str()).unwrap();
        assert!(
            placements.iter().any(|own| own.is_same_place(&place)),
            "{name}"
        );
    }
    assert_eq!(placements.len(), sent.len());
}

#[test]
fn the_body_is_needed_for_its_length_alone() {
    let (blob, table) = (
        builder().build().unwrap(),
        builder().table().build().unwrap(),
    );
    let parts = request("PUT", "https://h/c/b", &[]);
    let stream = RequestHead::from_parts(&parts);
    assert_eq!(blob.needs_body_of(&stream), BodyNeed::Digest);
    assert_eq!(table.needs_body(), BodyNeed::Nothing);
    assert!(table.ready(&stream).unwrap().is_ok());
    let parts = request("PUT", "https://h/c/b", &[("content-length", "5")]);
    let stream = RequestHead::from_parts(&parts);
    assert_eq!(blob.needs_body_of(&stream), BodyNeed::Nothing);
    assert!(blob.ready(&stream).unwrap().is_ok());
}
