//! Stores of tokens, with good entries and bad ones.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::oauth::RefreshTokenStore;
use multi_auth::{
    AuthError, Bearer, Clock, SystemClock, Token, TokenInvalidator, TokenRequestProblem,
    TokenSource, TokenState, source_fn,
};
use multi_auth_store::redis::RedisStore;
use multi_auth_store::{
    FileStore, Leased, MemoryStore, OsKeyringStore, Refusals, SealingKey, StoreError, StoreKey,
    StoreProblem, Stored, StoredAccount, StoredTokens, TokenStore, Wanted,
};
use tempfile::TempDir;

use super::{Ledger, key, token};

/// 32 bytes in base64.
const SEALING_KEY: &str = "l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=";

pub(super) async fn look(ledger: &mut Ledger) {
    look_at_keys(ledger);
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("tokens");
    let sealing = SealingKey::from_base64(SEALING_KEY).unwrap();
    let store = FileStore::open(&path, sealing).unwrap();
    ledger.see_debug("FileStore::open TokenStore", &store);
    ledger.see_debug("MemoryStore", &filled(MemoryStore::default()).await);
    let entry = StoreKey::new("example", "ada").unwrap();
    ledger.see_debug(
        "Stored Published",
        &filled(store.clone()).await.load(&entry).await,
    );
    look_at_the_account(ledger, store.clone()).await;
    look_at_redis(ledger).await;
    look_at_refusals(ledger).await;

    let Leased::Taken(lease) = store.lease(&entry, Duration::ZERO).await.unwrap() else {
        panic!("the lease is free");
    };
    ledger.see_debug("Lease::new", &lease);
    ledger.see_debug("Leased", &store.lease(&entry, Duration::ZERO).await);
    for file in fs::read_dir(&path).unwrap() {
        let file = file.unwrap().path();
        let content = fs::read(&file).unwrap();
        ledger.see("FileStore, its files", String::from_utf8_lossy(&content));
        fs::write(&file, key()).unwrap();
    }
    let error = store.load(&entry).await.unwrap_err();
    ledger.see_error("FileStore, damaged, StoreProblem", &error);
}

/// What is seen of a server that does not answer.
async fn look_at_redis(ledger: &mut Ledger) {
    let sealing = SealingKey::from_base64(SEALING_KEY).unwrap();
    let address = format!("redis://:{}@127.0.0.1", key());
    let refused = RedisStore::builder(&address, sealing.clone()).unwrap_err();
    ledger.see_error("RedisStore::builder", &refused);
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port.local_addr().unwrap().port();
    let url = format!("redis://127.0.0.1:{port}");
    let builder = RedisStore::builder(&url, sealing)
        .unwrap()
        .user("ada")
        .password(key());
    ledger.see_debug("RedisStoreBuilder", &builder);
    let store = builder.build().unwrap();
    ledger.see_debug("RedisStore", &store);
    let entry = StoreKey::new("example", "ada")
        .unwrap()
        .with_credential(&key().into());
    ledger.see_debug("StoreKey::with_credential", &entry);
    let error = store.load(&entry).await.unwrap_err();
    ledger.see_error("RedisStore, without a server", &error);
    let account = StoredAccount::new(store, entry);
    let source = account.refreshing(|_| source_fn(|| async { Ok(Token::new(token())) }));
    let error = source.token().await.unwrap_err();
    ledger.see_error("StoredSource, without a server", &error);
}

/// A source that keeps what its cache gives it.
#[derive(Debug, Default)]
struct Watching(Mutex<Option<TokenInvalidator>>);

#[async_trait]
impl TokenSource for Watching {
    async fn token(&self) -> Result<Token, AuthError> {
        Ok(Token::new(token()))
    }

    fn watch_refusals(&self, invalidator: TokenInvalidator) {
        *self.0.lock().unwrap() = Some(invalidator);
    }
}

async fn look_at_refusals(ledger: &mut Ledger) {
    let source = Arc::new(Watching::default());
    let bearer = Bearer::new(Arc::clone(&source));
    bearer.refresh().await.unwrap();
    source
        .0
        .lock()
        .unwrap()
        .as_ref()
        .unwrap()
        .invalidate(&token().into());
    assert_eq!(bearer.snapshot().state, TokenState::Absent);
    ledger.see_debug("TokenInvalidator", &source);

    let (store, now) = (filled(MemoryStore::default()).await, SystemClock.wall());
    let entry = StoreKey::new("example", "ada").unwrap();
    let wanted = Wanted::new(0, now);
    ledger.see_debug("Wanted::new", &wanted);
    let acquired = store.acquire(&entry, &wanted, Duration::ZERO).await;
    ledger.see_debug("Acquired", &acquired);
    let paused = AuthError::token_request("example (ada)", TokenRequestProblem::Paused);
    ledger.see_error("a paused token request", &paused);
    ledger.see_debug("Refusals", &store.refusals(&entry));
    ledger.see_debug("Refusals::channel RefusalSender", &Refusals::channel());
    ledger.see_debug("Stored::new", &Stored::new(1, tokens()));
    ledger.see_debug("Unreadable", &store.load(&entry).await.unwrap().unreadable);
}

fn look_at_keys(ledger: &mut Ledger) {
    let sealing = SealingKey::from_base64(SEALING_KEY).unwrap();
    ledger.see_debug("SealingKey::from_base64", &sealing);
    let refused = SealingKey::from_base64(key()).unwrap_err();
    ledger.see_error("SealingKey::from_base64, refused", &refused);
    let refused = StoreKey::new("example", &format!("{}\n", key())).unwrap_err();
    ledger.see_error("StoreKey::new", &refused);
    let error = StoreError::new("the account", StoreProblem::Conflict);
    ledger.see_error("StoreError::new", &error);
    let locks = TempDir::new().unwrap();
    let store = OsKeyringStore::new("my-app", locks.path().join("locks"));
    ledger.see_debug("OsKeyringStore::new", &store);
}

fn tokens() -> StoredTokens {
    let access_token = Token::new(token()).with_part("secret", key());
    StoredTokens::default()
        .with_refresh_token(key())
        .with_access_token(access_token)
}

async fn filled<S: TokenStore + Clone + 'static>(store: S) -> S {
    let entry = StoreKey::new("example", "ada").unwrap();
    let account = StoredAccount::new(store.clone(), entry);
    account.replace(&tokens()).await.unwrap();
    store
}

async fn look_at_the_account(ledger: &mut Ledger, store: FileStore) {
    let entry = StoreKey::new("example", "ada").unwrap();
    let account = StoredAccount::new(store, entry);
    ledger.see_debug("StoredAccount::new", &account);
    ledger.see_debug("StoredTokens", &account.tokens().await.unwrap());
    let mut refresh_tokens = None;
    let source = account.refreshing(|tokens| {
        refresh_tokens = Some(tokens);
        source_fn(|| async { Ok(Token::new(token())) })
    });
    ledger.see_debug("StoredSource", &(&source, source.token().await.unwrap()));
    let refresh_tokens = refresh_tokens.unwrap();
    ledger.see_debug("RefreshTokens", &refresh_tokens);
    let refused = refresh_tokens.replace(&key().into(), key().into()).await;
    ledger.see_error("RefreshTokens, refused", &refused.unwrap_err());
}
