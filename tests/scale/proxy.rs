//! The address of Redis, which leads to another server after a failover, and can be slow.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) port: u16,
    settings: Arc<Mutex<Settings>>,
}

#[derive(Clone, Copy)]
struct Settings {
    target: u16,
    delay: Duration,
}

impl Proxy {
    /// Forwards connections to the port `target` of loopback.
    pub(crate) async fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let delay = Duration::ZERO;
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            settings: Arc::new(Mutex::new(Settings { target, delay })),
        };
        let serving = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serving.clone().forward(client));
            }
        });
        proxy
    }

    pub(crate) fn lead_to(&self, target: u16) {
        self.settings.lock().unwrap().target = target;
    }

    /// Delays what clients send.
    pub(crate) fn slow_down(&self, delay: Duration) {
        self.settings.lock().unwrap().delay = delay;
    }

    fn settings(&self) -> Settings {
        *self.settings.lock().unwrap()
    }

    async fn forward(self, client: TcpStream) {
        let Ok(server) = TcpStream::connect(("127.0.0.1", self.settings().target)).await else {
            return;
        };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (client, server) = (client.into_split(), server.into_split());
        // If either side closes, both are closed.
        tokio::select! {
            () = self.copy(client.0, server.1, true) => {}
            () = self.copy(server.0, client.1, false) => {}
        }
    }

    async fn copy(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is_delayed: bool) {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(len @ 1..) = from.read(&mut buffer).await {
            if is_delayed {
                tokio::time::sleep(self.settings().delay).await;
            }
            if to.write_all(&buffer[..len]).await.is_err() {
                return;
            }
        }
    }
}
