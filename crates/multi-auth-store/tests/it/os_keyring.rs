//! A store in the system's keyring, with a keyring in memory in its place: no test touches the
//! machine's own.

use keyring_core::mock;
use multi_auth::Token;
use multi_auth_store::{OsKeyringStore, StoreKey, StoreProblem, StoredAccount, StoredTokens};
use secrecy::ExposeSecret;
use tempfile::TempDir;

#[tokio::test]
async fn tokens_are_stored_per_account() {
    keyring_core::set_default_store(mock::Store::new().unwrap());
    let locks = TempDir::new().unwrap();
    let store = OsKeyringStore::new("my-app", locks.path().join("locks")).unwrap();
    let account = |name| {
        let key = StoreKey::new("example", name).unwrap();
        StoredAccount::new(store.clone(), key)
    };
    let (ada, bob) = (account("ada"), account("bob"));
    let tokens = StoredTokens::default()
        .with_refresh_token("r-1")
        .with_access_token(Token::new("a-1"));
    ada.replace(&tokens).await.unwrap();
    let stored = ada.tokens().await.unwrap();
    assert_eq!(stored.refresh_token().unwrap().expose_secret(), "r-1");
    assert_eq!(
        stored.access_token().unwrap().value().expose_secret(),
        "a-1"
    );
    assert!(bob.tokens().await.unwrap().refresh_token().is_none());

    ada.replace(&StoredTokens::default()).await.unwrap();
    assert!(ada.tokens().await.unwrap().refresh_token().is_none());
}

#[test]
fn a_service_without_a_name_is_refused() {
    let locks = TempDir::new().unwrap();
    let error = OsKeyringStore::new("", locks.path().join("locks")).unwrap_err();
    assert!(matches!(error.problem(), StoreProblem::Name), "{error}");
}
