//! What requests say besides the credential: who sends them, and what a vendor asks for.

use http::StatusCode;
use multi_auth_testing::{ImmutaSimulator, ScriptedResponse, ScriptedServer};

use crate::program::Home;

fn ours() -> String {
    format!("multi-auth/{}", env!("CARGO_PKG_VERSION"))
}

/// A vendor that refuses requests that do not say who sends them, as GitHub does.
async fn strict(fields: &str) -> (ScriptedServer, Home) {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(|request| {
        let status = match request.header("user-agent") {
            Some(_) => StatusCode::OK,
            None => StatusCode::FORBIDDEN,
        };
        ScriptedResponse::new(status)
    });
    let home = Home::new(&format!(
        "[vendors.v]\nurl = '{}'\nscheme = 'bearer'\nverify = '/me'\nkey = {{ file = 'key' }}\n{fields}\n",
        server.url()
    ));
    home.secret("key", "k-canary");
    (server, home)
}

#[tokio::test]
async fn every_request_of_the_program_says_that_the_program_sends_it() {
    let (server, home) = strict("").await;
    assert_eq!(home.run(&["check"]).await.code, Some(0));
    assert_eq!(home.run(&["request", server.url()]).await.code, Some(0));
    for request in server.requests() {
        assert_eq!(request.header_values("user-agent"), [ours()]);
    }
    let immuta = ImmutaSimulator::start().await.unwrap();
    let home = Home::new(&format!(
        "[vendors.v]\npreset = 'immuta'\nurl = '{}'\nkey = {{ file = 'key' }}\n",
        immuta.url()
    ));
    home.secret("key", immuta.api_key());
    assert_eq!(home.run(&["check"]).await.code, Some(0));
    assert_eq!(immuta.request_count(), 2);
    for request in immuta.requests() {
        assert_eq!(request.header_values("user-agent"), [ours()]);
    }
}

#[tokio::test]
async fn a_vendors_headers_go_with_every_request_and_the_callers_own_win() {
    let fields = "headers = { user-agent = 'acme/1', accept = 'application/json' }";
    let (server, home) = strict(fields).await;
    assert_eq!(home.run(&["check"]).await.code, Some(0));
    let url = server.url();
    let own = ["request", url, "-H", "User-Agent: own/2"];
    for arguments in [&["request", url][..], &own] {
        assert_eq!(home.run(arguments).await.code, Some(0));
    }
    let requests = server.requests();
    let agents = requests.iter().map(|one| one.header_values("user-agent"));
    let agents: Vec<_> = agents.collect();
    assert_eq!(agents, [["acme/1"], ["acme/1"], ["own/2"]]);
    let accept = |one: &multi_auth_testing::RecordedRequest| {
        one.header("accept") == Some("application/json")
    };
    assert!(requests.iter().all(accept), "{requests:?}");
}

/// A firewall and a server that wants a `User-Agent` answer 403 too, and no permission helps there.
#[tokio::test]
async fn a_403_that_names_no_permission_is_not_said_to_be_one() {
    let (server, home) = strict("").await;
    let lacking = "Bearer error=\"insufficient_scope\"";
    for (challenge, says) in [(None, "gives no reason"), (Some(lacking), "grant")] {
        let mut answer = ScriptedResponse::new(StatusCode::FORBIDDEN);
        if let Some(challenge) = challenge {
            answer = answer.with_header("www-authenticate", challenge).unwrap();
        }
        server.respond_with(move |_| answer.clone());
        for command in [&["check"][..], &["request", server.url()]] {
            let run = home.run(command).await;
            assert_eq!(run.code, Some(1), "{run:?}");
            assert!(run.shown().contains("error[missing-permission]"), "{run:?}");
            assert!(run.shown().contains(says), "{run:?}");
        }
    }
}
