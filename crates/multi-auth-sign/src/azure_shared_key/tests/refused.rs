//! What cannot be signed, and what is never printed.

use super::*;

#[test]
fn a_stream_without_a_length_fails() {
    let signer = builder().build().unwrap();
    let parts = request("PUT", "https://h/c/b", &[]);
    let failed = signer.ready(&RequestHead::from_parts(&parts)).unwrap();
    let message = error(&failed.unwrap_err());
    assert!(message.starts_with("the body is a stream, whose length is signed: "));
    assert!(message.ends_with("or set `Content-Length`"), "{message}");
}

#[test]
fn a_version_with_other_rules_is_refused() {
    for version in ["2015-02-21", "2016-05-30", "2009-09-19"] {
        let failed = builder().version(version).build();
        assert!(error(&failed.unwrap_err()).starts_with("versions of Azure Storage before"));
        let parts = request("GET", "https://h/c", &[("x-ms-version", version)]);
        let failed = builder()
            .build()
            .unwrap()
            .ready(&head(&parts, b""))
            .unwrap();
        assert!(error(&failed.unwrap_err()).starts_with("versions of Azure Storage before"));
    }
    for version in [
        "",
        "latest",
        "2023-11-3",
        "2023-11-03 ",
        "20231-1-03",
        "2023/11/03",
        "2023x11x03",
    ] {
        let failed = builder().version(version).build();
        let message = error(&failed.unwrap_err());
        assert!(
            message.starts_with("the version of Azure Storage is not a date"),
            "{version}"
        );
    }
    assert!(builder().version("2016-05-31").build().is_ok());
}

#[test]
fn an_account_that_no_storage_account_can_have_is_refused() {
    for account in [
        "",
        "ab",
        "myaccount-secondary",
        "MyAccount",
        "myaccount.blob.core.windows.net",
        "an-account:x",
        "a234567890123456789012345",
    ] {
        let failed = AzureSharedKey::new(account, KEY).unwrap_err();
        let message = error(&failed);
        assert!(
            message.starts_with("the storage account has an invalid name: "),
            "{account}"
        );
    }
    assert!(AzureSharedKey::new("abc", KEY).is_ok());
}

#[test]
fn a_key_that_is_not_base64_is_refused_without_being_shown() {
    for (key, expected) in [
        ("", "is empty"),
        ("c2VjcmV0\n", "line break"),
        ("c2VjcmV0!", "is not base64"),
        ("c2VjcmV", "is not base64"),
        ("AccountName=a;AccountKey=c2VjcmV0", "is not base64"),
    ] {
        let failed = AzureSharedKey::new("myaccount", key).unwrap_err();
        let message = format!("{failed} {}", error(&failed));
        assert!(message.contains(expected), "{key}: {message}");
        assert!(!message.contains("c2VjcmV"));
    }
}

#[test]
fn nothing_prints_the_key() {
    let builder = builder();
    let shown = format!("{builder:?}");
    assert!(
        shown.contains("myaccount") && !shown.contains("Eby8"),
        "{shown}"
    );
    let signer = builder.build().unwrap();
    let shown = format!(
        "{signer:?} {:?}",
        signer.ready(&head(&request("GET", "https://h/c", &[]), b""))
    );
    assert!(
        shown.contains("myaccount") && !shown.contains("Eby8"),
        "{shown}"
    );
}
