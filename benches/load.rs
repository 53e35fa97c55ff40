//! A minute of load through the reqwest adapter, on a vendor whose tokens live 2 s, one in twenty
//! of whose token requests fails, and which revokes one token in a hundred.

#![allow(clippy::print_stdout, reason = "it is a program that reports")]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

use std::error::Error;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use http::{Request, Response};
use multi_auth::{
    Account, Immuta, Keyring, Outcome, Provenance, TokenEvent, Transport, TransportError,
};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_testing::ImmutaSimulator;
use reqwest_middleware::ClientWithMiddleware;
use tokio::task::JoinSet;

const LENGTH: Duration = Duration::from_secs(60);
const ACCOUNTS: usize = 10;
const TASKS_EACH: usize = 4;

/// What was counted over the whole run.
#[derive(Debug, Default)]
struct Counts {
    requests: AtomicUsize,
    failed: AtomicUsize,
    replayed: AtomicUsize,
    waited: AtomicUsize,
    exchanges: AtomicUsize,
    broken: AtomicUsize,
    revoked: AtomicUsize,
}

fn add(count: &AtomicUsize) {
    count.fetch_add(1, Ordering::Relaxed);
}

/// A number in `0..of`, another at each call.
fn chance(of: u64) -> u64 {
    RandomState::new().build_hasher().finish() % of
}

/// Breaks one token request in twenty, and has one token in a hundred revoked a little later.
#[derive(Debug)]
struct Unreliable {
    inner: ReqwestTransport,
    immuta: Arc<ImmutaSimulator>,
    counts: Arc<Counts>,
}

#[async_trait]
impl Transport for Unreliable {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        add(&self.counts.exchanges);
        if chance(20) == 0 {
            add(&self.counts.broken);
            return Err(TransportError::connection("broken on purpose"));
        }
        let answer = self.inner.send(request).await?;
        if chance(100) == 0 {
            add(&self.counts.revoked);
            self.revoke_soon(answer.body());
        }
        Ok(answer)
    }
}

impl Unreliable {
    fn revoke_soon(&self, answer: &[u8]) {
        let answer: Option<serde_json::Value> = serde_json::from_slice(answer).ok();
        let token = answer.and_then(|answer| Some(answer.get("token")?.as_str()?.to_owned()));
        let immuta = Arc::clone(&self.immuta);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(chance(1_000))).await;
            immuta.revoke_token(&token.unwrap_or_default());
        });
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let immuta = Arc::new(ImmutaSimulator::start().await?);
    immuta.set_token_lifetime(Some(Duration::from_secs(2)));
    immuta.announce_expiration(true);
    let counts = Arc::new(Counts::default());
    let client = guarded_client(keyring(&immuta, &counts)?).build()?;
    let url = format!("{}/audit", immuta.url());

    let mut tasks = JoinSet::new();
    let end = Instant::now() + LENGTH;
    for task in 0..ACCOUNTS * TASKS_EACH {
        let account = account(task % ACCOUNTS);
        tasks.spawn(load(
            client.clone(),
            url.clone(),
            account,
            Arc::clone(&counts),
            end,
        ));
    }
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_secs(1)).await;
        immuta.clear_requests();
    }
    tasks.join_all().await;
    report(&counts);
    Ok(())
}

fn account(number: usize) -> Account {
    Account::new(format!("account-{number}"))
}

/// Accounts with a token each.
fn keyring(immuta: &Arc<ImmutaSimulator>, counts: &Arc<Counts>) -> Result<Keyring, Box<dyn Error>> {
    let vendor = Immuta::new(immuta.url())?;
    let mut keyring = Keyring::builder();
    for number in 0..ACCOUNTS {
        let (inner, waits) = (ReqwestTransport::new()?, Arc::clone(counts));
        let transport = Unreliable {
            inner,
            immuta: Arc::clone(immuta),
            counts: Arc::clone(counts),
        };
        // Tokens of 2 s leave a second for all attempts.
        let bearer = vendor
            .bearer_builder(immuta.api_key(), transport)?
            .attempts(4.try_into()?)
            .backoff(Duration::from_millis(20), Duration::from_millis(200))
            .observer(move |event| {
                if let TokenEvent::Acquired {
                    from: Provenance::Refresh(_),
                    ..
                } = event
                {
                    add(&waits.waited);
                }
            })
            .build();
        keyring = keyring.bind(
            vendor.protection_space().with_account(account(number)),
            bearer,
        )?;
    }
    Ok(keyring.build())
}

async fn load(
    client: ClientWithMiddleware,
    url: String,
    account: Account,
    counts: Arc<Counts>,
    end: Instant,
) {
    while Instant::now() < end {
        add(&counts.requests);
        let answer = client
            .get(&url)
            .with_extension(account.clone())
            .send()
            .await;
        match answer {
            Ok(answer) if answer.status().is_success() => {
                let outcome = answer.extensions().get::<Outcome>();
                if outcome.is_some_and(|outcome| outcome.attempts() > 1) {
                    add(&counts.replayed);
                }
            }
            Ok(_) | Err(_) => add(&counts.failed),
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn report(counts: &Counts) {
    println!("| what | count |");
    println!("|---|---:|");
    for (what, count) in [
        ("requests", &counts.requests),
        ("requests that failed", &counts.failed),
        ("requests replayed after a refusal", &counts.replayed),
        ("requests that waited for an exchange", &counts.waited),
        ("exchanges sent", &counts.exchanges),
        ("exchanges broken on purpose", &counts.broken),
        ("tokens revoked on purpose", &counts.revoked),
    ] {
        println!("| {what} | {} |", count.load(Ordering::Relaxed));
    }
}
