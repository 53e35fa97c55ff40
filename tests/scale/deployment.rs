//! The processes, the server of the store, and the vendor.

use multi_auth::{Clock, SystemClock};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::proxy::Proxy;
use crate::redis_server::Server;
use crate::replica::{NUMBER, REDIS_PORT, VENDOR};
use crate::vendor::Vendor;

pub(crate) struct Deployment {
    pub(crate) redis: Server,
    pub(crate) standby: Server,
    pub(crate) proxy: Proxy,
    pub(crate) vendor: Vendor,
    /// The number of the process of each token request.
    pub(crate) requesters: UnboundedReceiver<usize>,
    replicas: Vec<Child>,
    failures: Arc<Mutex<Vec<String>>>,
}

impl Deployment {
    pub(crate) async fn start(processes: usize, lifetime: Duration) -> Self {
        let redis = Server::start();
        let of = format!("127.0.0.1 {}", redis.port);
        let standby = Server::with(&["--replicaof", &of]);
        let proxy = Proxy::start(redis.port).await;
        let (vendor, requesters) = Vendor::start(lifetime).await;
        let mut deployment = Self {
            redis,
            standby,
            proxy,
            vendor,
            requesters,
            replicas: Vec::new(),
            failures: Arc::default(),
        };
        for number in 0..processes {
            let replica = deployment.spawn(number);
            deployment.replicas.push(replica);
        }
        deployment
    }

    fn spawn(&self, number: usize) -> Child {
        let mut replica = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "replica::replica", "--ignored", "--nocapture"])
            .env(REDIS_PORT, self.proxy.port.to_string())
            .env(VENDOR, &self.vendor.url)
            .env(NUMBER, number.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(replica.stdout.take().unwrap());
        let failures = Arc::clone(&self.failures);
        std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            for line in lines.filter(|line| line.starts_with("failed")) {
                failures.lock().unwrap().push(line);
            }
        });
        replica
    }

    /// Kills the process `number`, and starts another one in its place.
    pub(crate) fn replace(&mut self, number: usize) {
        let old = &mut self.replicas[number];
        old.kill().unwrap();
        old.wait().unwrap();
        self.replicas[number] = self.spawn(number);
    }

    pub(crate) fn signal(&self, number: usize, signal: Signal) {
        let id = Pid::from_raw(self.replicas[number].id().cast_signed()).unwrap();
        kill_process(id, signal).unwrap();
    }

    /// The process that sends the next token request, while it waits for the response.
    pub(crate) async fn next_requester(&mut self) -> usize {
        while self.requesters.try_recv().is_ok() {}
        self.requesters.recv().await.unwrap()
    }

    pub(crate) fn failures(&self) -> Vec<String> {
        self.failures.lock().unwrap().clone()
    }

    /// When the process of each replica has sent its first request, or a minute has passed.
    pub(crate) async fn warm_up(&self) {
        let began = SystemClock.monotonic();
        let enough = self.replicas.len() * 3;
        while self.vendor.counts().accepted < enough {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "the processes do not start"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        for replica in &mut self.replicas {
            let _ = replica.kill();
            let _ = replica.wait();
        }
    }
}
