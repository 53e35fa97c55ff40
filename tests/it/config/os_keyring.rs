//! Keys in the system's keyring, with a store in memory in its place: no test touches the machine's
//! own.

use std::sync::{Arc, OnceLock};

use keyring_core::{CredentialStore, Entry, Error, mock};
use multi_auth_config::{OsKeyringSource, SecretSource, SourceProblem};
use secrecy::ExposeSecret;

use super::parse;
use crate::adapter::Adapter;

const SERVICE: &str = "multi-auth";

/// The entry of `user` in the one store of all these tests.
fn entry(user: &str) -> Entry {
    static STORE: OnceLock<Arc<CredentialStore>> = OnceLock::new();
    let store = STORE.get_or_init(|| {
        let store: Arc<CredentialStore> = mock::Store::new().unwrap();
        keyring_core::set_default_store(Arc::clone(&store));
        store
    });
    store.build(SERVICE, user, None).unwrap()
}

/// Puts what `user` has into it.
pub(crate) fn put_into_keyring(user: &str, secret: &[u8]) {
    entry(user).set_secret(secret).unwrap();
}

fn fail_once(entry: &Entry, error: Error) {
    let entry: &mock::Cred = entry.as_any().downcast_ref().unwrap();
    entry.set_error(error);
}

#[tokio::test]
async fn a_key_is_read_of_the_keyring() {
    entry("reports").set_password("k-1\n").unwrap();
    let text = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\n\
                key = { os_keyring = { service = 'multi-auth', user = 'reports' } }";
    let config = parse(text).unwrap();
    let vendor = &config.vendors()[0];
    assert_eq!(
        vendor.origin_of_key(),
        "the entry in the operating system's keyring"
    );
    let transport = Adapter::Reqwest.transport();
    let secret = vendor.read_secret(&transport).await.unwrap();
    assert_eq!(secret.expose_secret(), "k-1");
}

#[tokio::test]
async fn a_missing_entry_is_reported_with_a_remedy() {
    drop(entry("nobody"));
    let source = OsKeyringSource::new(SERVICE, "nobody").unwrap();
    assert_eq!(
        source.read().await.unwrap_err().to_string(),
        "the entry in the operating system's keyring was not found: create it, or correct its name"
    );
}

#[tokio::test]
async fn each_failure_of_a_keyring_has_its_own_problem_without_the_secret() {
    let canary = || b"canary".to_vec();
    for (error, expected) in [
        (Error::NoEntry, SourceProblem::Missing),
        (
            Error::NoStorageAccess("canary".into()),
            SourceProblem::Locked,
        ),
        (Error::Ambiguous(Vec::new()), SourceProblem::Ambiguous),
        (Error::BadEncoding(canary()), SourceProblem::NotText),
        (
            Error::BadDataFormat(canary(), "canary".into()),
            SourceProblem::NotText,
        ),
        (
            Error::PlatformFailure("canary".into()),
            SourceProblem::NoKeyring,
        ),
        (Error::NoDefaultStore, SourceProblem::NoKeyring),
    ] {
        let entry = entry("failing");
        entry.set_password("canary").unwrap();
        fail_once(&entry, error);
        let source = OsKeyringSource::new(SERVICE, "failing").unwrap();
        let error = source.read().await.unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("canary"),
            "{error:?}"
        );
        assert_eq!(*error.problem(), expected);
    }
}

#[tokio::test]
async fn an_invalid_key_is_refused() {
    for (bytes, expected) in [
        (&b""[..], SourceProblem::Empty),
        (&[0xff, 0xfe][..], SourceProblem::NotText),
        (&vec![b'k'; 64 * 1024 + 1][..], SourceProblem::TooLong),
    ] {
        put_into_keyring("odd", bytes);
        let source = OsKeyringSource::new(SERVICE, "odd").unwrap();
        assert_eq!(*source.read().await.unwrap_err().problem(), expected);
    }
    for (service, user) in [("", "u"), ("s", "")] {
        let error = OsKeyringSource::new(service, user).unwrap_err();
        assert_eq!(*error.problem(), SourceProblem::Empty);
    }
}
