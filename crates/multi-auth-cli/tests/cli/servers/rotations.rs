//! Ten processes that refresh one login through Redis, while some are killed. The server replaces
//! the refresh token each time, and revokes the login if one is presented twice.
//!
//! `REDIS` names Redis's program. `ROTATIONS` is 1,000 by default.
//!
//! A process that is killed after the server has replaced the refresh token, and before it has
//! stored the new one, loses the login: no other process has the new one. So a process asks before
//! it sends a token request, and it is not killed until it has stored the response.

mod process;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use multi_auth::oauth::{Client, Grant};
use multi_auth::{TokenEndpoint, TokenSource};
use multi_auth_reqwest::ReqwestTransport;
use multi_auth_store::redis::RedisStore;
use multi_auth_store::{SealingKey, StoreKey, StoredAccount, StoredTokens};
use tokio::sync::{Mutex, OwnedRwLockReadGuard, RwLock};
use tokio::task::JoinSet;

use self::process::{Line, Process};
use super::Server;
use crate::redis_server::{self, KEY};

/// How many processes refresh the login.
const PROCESSES: usize = 10;

/// The process that does every 20th rotation is killed. Chance decides which process that is.
const ROTATIONS_PER_KILL: usize = 20;

pub(super) fn account(port: u16) -> StoredAccount {
    let key = SealingKey::from_base64(KEY).unwrap();
    let store = RedisStore::builder(&format!("redis://127.0.0.1:{port}"), key).unwrap();
    let entry = StoreKey::new("example", "default").unwrap();
    // Each token request is one rotation, and a killed process delays the others for 3 s at most.
    StoredAccount::new(store.build().unwrap(), entry)
        .without_access_tokens()
        .with_request_timeout(Duration::from_secs(2))
        // Processes are killed more often than a lease ends.
        .with_lease_timeout(Duration::from_secs(60))
}

/// What the processes have done.
#[derive(Default)]
struct Counts {
    rotations: usize,
    kills: usize,
    failures: Vec<String>,
}

impl Counts {
    /// Counts one rotation more, and returns how many there are.
    fn rotated(&mut self) -> usize {
        self.rotations += 1;
        self.rotations
    }
}

/// While it is held for reading, a token request runs and no process is killed.
type Gate = Arc<RwLock<()>>;

/// Starts one process after the other, until `enough` rotations are done.
async fn run(issuer: String, port: u16, gate: Gate, counts: Arc<Mutex<Counts>>, enough: usize) {
    while counts.lock().await.rotations < enough {
        let mut process = Process::start(&issuer, port);
        let mut under_way: Option<OwnedRwLockReadGuard<()>> = None;
        while let Some(line) = process.line().await {
            // The token request before it has ended.
            drop(under_way.take());
            match line {
                Line::Asks => {
                    under_way = Some(Arc::clone(&gate).read_owned().await);
                    process.go().await;
                }
                Line::Rotated => {
                    let rotations = counts.lock().await.rotated();
                    if rotations.is_multiple_of(ROTATIONS_PER_KILL) {
                        let _no_token_request = gate.write().await;
                        counts.lock().await.kills += 1;
                        process.kill().await;
                        break;
                    }
                }
                Line::Failed(error) => {
                    counts.lock().await.failures.push(error);
                }
            }
            if counts.lock().await.rotations >= enough && under_way.is_none() {
                return process.kill().await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs an authorization server and Redis"]
#[allow(clippy::print_stdout, reason = "the figures are in the documentation")]
async fn ten_processes_that_are_killed_in_between_reuse_and_lose_no_refresh_token() {
    let enough = std::env::var("ROTATIONS").map_or(1_000, |number| number.parse().unwrap());
    let (provider, redis) = (Server::oidc_provider().await, redis_server::Server::start());
    let home = super::login::home(&provider);
    assert_eq!(super::login::log_in(&home).await.code, Some(0));
    let first = super::grants::refresh_token(&super::grants::stored(&home)).await;
    let account = account(redis.port);
    let tokens = StoredTokens::default().with_refresh_token(first);
    account.replace(&tokens).await.unwrap();

    let (gate, counts) = (Gate::default(), Arc::<Mutex<Counts>>::default());
    let mut processes = JoinSet::new();
    for _ in 0..PROCESSES {
        let (gate, counts) = (Arc::clone(&gate), Arc::clone(&counts));
        processes.spawn(run(
            provider.issuer.clone(),
            redis.port,
            gate,
            counts,
            enough,
        ));
    }
    while let Some(ended) = processes.join_next().await {
        ended.unwrap();
    }
    let counts = counts.lock().await;
    let failures = counts
        .failures
        .iter()
        .fold(HashMap::new(), |mut counted, error| {
            *counted.entry(error.as_str()).or_insert(0_usize) += 1;
            counted
        });
    println!(
        "{} rotations, {} kills, failures: {failures:?}",
        counts.rotations, counts.kills
    );
    assert!(
        counts.kills >= enough / ROTATIONS_PER_KILL,
        "{} kills",
        counts.kills
    );
    assert!(failures.is_empty(), "{failures:?}");

    // The login still works, and the server detects reuse: after it, the newest token is revoked.
    let used = super::grants::refresh_token(&account).await;
    rotate_once(&provider, &account).await;
    let newest = super::grants::refresh_token(&account).await;
    for token in [used, newest] {
        let refused = super::refusals::refresh(&provider, token).await;
        assert!(refused.contains("log in again"), "{refused}");
    }
}

async fn rotate_once(provider: &Server, account: &StoredAccount) {
    let transport = ReqwestTransport::new().unwrap();
    let url = format!("{}/token", provider.issuer);
    let endpoint = TokenEndpoint::builder(&url, transport).unwrap();
    let client = Client::public("terminal").unwrap();
    let source =
        account.refreshing(|tokens| endpoint.grant(Grant::refresh_token(tokens), client).build());
    source.token().await.unwrap();
}
