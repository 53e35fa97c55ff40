//! The newest token stays, a refused one is not given out again, and entries end with their tokens.

use multi_auth_store::{Acquired, Published, StoredTokens, TokenStore};
use secrecy::ExposeSecret;

use crate::server::{Server, access_token, acquire, key, newer_than, taken};

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_published_token_is_newer_for_every_process_that_has_not_seen_it() {
    let server = Server::start();
    let (first, second) = (server.store(), server.store());
    assert_eq!(first.load(&key()).await.unwrap().revision, 0);
    let (lease, _) = taken(&first, 0).await;
    let tokens = access_token("a-1", 600).with_refresh_token("r-1");
    let Published::Stored(revision) = first.publish_and_release(lease, 0, &tokens).await.unwrap()
    else {
        panic!("the entry is new");
    };

    let Acquired::Newer(stored) = acquire(&second, newer_than(0)).await else {
        panic!("the token is not seen");
    };
    assert_eq!(stored.revision, revision);
    let refresh_token = stored.tokens.refresh_token().unwrap();
    assert_eq!(refresh_token.expose_secret(), "r-1");
    let token = stored.tokens.access_token().unwrap();
    assert_eq!(token.value().expose_secret(), "a-1");
    taken(&second, revision).await;
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_refused_token_is_given_to_no_process_and_a_late_refusal_removes_no_newer_token() {
    let server = Server::start();
    let (first, second, third) = (server.store(), server.store(), server.store());
    let (lease, _) = taken(&first, 0).await;
    let tokens = access_token("a-1", 600);
    let Published::Stored(old) = first.publish_and_release(lease, 0, &tokens).await.unwrap() else {
        panic!("the entry is new");
    };
    let refused = newer_than(old).with_refusal();
    let Acquired::Taken(lease, _) = acquire(&first, refused).await else {
        panic!("the lease is free");
    };
    // A process that starts now does not use the refused token.
    assert!(matches!(
        acquire(&second, newer_than(0)).await,
        Acquired::Held(Some(_))
    ));
    let tokens = access_token("a-2", 600);
    first
        .publish_and_release(lease, old, &tokens)
        .await
        .unwrap();

    // The refusal of the older token comes late.
    for store in [&second, &third] {
        let Acquired::Newer(stored) = acquire(store, refused).await else {
            panic!("the newer token is gone");
        };
        let token = stored.tokens.access_token().unwrap();
        assert_eq!(token.value().expose_secret(), "a-2");
    }
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_holder_that_was_stopped_replaces_no_newer_entry() {
    let server = Server::start();
    let (first, second) = (server.store(), server.store());
    let (stale, _) = taken(&first, 0).await;
    let _: () = server.run("FLUSHALL");
    let (lease, _) = taken(&second, 0).await;
    let tokens = access_token("a-2", 600);
    let published = second.publish_and_release(lease, 0, &tokens).await.unwrap();
    assert!(matches!(published, Published::Stored(_)));
    let late = first.publish(&stale, 0, &access_token("a-1", 600)).await;
    assert_eq!(late.unwrap(), Published::Conflict);
    let stored = second.load(&key()).await.unwrap();
    let token = stored.tokens.access_token().unwrap();
    assert_eq!(token.value().expose_secret(), "a-2");
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_revision_does_not_come_back_after_the_server_lost_the_entry() {
    let server = Server::start();
    let store = server.store();
    let mut seen = 0;
    for number in 0..3 {
        let (lease, stored) = taken(&store, seen).await;
        assert!(stored.revision <= seen);
        let tokens = access_token("a", 600);
        // The process knows the revision from before.
        let published = store
            .publish_and_release(lease, seen, &tokens)
            .await
            .unwrap();
        let Published::Stored(revision) = published else {
            panic!("{number}: {published:?}");
        };
        assert!(revision > seen);
        seen = revision;
        let _: () = server.run("FLUSHALL");
    }
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn an_entry_ends_with_its_access_token_unless_it_has_a_refresh_token() {
    let server = Server::start();
    let store = server.store();
    let mut revision = 0;
    let cases = [
        (access_token("a", 600), 590_000..=600_000),
        (access_token("a", 600).with_refresh_token("r"), -1..=-1),
        (StoredTokens::default().with_refresh_token("r"), -1..=-1),
        // Logged out: it stays for a while, so that no process restores the login.
        (StoredTokens::default(), 29 * 86_400_000..=30 * 86_400_000),
        (
            StoredTokens::default().with_access_token(multi_auth::Token::new("a")),
            86_000_000..=86_400_000,
        ),
    ];
    for (tokens, expected) in cases {
        let (lease, _) = taken(&store, revision).await;
        let published = store.publish_and_release(lease, revision, &tokens).await;
        let Published::Stored(new) = published.unwrap() else {
            panic!("a conflict");
        };
        revision = new;
        let left: i64 = server.run(&format!("PTTL {}", server.entry()));
        assert!(expected.contains(&left), "{left}: {expected:?}");
    }
}
