//! `request --times`: reasons, latencies, several at once, and a tally when it is interrupted.

use std::process::Stdio;

use http::StatusCode;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use tokio::process::Command;

use crate::program::{Home, Run};

async fn server_and_home() -> (ScriptedServer, Home) {
    let server = ScriptedServer::start().await.unwrap();
    let home = Home::new(&format!(
        "[vendors.v]\nurl = '{}'\nscheme = 'bearer'\nverify = '/me'\nkey = {{ file = 'key' }}\n",
        server.url()
    ));
    home.secret("key", "k-canary");
    (server, home)
}

#[tokio::test]
async fn the_reasons_of_failures_are_given_without_being_asked_for() {
    let (server, home) = server_and_home().await;
    server.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
    server.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
    server.push(ScriptedResponse::new(StatusCode::BAD_GATEWAY));
    let url = server.url().to_owned();
    let run = home.run(&["request", &url, "--times", "5"]).await;
    assert_eq!(run.shows_no_key().code, Some(1), "{run:?}");
    let tally = "5 requests: 2 x 200, 2 x 401, 1 x 502; 0 without a response";
    assert!(run.output.contains(tally), "{run:?}");
    assert!(
        run.errors.contains("error[refused-key]: 2 times: "),
        "{run:?}"
    );
    assert!(
        run.errors.contains("error[vendor-down]: 1 times: "),
        "{run:?}"
    );
    drop(server);
    let run = home.run(&["request", &url, "--times", "3"]).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(
        run.errors.contains("error[connection]: 3 times: "),
        "{run:?}"
    );
    assert!(run.errors.contains("onnection refused"), "{run:?}");
}

#[tokio::test]
async fn a_tally_has_latencies_for_people_and_machines() {
    let (server, home) = server_and_home().await;
    let run = home.run(&["request", server.url(), "--times", "20"]).await;
    assert!(run.output.contains("\nlatency: p50 "), "{run:?}");
    assert!(run.output.contains(", p99 "), "{run:?}");
    let run = home
        .run(&["request", server.url(), "--times", "20", "--json"])
        .await;
    let latency = run.json()["latency_ms"].clone();
    let [half, most] = ["p50", "p99"].map(|name| latency[name].as_f64().unwrap());
    assert!(0.0 < half && half <= most, "{run:?}");
}

#[tokio::test]
async fn so_many_requests_as_are_asked_for_are_on_their_way_at_once() {
    let (server, home) = server_and_home().await;
    let hold = server.hold("/");
    let arguments = ["request", server.url(), "--times", "9", "--parallel", "4"];
    let load = home.run(&arguments);
    let release = async {
        hold.arrived(4).await;
        assert_eq!(server.request_count(), 4);
        hold.release();
    };
    let (run, ()) = tokio::join!(load, release);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.output.starts_with("9 requests: 9 x 200; 0 "), "{run:?}");
    assert_eq!(server.request_count(), 9);
    let alone = ["request", server.url(), "--parallel", "4"];
    assert_eq!(home.run(&alone).await.code, Some(2));
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_ends_it_with_the_tally_so_far() {
    let (server, home) = server_and_home().await;
    server.push(ScriptedResponse::default());
    server.push(ScriptedResponse::default());
    let hold = server.hold("/third");
    let to_third = server.url().to_owned();
    // The third request is sent to where requests wait.
    server.respond_with(move |_| {
        let to = format!("{to_third}/third");
        ScriptedResponse::redirect(StatusCode::TEMPORARY_REDIRECT, &to).unwrap()
    });
    let mut command = home.command(&["request", server.url(), "--times", "1000"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    hold.arrived(1).await;
    let pid = child.id().unwrap().to_string();
    let killed = Command::new("kill").args(["-INT", &pid]).status().await;
    assert!(killed.unwrap().success());
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let shown = String::from_utf8(output.stdout).unwrap();
    let tally = "2 of 1000 requests, interrupted: 2 x 200; 0 without a response\nlatency: ";
    assert!(shown.starts_with(tally), "{shown}");
}

/// How `check`, `request` and `request --times` end for `answer`.
async fn codes(answer: ScriptedResponse) -> [Option<i32>; 3] {
    let (server, home) = server_and_home().await;
    server.respond_with(move |_| answer.clone());
    let url = format!("{}/me", server.url());
    let code = async |arguments: &[&str]| -> Option<i32> {
        let run: Run = home.run(arguments).await;
        run.code
    };
    [
        code(&["check"]).await,
        code(&["request", &url]).await,
        code(&["request", &url, "--times", "1"]).await,
    ]
}

#[tokio::test]
async fn one_answer_ends_every_command_with_one_exit_code() {
    for (status, code) in [
        (200, 0),
        (204, 0),
        (400, 1),
        (401, 1),
        (403, 1),
        (404, 1),
        (407, 3),
        (408, 3),
        (429, 3),
        (500, 3),
        (503, 3),
    ] {
        let answer = ScriptedResponse::new(StatusCode::from_u16(status).unwrap());
        assert_eq!(codes(answer).await, [Some(code); 3], "{status}");
    }
    let elsewhere =
        ScriptedResponse::redirect(StatusCode::FOUND, "https://other.example/").unwrap();
    assert_eq!(codes(elsewhere).await, [Some(1); 3]);
}
