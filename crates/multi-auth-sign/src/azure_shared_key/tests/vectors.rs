//! The examples of Microsoft's page.

use super::*;

fn signature(text: &str) -> String {
    let signer = builder().build().unwrap();
    signer.0.authorization(text.as_bytes())
}

#[test]
fn the_examples_of_microsoft_have_their_string_to_sign() {
    let version = [("x-ms-version", "2023-11-03")];
    let lines = "\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n\
                 x-ms-version:2023-11-03\n/myaccount/mycontainer";
    for (method, query, expected) in [
        (
            "GET",
            "restype=container&comp=metadata&timeout=20",
            "comp:metadata\nrestype:container\ntimeout:20",
        ),
        (
            "PUT",
            "restype=container&timeout=30",
            "restype:container\ntimeout:30",
        ),
    ] {
        let url = format!("https://myaccount.blob.core.windows.net/mycontainer?{query}");
        let parts = request(method, &url, &version);
        assert_eq!(text(&parts, b""), format!("{method}{lines}\n{expected}"));
    }
}

#[test]
fn the_signature_is_the_hmac_that_openssl_computes() {
    // printf 'GET\n/myaccount/' | openssl dgst -sha256 -binary \
    //     -mac HMAC -macopt hexkey:$(base64 -d KEY | xxd -p -c 64) | base64
    assert_eq!(
        signature("GET\n/myaccount/"),
        "SharedKey myaccount:UaA170K00Uoi/UU3CGjlhYg1ojyHr4GFa7kBh+hWTUs="
    );
}
