//! The string to sign.

use proptest::prelude::*;

use super::*;

#[test]
fn the_standard_fields_are_signed_in_their_order() {
    let fields = [
        ("range", "bytes=0-9"),
        ("if-unmodified-since", "unmodified"),
        ("if-none-match", "none"),
        ("if-match", "match"),
        ("if-modified-since", "modified"),
        ("content-type", "text/plain; charset=utf-8"),
        ("content-md5", "md5"),
        ("content-language", "en"),
        ("content-encoding", "gzip"),
        ("accept", "not signed"),
    ];
    let parts = request(
        "PUT",
        "https://myaccount.blob.core.windows.net/c/b",
        &fields,
    );
    assert_eq!(
        text(&parts, b"12345"),
        "PUT\ngzip\nen\n5\nmd5\ntext/plain; charset=utf-8\n\nmodified\nmatch\nnone\nunmodified\n\
         bytes=0-9\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2023-11-03\n\
         /myaccount/c/b"
    );
}

/// The line that begins with `name`.
fn line(text: &str, name: &str) -> String {
    let mut lines = text.lines();
    let found = lines.find(|line| line.starts_with(name));
    found.unwrap_or_else(|| panic!("no {name}")).to_owned()
}

#[test]
fn vendor_fields_are_sorted_as_the_service_sorts_them() {
    let fields = [
        ("x-ms-version", "2021-12-02"),
        ("x-ms-meta-a-b", "1"),
        ("x-ms-meta-i0", "2"),
        ("x-ms-meta-i_", "3"),
        ("x-ms-meta-aa", "4"),
        ("x-ms-blob-type", "BlockBlob"),
    ];
    let text = text(&request("PUT", "https://h/c/b", &fields), b"");
    let lines: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("x-ms-"))
        .collect();
    assert_eq!(
        lines,
        [
            "x-ms-blob-type:BlockBlob",
            "x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT",
            "x-ms-meta-aa:4",
            "x-ms-meta-a-b:1",
            "x-ms-meta-i_:3",
            "x-ms-meta-i0:2",
            "x-ms-version:2021-12-02",
        ]
    );
}

#[test]
fn a_vendor_field_is_trimmed_and_keeps_its_inner_spaces() {
    let mut parts = request("PUT", "https://h/c/b", &[("x-ms-meta-b", "")]);
    let value = http::HeaderValue::from_static("  a  b\t\"c  d\" ");
    parts.headers.insert("x-ms-meta-a", value);
    let text = text(&parts, b"");
    assert_eq!(line(&text, "x-ms-meta-a"), "x-ms-meta-a:a  b\t\"c  d\"");
    assert_eq!(line(&text, "x-ms-meta-b"), "x-ms-meta-b:");
}

#[test]
fn values_of_one_vendor_field_are_joined_in_their_order() {
    let fields = [("x-ms-meta-a", "2"), ("x-ms-meta-a", "1")];
    let text = text(&request("PUT", "https://h/c/b", &fields), b"");
    assert_eq!(line(&text, "x-ms-meta-a"), "x-ms-meta-a:2,1");
}

/// The canonicalized resource of a target.
fn resource(url: &str) -> String {
    let text = text(&request("GET", url, &[]), b"");
    let (_, resource) = text.split_once("2023-11-03\n").unwrap();
    resource.to_owned()
}

#[test]
fn the_path_is_signed_as_it_is_sent() {
    for (url, expected) in [
        ("https://myaccount.blob.core.windows.net", "/myaccount/"),
        (
            "https://myaccount-secondary.blob.core.windows.net/c/b",
            "/myaccount/c/b",
        ),
        ("https://h/c/a%20b%2Fc//d", "/myaccount/c/a%20b%2Fc//d"),
        (
            "http://127.0.0.1:10000/myaccount/c",
            "/myaccount/myaccount/c",
        ),
    ] {
        assert_eq!(resource(url), expected);
    }
}

#[test]
fn parameters_are_decoded_sorted_and_joined() {
    for (query, expected) in [
        (
            "restype=container&comp=list&include=snapshots&include=metadata&include=uncommittedblobs",
            "comp:list\ninclude:metadata,snapshots,uncommittedblobs\nrestype:container",
        ),
        ("Prefix=a%20b+c%2Fd&prefix=A", "prefix:A,a b c/d"),
        ("marker=&comp", "comp:\nmarker:"),
        ("a=b=c&&%24top=1", "$top:1\na:b=c"),
        ("a=%C3%BC%zz", "a:\u{fc}%zz"),
    ] {
        let url = format!("https://h/c?{query}");
        assert_eq!(resource(&url), format!("/myaccount/c\n{expected}"));
    }
}

#[test]
fn the_length_is_that_of_the_body_or_what_the_caller_set() {
    let url = "https://h/c/b";
    let length = |fields: &[(&str, &str)], body: BodyView<'_>| {
        let parts = request("PUT", url, fields);
        let head = RequestHead::from_parts(&parts).with_body(body);
        let text = text_of(Service::Blob, &head).unwrap();
        text.lines().nth(3).unwrap().to_owned()
    };
    let given = [("content-length", "12")];
    assert_eq!(length(&[], BodyView::Bytes(b"12345")), "5");
    assert_eq!(length(&[], BodyView::Bytes(b"")), "");
    assert_eq!(length(&given, BodyView::Stream), "12");
    assert_eq!(length(&given, BodyView::Bytes(b"12345")), "12");
    assert_eq!(length(&[("content-length", "0")], BodyView::Stream), "");
}

#[test]
fn a_table_signs_the_time_and_comp_alone() {
    let fields = [
        ("content-type", "application/json"),
        ("content-md5", "md5"),
        ("x-ms-meta-a", "not signed"),
        ("content-encoding", "not signed"),
    ];
    let url = "https://myaccount.table.core.windows.net/Tables(1)?%24top=1&comp=a%20b";
    let parts = request("POST", url, &fields);
    assert_eq!(
        text_of(Service::Table, &RequestHead::from_parts(&parts)).unwrap(),
        "POST\nmd5\napplication/json\nFri, 26 Jun 2015 23:39:12 GMT\n\
         /myaccount/Tables(1)?comp=a%20b"
    );
}

proptest! {
    /// The oracle sorts a map of sets.
    #[test]
    fn every_parameter_is_signed_once(
        pairs in prop::collection::vec(("[a-zA-Z]{1,2}", "[a-z +%&=/]{0,4}"), 0..8),
    ) {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&pairs)
            .finish();
        let mut expected = std::collections::BTreeMap::<String, Vec<&str>>::new();
        for (name, value) in &pairs {
            expected.entry(name.to_lowercase()).or_default().push(value);
        }
        let lines = expected.iter_mut().map(|(name, values)| {
            values.sort_unstable();
            format!("\n{name}:{}", values.join(","))
        });
        let lines: String = lines.collect();
        prop_assert_eq!(resource(&format!("https://h/c?{query}")), format!("/myaccount/c{lines}"));
    }
}
