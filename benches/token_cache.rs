//! The token cache's promises in figures: token requests made, callers served, how long they
//! waited.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a program that reports"
)]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use multi_auth::oauth::{Client, Grant, InMemory};
use multi_auth::{
    AuthError, Authenticator, Bearer, BearerBuilder, Clock, Credential, RequestHead, ResponseHead,
    Token, TokenEndpoint, TokenSource, Transport, Verdict, transport_fn,
};
use multi_auth_store::{FileStore, SealingKey, StoreKey, StoredAccount, StoredTokens};
use tokio::task::JoinSet;

/// A token endpoint that takes its time.
#[derive(Debug)]
struct Endpoint {
    exchanges: AtomicUsize,
    takes: AtomicU64,
    fails: bool,
    lifetime: Option<Duration>,
}

#[async_trait]
impl TokenSource for Endpoint {
    async fn token(&self) -> Result<Token, AuthError> {
        let number = self.exchanges.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(self.takes.load(Ordering::SeqCst))).await;
        if self.fails {
            return Err(AuthError::transient("the vendor is down"));
        }
        let token = Token::new(format!("t-{number}"));
        Ok(match self.lifetime {
            Some(lifetime) => token.with_lifetime(lifetime),
            None => token,
        })
    }
}

impl Endpoint {
    fn new(takes: u64) -> Self {
        Self {
            exchanges: AtomicUsize::new(0),
            takes: takes.into(),
            fails: false,
            lifetime: None,
        }
    }

    fn made(&self) -> usize {
        self.exchanges.load(Ordering::SeqCst)
    }
}

/// The real clocks, and a number of seconds on top.
#[derive(Debug, Default)]
struct Ahead(AtomicU64);

impl Ahead {
    fn seconds(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

impl Clock for Ahead {
    fn monotonic(&self) -> Instant {
        Instant::now() + self.seconds()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now() + self.seconds()
    }
}

fn head() -> Parts {
    Request::get("https://a.example/")
        .body(())
        .unwrap()
        .into_parts()
        .0
}

async fn obtain(bearer: &Bearer) -> Result<Credential, AuthError> {
    bearer.authenticate(&RequestHead::from_parts(&head())).await
}

fn bearer(endpoint: &Arc<Endpoint>) -> BearerBuilder {
    Bearer::builder(Arc::clone(endpoint))
}

/// Runs `count` callers at once; gives how many of them succeeded, and the longest wait.
async fn callers<F>(count: usize, call: impl Fn(usize) -> F) -> (usize, Duration)
where
    F: Future<Output = bool> + Send + 'static,
{
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let call = call(number);
        tasks.spawn(async move { (call.await, begun.elapsed()) });
    }
    let ended = tasks.join_all().await;
    let succeeded = ended.iter().filter(|(success, _)| *success).count();
    (
        succeeded,
        ended
            .iter()
            .map(|(_, waited)| *waited)
            .max()
            .unwrap_or_default(),
    )
}

fn row(what: &str, exchanges: usize, served: &str, longest: Duration) {
    let longest = longest.as_secs_f64() * 1e3;
    println!("| {what:58} | {exchanges:9} | {served:22} | {longest:12.1} |");
}

#[tokio::main]
async fn main() {
    println!(
        "| {:58} | requests  | {:22} | longest [ms] |",
        "what", "callers"
    );
    println!("|{:-<60}|{:->11}|{:-<24}|{:->14}|", "", ":", "", ":");
    cold().await;
    grants().await;
    stragglers().await;
    failing().await;
    giving_up().await;
    stalling().await;
}

async fn cold() {
    let endpoint = Arc::new(Endpoint::new(20));
    let bearer = bearer(&endpoint).build();
    let (served, longest) = callers(10_000, |_| {
        let bearer = bearer.clone();
        async move { obtain(&bearer).await.is_ok() }
    })
    .await;
    row(
        "10,000 tasks on a cold cache, token request of 20 ms",
        endpoint.made(),
        &format!("{served} served"),
        longest,
    );
}

/// An authorization server that replaces the refresh token with each of its tokens, after 20 ms.
fn server(requests: &Arc<AtomicUsize>) -> impl Transport + use<> {
    let requests = Arc::clone(requests);
    transport_fn(move |_| {
        let number = requests.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let token = format!(
                r#"{{"access_token":"t-{number}","refresh_token":"r-{number}","expires_in":3600}}"#
            );
            Ok(Response::new(token.into_bytes()))
        }
    })
}

fn endpoint(requests: &Arc<AtomicUsize>, grant: Grant) -> TokenEndpoint {
    let endpoint = TokenEndpoint::builder("https://login.example/token", server(requests)).unwrap();
    let client = Client::secret_basic("my-app", "s3cret").unwrap();
    endpoint.grant(grant, client).build()
}

async fn grants() {
    let requests = Arc::default();
    let bearer = Bearer::new(endpoint(&requests, Grant::client_credentials()));
    shared("10,000 tasks, client credentials", &[bearer], &requests).await;

    let requests = Arc::default();
    let grant = Grant::refresh_token(InMemory::new("r-0"));
    let bearer = Bearer::new(endpoint(&requests, grant));
    shared(
        "10,000 tasks, refresh token in memory",
        &[bearer],
        &requests,
    )
    .await;

    let directory = tempfile::tempdir().unwrap();
    let store = || {
        let key = SealingKey::from_base64("l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=").unwrap();
        let store = FileStore::open(directory.path().join("tokens"), key).unwrap();
        StoredAccount::new(store, StoreKey::new("example", "ada").unwrap())
    };
    let tokens = StoredTokens::default().with_refresh_token("r-0");
    store().replace(&tokens).await.unwrap();
    let requests = Arc::default();
    let bearers = [(); 4].map(|()| {
        let source = store().refreshing(|tokens| endpoint(&requests, Grant::refresh_token(tokens)));
        Bearer::new(source)
    });
    shared(
        "10,000 tasks, 4 caches on one file store",
        &bearers,
        &requests,
    )
    .await;
}

/// Runs 10,000 tasks on cold caches.
async fn shared(what: &str, bearers: &[Bearer], requests: &AtomicUsize) {
    let (served, longest) = callers(10_000, |number| {
        let bearer = bearers[number % bearers.len()].clone();
        async move { obtain(&bearer).await.is_ok() }
    })
    .await;
    let made = requests.load(Ordering::SeqCst);
    row(what, made, &format!("{served} served"), longest);
}

async fn stragglers() {
    let endpoint = Arc::new(Endpoint::new(20));
    let bearer = bearer(&endpoint).build();
    let old = obtain(&bearer).await.unwrap().id().clone();
    let (served, longest) = callers(10_000, |number| {
        let (bearer, old) = (bearer.clone(), old.clone());
        async move {
            tokio::time::sleep(Duration::from_micros(20 * number as u64)).await;
            let headers = HeaderMap::new();
            let refusal = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
            let verdict = bearer.judge(&old, &refusal);
            verdict == Verdict::Refresh && obtain(&bearer).await.is_ok_and(|new| *new.id() != old)
        }
    })
    .await;
    let made = endpoint.made() - 1;
    row(
        "10,000 refusals of one token, spread over 200 ms",
        made,
        &format!("{served} refreshed"),
        longest,
    );
}

async fn failing() {
    let endpoint = Arc::new(Endpoint {
        fails: true,
        ..Endpoint::new(20)
    });
    let bearer = bearer(&endpoint).build();
    let (served, longest) = callers(100, |_| {
        let bearer = bearer.clone();
        async move { obtain(&bearer).await.is_ok() }
    })
    .await;
    let failed = format!("{} failed", 100 - served);
    row(
        "100 tasks on a token request that fails after 20 ms",
        endpoint.made(),
        &failed,
        longest,
    );
}

async fn giving_up() {
    let endpoint = Arc::new(Endpoint::new(500));
    let bearer = bearer(&endpoint).build();
    let (_, longest) = callers(300, |number| {
        let bearer = bearer.clone();
        async move {
            tokio::time::sleep(Duration::from_micros(500 * number as u64)).await;
            let limit = Duration::from_millis(100);
            tokio::time::timeout(limit, obtain(&bearer)).await.is_ok()
        }
    })
    .await;
    row(
        "300 tasks that give up after 100 ms, token request of 500 ms",
        endpoint.made(),
        "300 gave up",
        longest,
    );
    let (served, longest) = callers(50, |_| {
        let bearer = bearer.clone();
        async move { obtain(&bearer).await.is_ok() }
    })
    .await;
    row(
        "50 that ask afterwards",
        endpoint.made(),
        &format!("{served} served"),
        longest,
    );
}

async fn stalling() {
    let endpoint = Arc::new(Endpoint {
        lifetime: Some(Duration::from_secs(3600)),
        ..Endpoint::new(0)
    });
    let clock = Arc::new(Ahead::default());
    let bearer = bearer(&endpoint)
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .build();
    obtain(&bearer).await.unwrap();
    endpoint.takes.store(30_000, Ordering::SeqCst);
    clock.0.store(3_300, Ordering::SeqCst);
    let (served, longest) = callers(10_000, |_| {
        let bearer = bearer.clone();
        async move { obtain(&bearer).await.is_ok() }
    })
    .await;
    let made = endpoint.made() - 1;
    row(
        "10,000 tasks in the window, the vendor stalls for 30 s",
        made,
        &format!("{served} served"),
        longest,
    );
}
