//! A reader of the server learns neither tokens nor names, and an entry opens only for its account.

use std::collections::BTreeMap;

use multi_auth::{ProtectionSpace, SecretString, Token, TokenSource, source_fn};
use multi_auth_store::redis::RedisStore;
use multi_auth_store::{
    StoreError, StoreKey, StoreProblem, StoredAccount, StoredTokens, TokenStore,
};
use secrecy::ExposeSecret;

use crate::server::{KEY, OTHER_KEY, Server, key, sealing_key};

fn refresh_token(token: &str) -> StoredTokens {
    StoredTokens::default().with_refresh_token(token)
}

async fn token(account: &StoredAccount, value: &'static str) -> String {
    let source = account.sharing(source_fn(move || async move { Ok(Token::new(value)) }));
    let token = source.token().await.unwrap();
    token.value().expose_secret().to_owned()
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn the_server_has_no_token_no_account_and_no_vendor() {
    let server = Server::start();
    let space = ProtectionSpace::new("https://api.vendor-7.example").unwrap();
    let credential = SecretString::from("the-api-key");
    let key = StoreKey::new("vendor-7", "account-7").unwrap();
    let key = key
        .with_protection_space(&space)
        .with_credential(&credential);
    let account = StoredAccount::new(server.store(), key);
    assert_eq!(token(&account, "access-7").await, "access-7");
    account.replace(&refresh_token("refresh-7")).await.unwrap();

    let entry = server.entry();
    let fields: BTreeMap<String, Vec<u8>> = server.run(&format!("HGETALL {entry}"));
    let dump: Vec<u8> = server.run(&format!("DUMP {entry}"));
    let seen: Vec<u8> = fields
        .into_values()
        .flatten()
        .chain(entry.into_bytes())
        .chain(dump)
        .collect();
    for secret in [
        "vendor-7",
        "account-7",
        "access-7",
        "refresh-7",
        "the-api-key",
    ] {
        let secret = secret.as_bytes();
        let found = seen.windows(secret.len()).any(|bytes| bytes == secret);
        assert!(!found, "{}", String::from_utf8_lossy(secret));
    }
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn each_vendor_account_space_and_credential_has_its_own_entry() {
    let server = Server::start();
    let store = server.store();
    let space = |url| ProtectionSpace::new(url).unwrap();
    let keys = [
        StoreKey::new("a", "b").unwrap(),
        StoreKey::new("a", "c").unwrap(),
        StoreKey::new("b", "b").unwrap(),
        key().with_protection_space(&space("https://api.example.com")),
        key().with_protection_space(&space("https://staging.example.com")),
        key().with_credential(&"key-1".into()),
        key().with_credential(&"key-2".into()),
        key(),
    ];
    for (number, key) in keys.iter().enumerate() {
        let account = StoredAccount::new(store.clone(), key.clone());
        account
            .replace(&refresh_token(&format!("r-{number}")))
            .await
            .unwrap();
    }
    for (number, key) in keys.into_iter().enumerate() {
        let tokens = StoredAccount::new(store.clone(), key)
            .tokens()
            .await
            .unwrap();
        let token = tokens.refresh_token().unwrap().expose_secret().to_owned();
        assert_eq!(token, format!("r-{number}"));
    }
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn an_entry_that_was_copied_to_another_account_is_not_used() {
    let server = Server::start();
    let store = server.store();
    let ada = StoredAccount::new(store.clone(), key());
    ada.replace(&refresh_token("r-ada")).await.unwrap();
    let from = server.entry();
    let bob = StoredAccount::new(store, StoreKey::new("example", "bob").unwrap());
    bob.replace(&refresh_token("r-bob")).await.unwrap();
    let keys: Vec<String> = server.run("KEYS multi-auth:*}");
    let to = keys.iter().find(|&key| *key != from).unwrap();
    let _: i64 = server.run(&format!("COPY {from} {to} REPLACE"));

    let error = bob.tokens().await.unwrap_err();
    assert!(
        matches!(error.problem(), StoreProblem::NotAuthentic),
        "{error}"
    );
    let source = bob.refreshing(|tokens| {
        use multi_auth::oauth::RefreshTokenStore;
        let tokens = std::sync::Arc::new(tokens);
        source_fn(move || {
            let tokens = std::sync::Arc::clone(&tokens);
            async move { tokens.load().await.map(Token::new) }
        })
    });
    let error = source.token().await.unwrap_err();
    assert!(
        error.to_string().contains("changed after it was sealed"),
        "{error}"
    );

    // Access tokens are requested again, and a login replaces the entry.
    assert_eq!(token(&bob, "a-bob").await, "a-bob");
    bob.replace(&refresh_token("r-bob-2")).await.unwrap();
    assert!(bob.tokens().await.unwrap().refresh_token().is_some());
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_damaged_entry_is_replaced_by_the_next_access_token() {
    let server = Server::start();
    let account = StoredAccount::new(server.store(), key());
    assert_eq!(token(&account, "a-1").await, "a-1");
    let _: i64 = server.run(&format!("HSET {} sealed garbage", server.entry()));
    assert_eq!(token(&account, "a-2").await, "a-2");
    assert_eq!(token(&account, "a-3").await, "a-2");
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn the_sealing_key_is_changed_while_all_processes_run() {
    let server = Server::start();
    let [old, new, names] = [KEY, OTHER_KEY, KEY].map(sealing_key);
    let store = |sealing| {
        let builder = RedisStore::builder(&server.url(), sealing).unwrap();
        StoredAccount::new(builder.naming_key(names.clone()).build().unwrap(), key())
    };
    // Before; every process can open both; every process seals with the new one; after.
    let first = store(old.clone());
    let second = store(old.clone().with_previous(new.clone()));
    let third = store(new.clone().with_previous(old.clone()));
    let last = store(new.clone());
    for (writer, readers) in [
        (&first, vec![&first, &second, &third]),
        (&second, vec![&first, &second, &third]),
        (&third, vec![&second, &third, &last]),
        (&last, vec![&second, &third, &last]),
    ] {
        writer.replace(&refresh_token("r")).await.unwrap();
        for reader in readers {
            assert!(reader.tokens().await.unwrap().refresh_token().is_some());
        }
    }
    let error: StoreError = first.tokens().await.unwrap_err();
    assert!(matches!(error.problem(), StoreProblem::OtherKey), "{error}");
    assert_eq!(server.run::<Vec<String>>("KEYS *").len(), 1);
    assert_eq!(last.key(), &key());
    let _ = server.store().load(&key()).await.unwrap();
}
