//! While the server does not answer, access tokens are requested and refresh tokens are not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use multi_auth::{AuthError, Token, TokenSource, source_fn};
use multi_auth_store::{StoreError, StoreProblem, StoredAccount, StoredTokens};
use secrecy::ExposeSecret;

use crate::server::{Server, key};

/// A source whose tokens are `t-1`, `t-2` and so on.
fn counted(requests: &Arc<AtomicUsize>) -> impl TokenSource + use<> {
    let requests = Arc::clone(requests);
    source_fn(move || {
        let number = requests.fetch_add(1, Ordering::Relaxed) + 1;
        async move { Ok(Token::new(format!("t-{number}")).with_lifetime(Duration::from_secs(600))) }
    })
}

async fn token(source: &impl TokenSource) -> String {
    let token = source.token().await.unwrap();
    token.value().expose_secret().to_owned()
}

fn account(server: &Server) -> StoredAccount {
    let store = server.builder().timeout(Duration::from_millis(300));
    StoredAccount::new(store.build().unwrap(), key())
}

/// How a server stops answering, and answers again.
type Fault = (fn(&mut Server), fn(&mut Server));

const FAULTS: [(&str, Fault); 3] = [
    ("killed", (Server::kill, Server::restart)),
    (
        "stopped",
        (|server| server.suspend(), |server| server.resume()),
    ),
    (
        "out of memory",
        (
            |server| server.run::<()>("CONFIG SET maxmemory 1"),
            |server| server.run::<()>("CONFIG SET maxmemory 0"),
        ),
    ),
];

#[tokio::test]
#[ignore = "needs Redis"]
async fn without_the_store_each_process_requests_its_tokens_and_then_they_share_again() {
    for (name, (fail, recover)) in FAULTS {
        let mut server = Server::start();
        let requests = Arc::default();
        let [first, second] = [(); 2].map(|()| account(&server).sharing(counted(&requests)));
        assert_eq!(token(&first).await, "t-1", "{name}");
        assert_eq!(token(&second).await, "t-1", "{name}");

        fail(&mut server);
        assert_eq!(token(&first).await, "t-2", "{name}");
        assert_eq!(token(&second).await, "t-3", "{name}");

        recover(&mut server);
        // The store is asked again after a pause. Until then, each process requests its tokens.
        loop {
            let before = requests.load(Ordering::Relaxed);
            token(&first).await;
            token(&second).await;
            if requests.load(Ordering::Relaxed) - before == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A source that presents the refresh token of the store.
fn presenting(account: &StoredAccount, requests: &Arc<AtomicUsize>) -> impl TokenSource + use<> {
    use multi_auth::oauth::RefreshTokenStore;

    let requests = Arc::clone(requests);
    account.refreshing(|tokens| {
        let tokens = Arc::new(tokens);
        source_fn(move || {
            let (tokens, requests) = (Arc::clone(&tokens), Arc::clone(&requests));
            async move {
                let token = tokens.load().await?;
                requests.fetch_add(1, Ordering::Relaxed);
                tokens.replace(&token, "r-2".into()).await?;
                Ok(Token::new("a"))
            }
        })
    })
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn without_the_store_no_refresh_token_is_presented() {
    for (name, (fail, _)) in FAULTS {
        let mut server = Server::start();
        let account = account(&server);
        let tokens = StoredTokens::default().with_refresh_token("r-1");
        account.replace(&tokens).await.unwrap();
        let requests = Arc::default();
        let source = presenting(&account, &requests);
        fail(&mut server);
        let error = source.token().await.unwrap_err();
        let AuthError::Other { error: cause, .. } = &error else {
            panic!("{name}: {error:?}");
        };
        let problem = cause.downcast_ref::<StoreError>().unwrap().problem();
        let is_withheld = matches!(problem, StoreProblem::RefreshTokenWithheld(_));
        assert!(is_withheld, "{name}: {error:?}");
        assert!(error.is_transient(), "{name}");
        assert!(
            error.to_string().contains("was not sent"),
            "{name}: {error}"
        );
        assert_eq!(requests.load(Ordering::Relaxed), 0, "{name}");
    }
}

/// A server that resumes executes the commands in its buffers, but no process waits for the
/// answers.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_server_that_was_stopped_gives_no_lease_to_a_process_that_has_gone_on() {
    let server = Server::start();
    let requests = Arc::default();
    let source = account(&server).sharing(counted(&requests));
    assert_eq!(token(&source).await, "t-1");
    server.suspend();
    assert_eq!(token(&source).await, "t-2");
    server.resume();
    let leases: Vec<String> = server.run("KEYS *:lease");
    assert_eq!(leases, [""; 0]);
}
