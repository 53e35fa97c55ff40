//! A new refresh token is stored even if something fails between its response and its publication.

use std::sync::Arc;
use std::time::Duration;

use multi_auth::oauth::RefreshTokenStore;
use multi_auth::{Token, TokenSource, source_fn};
use multi_auth_store::redis::RedisStore;
use multi_auth_store::{Acquired, Lease, Published, StoredAccount, StoredTokens, TokenStore};
use secrecy::ExposeSecret;

use crate::server::{Server, access_token, acquire, key, newer_than, taken};

fn refresh_token(token: &str) -> StoredTokens {
    StoredTokens::default().with_refresh_token(token)
}

async fn stored(account: &StoredAccount) -> String {
    let tokens = account.tokens().await.unwrap();
    tokens.refresh_token().unwrap().expose_secret().to_owned()
}

/// Presents the refresh token of `account`, lets `meanwhile` happen, and stores `r-2`.
async fn rotate<F: Future<Output = ()> + Send>(
    account: &StoredAccount,
    meanwhile: impl Fn() -> F + Send + Sync + 'static,
) {
    let meanwhile = Arc::new(meanwhile);
    let source = account.refreshing(|tokens| {
        let tokens = Arc::new(tokens);
        source_fn(move || {
            let (tokens, meanwhile) = (Arc::clone(&tokens), Arc::clone(&meanwhile));
            async move {
                let used = tokens.load().await?;
                meanwhile().await;
                tokens.replace(&used, "r-2".into()).await?;
                Ok(Token::new("a-2").with_lifetime(Duration::from_secs(600)))
            }
        })
    });
    source.token().await.unwrap();
}

/// The same. In the meantime, another process publishes `tokens`.
async fn rotate_beside(store: &RedisStore, account: &StoredAccount, tokens: StoredTokens) {
    let store = store.clone();
    let publish = move || {
        let (store, tokens) = (store.clone(), tokens.clone());
        async move {
            let revision = store.load(&key()).await.unwrap().revision;
            let other = Lease::new(key(), 7);
            store.publish(&other, revision, &tokens).await.unwrap();
        }
    };
    rotate(account, publish).await;
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_late_access_token_is_not_stored_while_another_process_holds_the_lease() {
    let server = Server::start();
    let store = server.store();
    StoredAccount::new(store.clone(), key())
        .replace(&refresh_token("r-1"))
        .await
        .unwrap();
    // A process stores a new refresh token, and is stopped until its lease has ended.
    let short = Duration::from_millis(1);
    let wanted = newer_than(0);
    let Acquired::Taken(late, entry) = store.acquire(&key(), &wanted, short).await.unwrap() else {
        panic!("the lease is free");
    };
    let tokens = refresh_token("r-2");
    let Published::Stored(revision) = store.publish(&late, entry.revision, &tokens).await.unwrap()
    else {
        panic!("no other process has published");
    };
    let next = loop {
        if let Acquired::Taken(lease, _) = acquire(&store, newer_than(0)).await {
            break lease;
        }
    };
    let tokens = access_token("a-2", 600).with_refresh_token("r-2");
    let published = store
        .publish_and_release(late, revision, &tokens)
        .await
        .unwrap();
    assert_eq!(published, Published::Conflict);
    let published = store
        .publish(&next, revision, &refresh_token("r-3"))
        .await
        .unwrap();
    assert!(matches!(published, Published::Stored(_)));
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_new_refresh_token_is_stored_beside_an_access_token_that_came_late() {
    let server = Server::start();
    let store = server.store();
    let account = StoredAccount::new(store.clone(), key());
    account.replace(&refresh_token("r-1")).await.unwrap();
    let late = access_token("a-1", 600).with_refresh_token("r-1");
    rotate_beside(&store, &account, late).await;
    assert_eq!(stored(&account).await, "r-2");
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_login_in_the_meantime_is_kept() {
    let server = Server::start();
    let store = server.store();
    let account = StoredAccount::new(store.clone(), key());
    account.replace(&refresh_token("r-1")).await.unwrap();
    rotate_beside(&store, &account, refresh_token("r-login")).await;
    assert_eq!(stored(&account).await, "r-login");
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_new_refresh_token_is_stored_once_the_server_answers_again() {
    let server = Arc::new(Server::start());
    let store = server
        .builder()
        .timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    let account = StoredAccount::new(store, key());
    account.replace(&refresh_token("r-1")).await.unwrap();
    let stopped = Arc::clone(&server);
    rotate(&account, move || {
        stopped.suspend();
        let stopped = Arc::clone(&stopped);
        // Longer than the first attempt to store the token.
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(500)).await;
            stopped.resume();
        });
        async {}
    })
    .await;
    assert_eq!(stored(&account).await, "r-2");
    // The lease was kept, and is given back.
    taken(&server.store(), u64::MAX >> 12).await;
}
