//! A Redis server on loopback, and stores that use it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use multi_auth::{Clock, SystemClock, Token};
use multi_auth_store::redis::{RedisStore, RedisStoreBuilder};
use multi_auth_store::{
    Acquired, Lease, SealingKey, StoreKey, Stored, StoredTokens, TokenStore, Wanted,
};
use redis::{FromRedisValue, cmd};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub(crate) const KEY: &str = "l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=";
pub(crate) const OTHER_KEY: &str = "9dQbhDYVBsVbQHQv7fQ4mFSQmdYvHDW5Qm0qQ5Y0m1c=";

/// Longer than any test holds a lease.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// How long a test waits for a server.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process of Redis. It stops when this is dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    folder: TempDir,
    options: Vec<String>,
    process: Child,
}

/// A port that was free a moment ago: Redis needs a number.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options: Vec<_> = options.iter().map(|&option| option.to_owned()).collect();
        let port = free_port();
        let process = spawn(port, folder.path(), &options);
        let server = Self {
            port,
            folder,
            options,
            process,
        };
        server.wait();
        server
    }

    /// Kills the process.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again on the same port, without its data.
    pub(crate) fn restart(&mut self) {
        self.process = spawn(self.port, self.folder.path(), &self.options);
        self.wait();
    }

    /// Stops the process, which keeps its connections.
    pub(crate) fn suspend(&self) {
        self.signal(Signal::STOP);
    }

    pub(crate) fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(self.process.id().cast_signed()).unwrap();
        kill_process(id, signal).unwrap();
    }

    fn wait(&self) {
        if self.options.iter().any(|option| option == "--tls-port") {
            return wait_for_port(self.port);
        }
        let began = SystemClock.monotonic();
        while redis::Client::open(self.url())
            .unwrap()
            .get_connection()
            .is_err()
        {
            assert!(began.elapsed() < PATIENCE, "Redis does not start");
            std::thread::yield_now();
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn builder(&self) -> RedisStoreBuilder {
        RedisStore::builder(&self.url(), sealing_key(KEY)).unwrap()
    }

    pub(crate) fn store(&self) -> RedisStore {
        self.builder().build().unwrap()
    }

    /// Runs a command: its words, with spaces between them.
    pub(crate) fn run<T: FromRedisValue>(&self, command: &str) -> T {
        let mut connection = redis::Client::open(self.url())
            .unwrap()
            .get_connection()
            .unwrap();
        let mut words = command.split(' ');
        let mut command = cmd(words.next().unwrap());
        command.arg(words.collect::<Vec<_>>());
        command.query(&mut connection).unwrap()
    }

    /// The name of the only entry.
    pub(crate) fn entry(&self) -> String {
        let keys: Vec<String> = self.run("KEYS multi-auth:*}");
        assert_eq!(keys.len(), 1, "{keys:?}");
        keys[0].clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `REDIS`, on `port` of loopback, without persistence.
pub(crate) fn spawn(port: u16, folder: &Path, options: &[String]) -> Child {
    let program = std::env::var("REDIS").expect("REDIS names the program of Redis");
    let has_tls = options.iter().any(|option| option == "--tls-port");
    let plain = if has_tls { 0 } else { port };
    Command::new(program)
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .args(["--port", &plain.to_string()])
        .args(
            options
                .iter()
                .map(|option| option.replace("PORT", &port.to_string())),
        )
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

pub(crate) fn wait_for_port(port: u16) {
    let began = SystemClock.monotonic();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < PATIENCE, "Redis does not start");
        std::thread::yield_now();
    }
}

pub(crate) fn sealing_key(text: &str) -> SealingKey {
    SealingKey::from_base64(text).unwrap()
}

pub(crate) fn key() -> StoreKey {
    StoreKey::new("example", "ada").unwrap()
}

/// An access token that is valid for `seconds`.
pub(crate) fn access_token(value: &str, seconds: u64) -> StoredTokens {
    let expiry = SystemClock.wall() + Duration::from_secs(seconds);
    StoredTokens::default().with_access_token(Token::new(value).with_expiry(expiry))
}

/// What a process that has seen `revision` wants.
pub(crate) fn newer_than(revision: u64) -> Wanted {
    Wanted::new(revision, SystemClock.wall())
}

pub(crate) async fn acquire(store: &RedisStore, wanted: Wanted) -> Acquired {
    store.acquire(&key(), &wanted, LIMIT).await.unwrap()
}

/// The lease, which is free.
pub(crate) async fn taken(store: &RedisStore, revision: u64) -> (Lease, Stored) {
    match acquire(store, newer_than(revision)).await {
        Acquired::Taken(lease, stored) => (lease, stored),
        other => panic!("{other:?}"),
    }
}
