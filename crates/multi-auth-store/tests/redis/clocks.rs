//! The server's clock counts, so those of the processes may differ.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use multi_auth::{Clock, SystemClock, Token};
use multi_auth_store::{Acquired, StoredTokens, TokenStore, Wanted};

use crate::server::{LIMIT, Server, key};

/// A clock that is fast by so many seconds, or slow.
#[derive(Debug)]
struct Off(i64);

impl Clock for Off {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn wall(&self) -> SystemTime {
        let by = Duration::from_secs(self.0.unsigned_abs());
        if self.0 < 0 {
            SystemClock.wall() - by
        } else {
            SystemClock.wall() + by
        }
    }
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn the_lifetime_of_a_token_is_the_same_for_processes_whose_clocks_differ_by_hours() {
    let server = Server::start();
    let mut revision = 0;
    for (publisher, reader) in [(0, 5), (5, 0), (-5, 5), (7200, -7200), (-7200, 7200)] {
        let [publisher, reader] = [publisher, reader].map(|seconds| Arc::new(Off(seconds)));
        let store = server
            .builder()
            .clock(Arc::clone(&publisher) as _)
            .build()
            .unwrap();
        let wanted = Wanted::new(revision, publisher.wall());
        let Acquired::Taken(lease, _) = store.acquire(&key(), &wanted, LIMIT).await.unwrap() else {
            panic!("the lease is free");
        };
        let expiry = publisher.wall() + Duration::from_secs(3);
        let tokens = StoredTokens::default().with_access_token(Token::new("a").with_expiry(expiry));
        store
            .publish_and_release(lease, revision, &tokens)
            .await
            .unwrap();

        let store = server
            .builder()
            .clock(Arc::clone(&reader) as _)
            .build()
            .unwrap();
        let wanted = Wanted::new(revision, reader.wall());
        let Acquired::Newer(stored) = store.acquire(&key(), &wanted, LIMIT).await.unwrap() else {
            panic!("the token has expired");
        };
        revision = stored.revision;
        let expiry = stored.tokens.access_token().unwrap().expiry().unwrap();
        let left = expiry.duration_since(reader.wall()).unwrap();
        assert!(left <= Duration::from_secs(3), "{left:?}");
        assert!(left > Duration::from_secs(2), "{left:?}");
    }
}
