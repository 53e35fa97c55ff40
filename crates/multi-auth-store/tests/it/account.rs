//! One token request for all that share an entry, and no lost refresh token.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use http::{Request, Response};
use multi_auth::oauth::{Client, Grant, RefreshTokenStore};
use multi_auth::{
    AuthError, Clock, SystemClock, Token, TokenEndpoint, TokenSource, source_fn, transport_fn,
};
use multi_auth_store::{
    Lease, Leased, MemoryStore, Published, RefreshTokens, StoreError, StoreKey, StoreProblem,
    Stored, StoredAccount, StoredTokens, TokenStore,
};
use secrecy::ExposeSecret;

use crate::server::Server;

fn key() -> StoreKey {
    StoreKey::new("example", "ada").unwrap()
}

async fn logged_in(store: impl TokenStore + 'static) -> StoredAccount {
    let account = StoredAccount::new(store, key());
    let tokens = StoredTokens::default().with_refresh_token("r-0");
    account.replace(&tokens).await.unwrap();
    account
}

fn source(account: &StoredAccount, server: &Arc<Server>) -> impl TokenSource + use<> {
    source_after(account, server, Duration::ZERO)
}

/// The same, whose responses take `delay` to arrive.
fn source_after(
    account: &StoredAccount,
    server: &Arc<Server>,
    delay: Duration,
) -> impl TokenSource + use<> {
    let server = Arc::clone(server);
    let transport = transport_fn(move |request: Request<Vec<u8>>| {
        let (status, body) = server.answer(&String::from_utf8_lossy(request.body()));
        let response = Response::builder().status(status).body(body.into_bytes());
        async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            Ok(response.unwrap())
        }
    });
    let endpoint = TokenEndpoint::builder("https://login.example.com/token", transport).unwrap();
    let client = Client::public("app").unwrap();
    account.refreshing(|tokens| endpoint.grant(Grant::refresh_token(tokens), client).build())
}

async fn token(source: &impl TokenSource) -> String {
    source
        .token()
        .await
        .unwrap()
        .value()
        .expose_secret()
        .to_owned()
}

async fn refresh_token(account: &StoredAccount) -> String {
    let tokens = account.tokens().await.unwrap();
    tokens.refresh_token().unwrap().expose_secret().to_owned()
}

/// The problem of the store that `error` was made from.
fn is(error: &AuthError, expected: impl Fn(&StoreProblem) -> bool) -> bool {
    let AuthError::Other { error, .. } = error else {
        return false;
    };
    error
        .downcast_ref::<StoreError>()
        .is_some_and(|error| expected(error.problem()))
}

#[tokio::test]
async fn a_new_refresh_token_is_stored_with_the_access_token() {
    let (store, server) = (MemoryStore::default(), Arc::default());
    let account = logged_in(store).await;
    assert_eq!(token(&source(&account, &server)).await, "a-1");
    assert_eq!(refresh_token(&account).await, "r-1");
    let tokens = account.tokens().await.unwrap();
    let expiry = tokens.access_token().unwrap().expiry().unwrap();
    let remaining = expiry.duration_since(SystemClock.wall()).unwrap();
    assert!(remaining <= Duration::from_secs(3600), "{remaining:?}");
    assert!(remaining > Duration::from_secs(3500), "{remaining:?}");
}

#[tokio::test]
async fn a_second_process_uses_the_token_of_the_first() {
    let server = Arc::default();
    let account = logged_in(MemoryStore::default()).await;
    let (first, second) = (source(&account, &server), source(&account, &server));
    assert_eq!(token(&first).await, "a-1");
    assert_eq!(token(&second).await, "a-1");
    // It is refused or about to expire, so its user asks again.
    assert_eq!(token(&second).await, "a-2");
    assert_eq!(token(&first).await, "a-2");
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn eight_processes_at_once_share_one_token_request() {
    let server: Arc<Server> = Arc::default();
    let account = logged_in(MemoryStore::default()).await;
    let sources: Vec<_> = (0..8)
        .map(|_| Arc::new(source(&account, &server)))
        .collect();
    let tasks: Vec<_> = sources
        .iter()
        .map(|source| {
            let source = Arc::clone(source);
            tokio::spawn(async move { token(&*source).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), "a-1");
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn an_expired_access_token_of_the_store_is_not_used() {
    #[derive(Debug)]
    struct Later;

    impl Clock for Later {
        fn monotonic(&self) -> Instant {
            SystemClock.monotonic()
        }

        fn wall(&self) -> SystemTime {
            SystemClock.wall() + Duration::from_secs(3600)
        }
    }

    let server = Arc::default();
    let account = logged_in(MemoryStore::default()).await;
    assert_eq!(token(&source(&account, &server)).await, "a-1");
    let later = account.with_clock(Arc::new(Later));
    assert_eq!(token(&source(&later, &server)).await, "a-2");
}

#[tokio::test]
async fn without_access_tokens_each_process_requests_its_own() {
    let server = Arc::default();
    let account = logged_in(MemoryStore::default())
        .await
        .without_access_tokens();
    assert_eq!(token(&source(&account, &server)).await, "a-1");
    assert_eq!(token(&source(&account, &server)).await, "a-2");
    assert!(account.tokens().await.unwrap().access_token().is_none());
    assert!(server.reused().is_empty());
}

#[tokio::test]
async fn without_a_refresh_token_the_error_says_to_log_in() {
    let server: Arc<Server> = Arc::default();
    let account = StoredAccount::new(MemoryStore::default(), key());
    let error = source(&account, &server).token().await.unwrap_err();
    assert!(
        is(&error, |problem| matches!(
            problem,
            StoreProblem::NotLoggedIn
        )),
        "{error}"
    );
    assert!(error.to_string().contains("log in"), "{error}");
    assert!(!error.is_transient());
    assert_eq!(server.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_another_process_keeps_is_a_transient_error() {
    let (store, server) = (MemoryStore::default(), Arc::new(Server::default()));
    let account = logged_in(store.clone()).await;
    let Leased::Taken(lease) = store.lease(&key(), Duration::ZERO).await.unwrap() else {
        panic!("the lease is free");
    };
    let error = source(&account, &server).token().await.unwrap_err();
    assert!(
        is(&error, |problem| matches!(
            problem,
            StoreProblem::LeaseTimeout
        )),
        "{error}"
    );
    assert!(error.is_transient());
    assert_eq!(server.requests(), 0);

    drop(lease);
    assert_eq!(token(&source(&account, &server)).await, "a-1");
}

/// The server has replaced the refresh token when its response is under way.
#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_does_not_lose_the_new_refresh_token() {
    let (store, server) = (MemoryStore::default(), Arc::new(Server::default()));
    let account = logged_in(store).await;
    let slow = source_after(&account, &server, Duration::from_secs(10));
    let dropped = tokio::time::timeout(Duration::from_secs(1), slow.token()).await;
    assert!(dropped.is_err());
    // The next caller shares the request that is under way.
    assert_eq!(token(&slow).await, "a-1");
    assert_eq!(refresh_token(&account).await, "r-1");
    assert_eq!(server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_request_that_does_not_end_gives_the_lease_back() {
    let (store, server) = (MemoryStore::default(), Arc::new(Server::default()));
    let account = logged_in(store).await;
    let stuck = account.sharing(source_fn(|| async {
        std::future::pending::<()>().await;
        Ok(Token::new("never"))
    }));
    let error = stuck.token().await.unwrap_err();
    assert!(
        is(&error, |problem| matches!(
            problem,
            StoreProblem::Unfinished
        )),
        "{error}"
    );
    assert_eq!(token(&source(&account, &server)).await, "a-1");
}

#[tokio::test]
async fn a_source_that_panics_panics_at_its_caller_and_gives_the_lease_back() {
    let (store, server) = (MemoryStore::default(), Arc::new(Server::default()));
    let account = logged_in(store).await;
    let broken = account.sharing(source_fn(|| async { panic!("broken") }));
    let caught = tokio::spawn(async move { broken.token().await }).await;
    assert!(caught.unwrap_err().is_panic());
    assert_eq!(token(&source(&account, &server)).await, "a-1");
}

#[tokio::test]
async fn a_refresh_token_outside_of_a_token_request_is_an_error() {
    let account = logged_in(MemoryStore::default()).await;
    let kept: Arc<Mutex<Option<RefreshTokens>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let _source = account.refreshing(move |tokens| {
        *keep.lock().unwrap() = Some(tokens);
        source_fn(|| async { Ok(Token::new("t")) })
    });
    let tokens = kept.lock().unwrap().take().unwrap();
    let error = tokens.load().await.unwrap_err();
    assert!(
        is(&error, |problem| matches!(problem, StoreProblem::NotLeased)),
        "{error}"
    );
    assert!(tokens.replace(&"r-0".into(), "r-1".into()).await.is_err());
    assert_eq!(refresh_token(&account).await, "r-0");
}

/// A store whose disk can be full, or that cannot be reached.
#[derive(Clone, Debug, Default)]
struct Failing {
    store: MemoryStore,
    fails: Arc<AtomicBool>,
    /// Whether reading fails too.
    is_unreachable: bool,
}

impl Failing {
    fn check(&self) -> Result<(), StoreError> {
        if self.fails.load(Ordering::Relaxed) {
            let full = std::io::ErrorKind::StorageFull.into();
            return Err(StoreError::new("the disk", StoreProblem::Io(full)));
        }
        Ok(())
    }
}

#[async_trait]
impl TokenStore for Failing {
    async fn load(&self, key: &StoreKey) -> Result<Stored, StoreError> {
        if self.is_unreachable {
            self.check()?;
        }
        self.store.load(key).await
    }

    async fn lease(&self, key: &StoreKey, limit: Duration) -> Result<Leased, StoreError> {
        self.store.lease(key, limit).await
    }

    async fn publish(
        &self,
        lease: &Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        self.check()?;
        self.store.publish(lease, expected, tokens).await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.store.release(lease).await
    }
}

#[tokio::test]
async fn a_refresh_token_that_could_not_be_stored_is_stored_before_the_next_request() {
    let (store, server) = (Failing::default(), Arc::new(Server::default()));
    let account = logged_in(store.clone()).await;
    let source = source(&account, &server);

    store.fails.store(true, Ordering::Relaxed);
    let error = source.token().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(refresh_token(&account).await, "r-0");
    // While the disk is full, no request is sent: its refresh token would be lost too.
    source.token().await.unwrap_err();
    assert_eq!(server.requests(), 1);

    store.fails.store(false, Ordering::Relaxed);
    assert_eq!(token(&source).await, "a-2");
    assert_eq!(refresh_token(&account).await, "r-2");
    assert!(server.reused().is_empty(), "{:?}", server.reused());
}

#[tokio::test]
async fn a_login_replaces_a_refresh_token_that_could_not_be_stored() {
    let (store, server) = (Failing::default(), Arc::new(Server::default()));
    let account = logged_in(store.clone()).await;
    let source = source(&account, &server);
    store.fails.store(true, Ordering::Relaxed);
    source.token().await.unwrap_err();

    store.fails.store(false, Ordering::Relaxed);
    let tokens = StoredTokens::default().with_refresh_token("r-1");
    account.replace(&tokens).await.unwrap();
    assert_eq!(token(&source).await, "a-2");
}

#[tokio::test]
async fn an_unreachable_store_fails_a_refresh_and_only_a_refresh() {
    let store = Failing {
        is_unreachable: true,
        ..Failing::default()
    };
    let server: Arc<Server> = Arc::default();
    let account = logged_in(store.clone()).await;
    store.fails.store(true, Ordering::Relaxed);

    source(&account, &server).token().await.unwrap_err();
    assert_eq!(server.requests(), 0);
    let shared = account.sharing(source_fn(|| async { Ok(Token::new("t-1")) }));
    assert_eq!(token(&shared).await, "t-1");
}

#[tokio::test]
async fn logging_out_removes_both_tokens() {
    let server = Arc::default();
    let account = logged_in(MemoryStore::default()).await;
    let source = source(&account, &server);
    assert_eq!(token(&source).await, "a-1");
    account.replace(&StoredTokens::default()).await.unwrap();
    let error = source.token().await.unwrap_err();
    assert!(error.to_string().contains("log in"), "{error}");
}
