//! How much memory a hostile endpoint can make an exchange take.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on panics"
)]

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use multi_auth::{TokenExchange, TokenSource, Transport};
use multi_auth_reqwest::ReqwestTransport;
use multi_auth_testing::{Answer, ScriptedServer};
use multi_auth_tower::TowerTransport;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const MIB: usize = 1024 * 1024;

fn answers() -> Vec<(&'static str, usize, Answer)> {
    let json = |body: String| {
        let answer = Answer::default().with_header("content-type", "application/json");
        answer.unwrap().with_body(body)
    };
    let endless = || Answer::default().with_endless_body(vec![b' '; 64 * 1024]);
    vec![
        ("an answer without end", 8, endless()),
        ("a mebibyte of brackets", 8, json("[".repeat(MIB))),
        (
            "a mebibyte of text",
            8,
            json(format!("\"{}\"", "x".repeat(MIB - 2))),
        ),
        // Each number is a node of 32 bytes, in a list that doubles as it grows.
        (
            "a mebibyte of numbers",
            32,
            json(format!("[{}1]", "1,".repeat(MIB / 2 - 2))),
        ),
    ]
}

#[tokio::test]
async fn a_hostile_answer_takes_bounded_memory() {
    let tower =
        TowerTransport::<_, Full<Bytes>>::new(Client::builder(TokioExecutor::new()).build_http());
    let transports: [(&str, Arc<dyn Transport>); 2] = [
        ("reqwest", Arc::new(ReqwestTransport::new().unwrap())),
        ("tower", Arc::new(tower)),
    ];
    for (adapter, transport) in transports {
        for (name, limit, answer) in answers() {
            let server = ScriptedServer::start().await.unwrap();
            server.push(answer);
            let exchange = TokenExchange::builder(server.url(), Arc::clone(&transport));
            let exchange = exchange.unwrap().build();

            let profiler = dhat::Profiler::builder().testing().build();
            exchange.token().await.unwrap_err();
            let peak = dhat::HeapStats::get().max_bytes;
            drop(profiler);

            print(adapter, name, peak);
            assert!(peak <= limit * MIB, "{adapter}, {name}: {peak} bytes");
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the figure is what whoever runs this wants to see"
)]
fn print(adapter: &str, name: &str, peak: usize) {
    println!("{adapter:<8} {name:<24} {:>6} KiB at most", peak / 1024);
}
