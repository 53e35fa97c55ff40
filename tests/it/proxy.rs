//! Requests to loopback addresses use no proxy, even if the environment names one.

use std::process::Stdio;

use http::Request;
use multi_auth::Transport;
use multi_auth_reqwest::{ReqwestTransport, guarded_client, reqwest};
use multi_auth_testing::ScriptedServer;

use crate::redirect::{bound_to, key};

/// Where the child process finds the vendor.
const VENDOR: &str = "MULTI_AUTH_TEST_VENDOR";

/// The environment of a process is set before it starts, so the requests come from a child.
#[tokio::test]
async fn a_key_for_a_loopback_address_reaches_no_proxy_unless_the_callers_client_has_one() {
    let proxy = ScriptedServer::start().await.unwrap();
    let vendor = ScriptedServer::start().await.unwrap();
    let child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "proxy::sends_one_request_each_way"])
        .env(VENDOR, vendor.url())
        .env("http_proxy", proxy.url())
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .env_remove("REQUEST_METHOD")
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();

    assert!(child.status.success(), "{child:?}");
    let paths = |server: &ScriptedServer| {
        let requests = server.requests().into_iter();
        requests.map(|request| request.path).collect::<Vec<_>>()
    };
    assert_eq!(paths(&vendor), ["/guarded", "/transport"]);
    // A client of the caller's own says itself what goes through a proxy.
    assert_eq!(paths(&proxy), ["/own"]);
}

#[tokio::test]
#[ignore = "the child of the test above"]
async fn sends_one_request_each_way() {
    let Ok(vendor) = std::env::var(VENDOR) else {
        return;
    };
    let url = |path: &str| format!("{vendor}{path}");
    let client = guarded_client(bound_to(&vendor, key()));
    let client = client.build().unwrap();
    client.get(url("/guarded")).send().await.unwrap();

    let request = Request::post(url("/transport")).body(Vec::new()).unwrap();
    ReqwestTransport::new()
        .unwrap()
        .send(request)
        .await
        .unwrap();

    let own = guarded_client(bound_to(&vendor, key())).with_client(reqwest::Client::builder());
    let own = own.build().unwrap();
    own.get(url("/own")).send().await.unwrap();
}
