//! How much memory an idle connection of a caller takes in the proxy.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use multi_auth_config::Config;
use multi_auth_config::proxy::{ListenAddress, ProxySettings};
use multi_auth_proxy::{Listener, Proxy};
use multi_auth_reqwest::ReqwestTransport;

use super::{MEASURED, print};

/// The most memory of an idle connection.
const LIMIT: usize = 2 * 1024;

const CONNECTIONS: usize = 200;

/// The proxy's address. It has no vendors.
async fn serve() -> SocketAddr {
    let config = Config::parse("", "multi-auth.toml", []).unwrap();
    let builder = Proxy::builder(ReqwestTransport::new().unwrap());
    let proxy = builder.build(&config, &ProxySettings::default()).await;
    let address = ListenAddress::Tcp("127.0.0.1:0".parse().unwrap());
    let listener = Listener::bind(&address).unwrap();
    let address = listener.tcp_address().unwrap();
    let proxy = proxy.unwrap();
    tokio::spawn(async move {
        let stop = std::future::pending();
        proxy.serve(listener, stop, Duration::ZERO).await;
    });
    address
}

/// A connection that has had a response.
fn connect(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /v/x HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = [0; 2048];
    let length = stream.read(&mut response).unwrap();
    assert!(response[..length].starts_with(b"HTTP/1.1 404"));
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_idle_connection_takes_less_than_two_kib() {
    let _alone = MEASURED.lock().await;
    let address = serve().await;
    // What the first connections take is for all of them.
    drop([connect(address), connect(address)]);

    let profiler = dhat::Profiler::builder().testing().build();
    let connections: Vec<_> = (0..CONNECTIONS).map(|_| connect(address)).collect();
    let busy = dhat::HeapStats::get().curr_bytes / CONNECTIONS;
    let mut idle = busy;
    // They are idle after a second.
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        idle = dhat::HeapStats::get().curr_bytes / CONNECTIONS;
        if idle <= LIMIT {
            break;
        }
    }
    drop(profiler);

    print("a connection", "just after a request", busy);
    print("a connection", "idle", idle);
    assert!(idle <= LIMIT, "{idle} bytes");
    drop(connections);
}
