//! What says who sends a request: `User-Agent` (RFC 9110, 10.1.5).

use multi_auth::{Bearer, Immuta, Keyring, TokenEndpoint, Transport};
use multi_auth_reqwest::{ReqwestTransport, reqwest};
use multi_auth_testing::{ImmutaSimulator, ScriptedServer};

use crate::adapter::Adapter;

/// What the token request over `transport` says, and what the request that needs the token says.
async fn agents(adapter: Adapter, transport: impl Transport + 'static) -> [Option<String>; 2] {
    let server = ImmutaSimulator::start().await.unwrap();
    let immuta = Immuta::new(server.url()).unwrap();
    let bearer = immuta.bearer(server.api_key(), transport).unwrap();
    let keyring = Keyring::builder()
        .bind(immuta.protection_space(), bearer)
        .unwrap();
    let client = adapter.client(&keyring.build());
    client
        .get(&format!("{}/audit", server.url()))
        .await
        .unwrap();
    ["/bim/apikey/authenticate", "/audit"].map(|path| {
        let request = server.requests_to(path).pop().unwrap();
        request.header("user-agent").map(str::to_owned)
    })
}

fn ours() -> String {
    format!("multi-auth/{}", env!("CARGO_PKG_VERSION"))
}

on_each_adapter! {
    async fn a_token_request_names_the_library_and_a_request_of_the_callers_does_not(adapter: Adapter) {
        let [endpoint, request] = agents(adapter, adapter.transport()).await;
        assert_eq!(endpoint, Some(ours()));
        assert_eq!(request, None);
    }
}

#[tokio::test]
async fn the_user_agent_of_a_transports_own_client_wins() {
    let named = reqwest::Client::builder().user_agent("acme/1");
    let named = ReqwestTransport::with_client(named).unwrap();
    let [endpoint, _] = agents(Adapter::Reqwest, named).await;
    assert_eq!(endpoint.as_deref(), Some("acme/1"));
    let quoted = reqwest::Client::builder().default_headers(
        [(http::header::ACCEPT, "\"user-agent\": ".parse().unwrap())]
            .into_iter()
            .collect(),
    );
    let quoted = ReqwestTransport::with_client(quoted).unwrap();
    let [endpoint, _] = agents(Adapter::Reqwest, quoted).await;
    assert_eq!(endpoint, Some(ours()));
}

#[tokio::test]
async fn what_is_described_for_a_token_request_wins_over_the_transports_client() {
    let server = ScriptedServer::start().await.unwrap();
    let named = reqwest::Client::builder().user_agent("acme/1");
    let transport = ReqwestTransport::with_client(named).unwrap();
    let endpoint = TokenEndpoint::builder(server.url(), transport).unwrap();
    let endpoint = endpoint.header("user-agent", "other/2").unwrap().build();
    let _ = Bearer::new(endpoint).refresh().await;
    let sent = server.requests().pop().unwrap();
    assert_eq!(sent.header_values("user-agent"), ["other/2"]);
}

#[tokio::test]
async fn a_request_that_is_given_to_a_transport_without_a_name_gets_one() {
    let server = ScriptedServer::start().await.unwrap();
    let request = http::Request::get(server.url()).body(Vec::new()).unwrap();
    let transport = ReqwestTransport::new().unwrap();
    transport.send(request).await.unwrap();
    let sent = server.requests().pop().unwrap();
    assert_eq!(sent.header("user-agent"), Some(&*ours()));
}
