//! How much memory a hostile endpoint can make a token request take, and an idle connection takes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on panics"
)]

mod answers;
mod connections;

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use multi_auth::{TokenEndpoint, TokenSource, Transport};
use multi_auth_reqwest::ReqwestTransport;
use multi_auth_tower::TowerTransport;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use self::answers::answers;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// One test at a time measures.
static MEASURED: Mutex<()> = Mutex::const_new(());

const MIB: usize = 1024 * 1024;

/// The most memory that a token request may use for any response.
const LIMIT: usize = 4 * MIB;

/// Sends `answer` to one request. What is measured is the client alone.
async fn serve(answer: Arc<[u8]>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = connection.read(&mut request).await;
        // A client that has read enough hangs up.
        let _ = connection.write_all(&answer).await;
    });
    url
}

#[tokio::test]
async fn a_hostile_answer_takes_bounded_memory() {
    let _alone = MEASURED.lock().await;
    let tower =
        TowerTransport::<_, Full<Bytes>>::new(Client::builder(TokioExecutor::new()).build_http());
    let transports: [(&str, Arc<dyn Transport>); 2] = [
        ("reqwest", Arc::new(ReqwestTransport::new().unwrap())),
        ("tower", Arc::new(tower)),
    ];
    let answers = answers();
    let mut most = 0;
    for (adapter, transport) in transports {
        for (name, answer) in &answers {
            let url = serve(Arc::clone(answer)).await;
            let endpoint = TokenEndpoint::builder(&url, Arc::clone(&transport));
            let endpoint = endpoint.unwrap().refused_unless("/a/0/accepted").build();

            let profiler = dhat::Profiler::builder().testing().build();
            drop(endpoint.token().await);
            let peak = dhat::HeapStats::get().max_bytes;
            drop(profiler);

            most = most.max(peak);
            print(adapter, name, peak);
            assert!(peak <= LIMIT, "{adapter}, {name}: {peak} bytes");
        }
    }
    print("both", "the most of all", most);
}

#[expect(clippy::print_stdout, reason = "the figure is the output of the test")]
fn print(adapter: &str, name: &str, peak: usize) {
    println!("{adapter:<12} {name:<32} {peak:>9} bytes");
}
