//! One holder at a time, who may lose the lease, and pauses after failures.

use std::time::Duration;

use multi_auth_store::{Acquired, Leased, TokenStore};

use crate::server::{LIMIT, Server, access_token, acquire, key, newer_than, taken};

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_lease_has_one_holder_until_it_is_released() {
    let server = Server::start();
    let (first, second) = (server.store(), server.store());
    let (lease, stored) = taken(&first, 0).await;
    assert_eq!(stored.revision, 0);
    assert!(matches!(
        acquire(&second, newer_than(0)).await,
        Acquired::Held(Some(_))
    ));
    assert!(matches!(
        second.lease(&key(), LIMIT).await.unwrap(),
        Leased::Held
    ));
    first.release(lease).await.unwrap();
    taken(&second, 0).await;
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_lease_that_has_ended_is_taken_over_and_neither_extended_nor_released_by_its_old_holder()
{
    let server = Server::start();
    let (first, second) = (server.store(), server.store());
    let short = Duration::from_millis(1);
    let Acquired::Taken(old, _) = first.acquire(&key(), &newer_than(0), short).await.unwrap()
    else {
        panic!("the lease is free");
    };
    let new = loop {
        if let Acquired::Taken(lease, _) = acquire(&second, newer_than(0)).await {
            break lease;
        }
    };
    assert!(!first.extend(&old, LIMIT).await.unwrap());
    first.release(old).await.unwrap();
    assert!(second.extend(&new, LIMIT).await.unwrap());
    assert!(matches!(
        acquire(&first, newer_than(0)).await,
        Acquired::Held(Some(_))
    ));
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn an_extended_lease_outlives_its_first_limit() {
    let server = Server::start();
    let store = server.store();
    let (lease, _) = taken(&store, 0).await;
    let entry = format!(
        "{}:lease",
        server.run::<Vec<String>>("KEYS *")[0].trim_end_matches(":lease")
    );
    assert!(store.extend(&lease, 2 * LIMIT).await.unwrap());
    assert!(server.run::<u64>(&format!("PTTL {entry}")) > 60_000);
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn after_a_failure_every_process_pauses_and_a_login_does_not() {
    let server = Server::start();
    let (first, second) = (server.store(), server.store());
    let (lease, _) = taken(&first, 0).await;
    first.pause(lease, LIMIT).await.unwrap();
    for store in [&first, &second] {
        let Acquired::Paused(left) = acquire(store, newer_than(0)).await else {
            panic!("no pause");
        };
        assert!(left <= LIMIT && left > LIMIT / 2, "{left:?}");
    }

    let Leased::Taken(lease) = second.lease(&key(), LIMIT).await.unwrap() else {
        panic!("the pause counts for a login");
    };
    let tokens = access_token("a-1", 600);
    second.publish_and_release(lease, 0, &tokens).await.unwrap();
    assert!(matches!(
        acquire(&first, newer_than(0)).await,
        Acquired::Newer(_)
    ));
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn failures_are_counted_until_a_token_is_published() {
    let server = Server::start();
    let store = server.store();
    for failures in 0..3 {
        let (lease, stored) = loop {
            match acquire(&store, newer_than(0)).await {
                Acquired::Taken(lease, stored) => break (lease, stored),
                Acquired::Paused(_) => {}
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(stored.failures, failures);
        store.pause(lease, Duration::from_millis(1)).await.unwrap();
    }
    let Leased::Taken(lease) = store.lease(&key(), LIMIT).await.unwrap() else {
        panic!("the lease is free");
    };
    let tokens = access_token("a-1", 600);
    store.publish_and_release(lease, 0, &tokens).await.unwrap();
    assert_eq!(store.load(&key()).await.unwrap().failures, 0);
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_holder_that_lost_its_lease_pauses_no_process() {
    let server = Server::start();
    let store = server.store();
    let (lease, _) = taken(&store, 0).await;
    let _: () = server.run("FLUSHALL");
    store.pause(lease, LIMIT).await.unwrap();
    taken(&store, 0).await;
}
