//! How often the server is asked, and what an entry takes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use multi_auth::{Authenticator, Bearer, Token, source_fn};
use multi_auth_store::StoredAccount;

use crate::server::{Server, key};

/// How many commands of clients the server has executed, without those that set up a connection.
fn asked(server: &Server) -> u64 {
    let info: String = server.run("INFO commandstats");
    let calls = |line: &str| -> Option<u64> {
        let rest = line.strip_prefix("cmdstat_eval")?;
        rest.split(['=', ',']).nth(1)?.parse().ok()
    };
    info.lines().filter_map(calls).sum()
}

fn bearer(server: &Server, requests: &Arc<AtomicUsize>) -> Bearer {
    let requests = Arc::clone(requests);
    let account = StoredAccount::new(server.store(), key());
    Bearer::new(account.sharing(source_fn(move || {
        requests.fetch_add(1, Ordering::Relaxed);
        async { Ok(Token::new("t").with_lifetime(Duration::from_secs(3600))) }
    })))
}

async fn authenticate(bearer: &Bearer) {
    let request = http::Request::get("https://api.example.com")
        .body(())
        .unwrap();
    let (parts, ()) = request.into_parts();
    let head = multi_auth::adapter::RequestHead::from_parts(&parts);
    bearer.authenticate(&head).await.unwrap();
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_start_costs_one_round_trip_and_the_process_that_requests_the_token_one_more() {
    let server = Server::start();
    let requests = Arc::default();
    // The first use of a script on a server sends it in full.
    authenticate(&bearer(&server, &requests)).await;
    let _: () = server.run("FLUSHDB");

    let mut before = asked(&server);
    let mut since = || {
        let now = asked(&server);
        let since = now - before;
        before = now;
        since
    };
    let first = bearer(&server, &requests);
    authenticate(&first).await;
    assert_eq!(since(), 2, "an empty store: acquire, publish");
    for _ in 0..10 {
        authenticate(&bearer(&server, &requests)).await;
        assert_eq!(since(), 1, "a start with a stored token");
    }
    for _ in 0..1_000 {
        authenticate(&first).await;
    }
    assert_eq!(since(), 0, "a token in memory");
    assert_eq!(requests.load(Ordering::Relaxed), 2);
}

#[tokio::test]
#[ignore = "needs Redis"]
#[allow(clippy::print_stdout, reason = "the figure is in the documentation")]
async fn two_tokens_of_40_bytes_take_less_than_a_kilobyte() {
    let server = Server::start();
    let account = StoredAccount::new(server.store(), key());
    let mut sizes = BTreeMap::new();
    for len in [40, 200, 1_000] {
        let value = "t".repeat(len);
        let tokens = multi_auth_store::StoredTokens::default()
            .with_access_token(Token::new(value.clone()).with_lifetime(Duration::from_secs(3600)))
            .with_refresh_token(value);
        account.replace(&tokens).await.unwrap();
        let size: u64 = server.run(&format!("MEMORY USAGE {}", server.entry()));
        sizes.insert(len, size);
        println!("two tokens of {len} bytes: {size} bytes in Redis");
    }
    assert!(sizes[&40] < 1_000 && sizes[&1_000] < 4_500, "{sizes:?}");
}
