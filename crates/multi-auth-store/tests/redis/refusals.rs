//! One refusal by the vendor suffices for all processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use multi_auth::{Bearer, Clock, SystemClock, Token, TokenState, source_fn};
use multi_auth_store::{Acquired, StoredAccount, TokenStore, Wanted};

use crate::server::{LIMIT, Server, key};

fn bearer(server: &Server, requests: &Arc<AtomicUsize>) -> Bearer {
    let requests = Arc::clone(requests);
    let account = StoredAccount::new(server.store(), key());
    Bearer::new(account.sharing(source_fn(move || {
        let number = requests.fetch_add(1, Ordering::Relaxed);
        async move { Ok(Token::new(format!("t-{number}")).with_lifetime(Duration::from_secs(3600))) }
    })))
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_refusal_discards_the_token_in_every_process() {
    let server = Server::start();
    let requests = Arc::default();
    let bearers = [(); 3].map(|()| bearer(&server, &requests));
    for bearer in &bearers {
        bearer.refresh().await.unwrap();
        assert_eq!(bearer.snapshot().state, TokenState::Fresh);
    }
    // Each process subscribes once it has a token of the store.
    while server.run::<u64>("PUBSUB NUMPAT") == 0 || subscribers(&server) < 3 {
        tokio::task::yield_now().await;
    }

    let store = server.store();
    let revision = store.load(&key()).await.unwrap().revision;
    let refused = Wanted::new(revision, SystemClock.wall()).with_refusal();
    let Acquired::Taken(lease, _) = store.acquire(&key(), &refused, LIMIT).await.unwrap() else {
        panic!("the lease is free");
    };
    store.release(lease).await.unwrap();
    for bearer in &bearers {
        while bearer.snapshot().state != TokenState::Absent {
            tokio::task::yield_now().await;
        }
    }

    // One of them requests the next token.
    for bearer in &bearers {
        bearer.refresh().await.unwrap();
    }
    assert_eq!(requests.load(Ordering::Relaxed), 2);
}

/// The connections that have subscribed to a pattern.
fn subscribers(server: &Server) -> usize {
    let clients: String = server.run("CLIENT LIST TYPE pubsub");
    clients
        .lines()
        .filter(|line| line.contains(" psub=1 "))
        .count()
}
