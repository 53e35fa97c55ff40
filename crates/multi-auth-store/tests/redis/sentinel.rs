//! Sentinels name the primary, also after a failover.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use multi_auth_store::redis::RedisStore;
use multi_auth_store::{StoredAccount, StoredTokens};

use crate::server::{KEY, Server, free_port, key, sealing_key, wait_for_port};

/// A sentinel that declares a primary down after 200 milliseconds.
struct Sentinel {
    port: u16,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Sentinel {
    fn of(primary: &Server) -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let file = folder.path().join("sentinel.conf");
        let settings = format!(
            "bind 127.0.0.1\nport {port}\nsentinel monitor main 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds main 200\nsentinel failover-timeout main 2000\n",
            primary.port
        );
        std::fs::write(&file, settings).unwrap();
        let process = Command::new(std::env::var("REDIS").unwrap())
            .arg(&file)
            .arg("--sentinel")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        wait_for_port(port);
        Self {
            port,
            process,
            _folder: folder,
        }
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port whose connections are closed at once.
struct Closed(tokio::task::JoinHandle<()>);

impl Closed {
    fn at(port: u16) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        Self(tokio::spawn(async move {
            while let Ok(connection) = listener.accept().await {
                drop(connection);
            }
        }))
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn after_a_failover_the_new_primary_is_used() {
    let mut primary = Server::start();
    let of = format!("127.0.0.1 {}", primary.port);
    let replica = Server::with(&["--replicaof", &of]);
    while !replica
        .run::<String>("INFO replication")
        .contains("master_link_status:up")
    {
        tokio::task::yield_now().await;
    }
    let sentinel = Sentinel::of(&primary);
    let url = format!("redis+sentinel://127.0.0.1:{}/main", sentinel.port);
    let store = RedisStore::builder(&url, sealing_key(KEY))
        .unwrap()
        .dangerous_plain_tcp()
        .build()
        .unwrap();
    let account = StoredAccount::new(store, key());
    account
        .replace(&StoredTokens::default().with_refresh_token("r-1"))
        .await
        .unwrap();
    while replica.run::<u64>("DBSIZE") == 0 {
        tokio::task::yield_now().await;
    }
    // The sentinel must know the replica before it can promote it.
    let info = || {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", sentinel.port)).unwrap();
        let mut connection = client.get_connection().unwrap();
        redis::cmd("INFO")
            .arg("sentinel")
            .query::<String>(&mut connection)
            .unwrap()
    };
    while !info().contains("slaves=1") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    primary.kill();
    // No other test gets the port: the sentinel still names it for a while.
    let _port = Closed::at(primary.port);
    let tokens = loop {
        match account.tokens().await {
            Ok(tokens) => break tokens,
            Err(error) => assert!(error.is_transient(), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(tokens.refresh_token().is_some());
    account
        .replace(&StoredTokens::default().with_refresh_token("r-2"))
        .await
        .unwrap();
    let info: String = replica.run("INFO replication");
    assert!(info.contains("role:master"), "{info}");
}
