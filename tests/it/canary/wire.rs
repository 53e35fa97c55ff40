//! Whole requests over loopback with the log at TRACE, the HTTP clients' own lines in it.

use std::io;
use std::sync::{Arc, Mutex};

use http::{Request, StatusCode};
use multi_auth::{ApiKey, AuthError, Bearer, Keyring, Placement, TokenEndpoint};
use multi_auth_testing::{Fault, ScriptedResponse, ScriptedServer};
use tracing_subscriber::fmt::MakeWriter;

use super::{Ledger, key, token};
use crate::adapter::{Adapter, Client};
use crate::body::TestBody;

/// What was logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn take(&self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut *self.0.lock().unwrap())).into_owned()
    }
}

/// How the vendor behaves, and what is then asked.
const ACTS: [&str; 9] = [
    "accepts",
    "refuses once",
    "refuses for ever",
    "lacks a permission",
    "redirects away",
    "repeats its query in a redirect",
    "hangs up",
    "refuses the key",
    "has a broken token request",
];

fn placements() -> [(&'static str, Placement); 4] {
    [
        ("authorization", Placement::bearer()),
        ("own header", Placement::header("x-token").unwrap()),
        ("query", Placement::query("token").unwrap()),
        ("cookie", Placement::cookie("token").unwrap()),
    ]
}

pub(super) async fn look(ledger: &mut Ledger) {
    // Lines of the `log` crate go to whichever subscriber their thread has, and this test has one.
    tracing_log::LogTracer::init().unwrap();
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _logging = multi_auth_tests::listen(subscriber);

    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        for (place, placement) in placements() {
            for act in ACTS {
                // tracing may have disabled a callsite that another test reached while this
                // subscriber was being set.
                tracing::callsite::rebuild_interest_cache();
                let site = format!("{adapter:?}, {place}, {act}");
                let answers = play(adapter, placement.clone(), act).await;
                for (number, answer) in answers.iter().enumerate() {
                    match answer {
                        Ok(answer) => ledger.see_debug(format!("{site}, answer {number}"), answer),
                        Err(error) => ledger.see_error(format!("{site}, error {number}"), &**error),
                    }
                }
                ledger.see(format!("{site}, log"), log.take());
            }
            let site = format!("{adapter:?}, {place}, fixed key, no server");
            look_at_dead_end(ledger, &site, adapter, placement).await;
            ledger.see(format!("{site}, log"), log.take());
        }
    }
    for line in [
        "DEBUG multi_auth::",
        "TRACE hyper_util::",
        "TRACE log: ",
        "DEBUG hyper_util::",
    ] {
        assert!(ledger.has_read(line), "the log has lines of {line}");
    }
}

async fn look_at_dead_end(ledger: &mut Ledger, site: &str, adapter: Adapter, placement: Placement) {
    // Nothing listens on port 1.
    let keyring = Keyring::builder()
        .bind("http://127.0.0.1:1", ApiKey::new(placement, key()).unwrap())
        .unwrap()
        .build();
    let client = adapter.client(&keyring);
    ledger.see_error(site, &*client.get("http://127.0.0.1:1/").await.unwrap_err());
    if let Client::Reqwest(client) = client {
        let request = client.get("http://127.0.0.1:1/?a=1");
        ledger.see_error(
            format!("{site}, by itself"),
            &request.send().await.unwrap_err(),
        );
    }
}

type Answers = Vec<Result<crate::adapter::Answer, tower::BoxError>>;

async fn play(adapter: Adapter, placement: Placement, act: &str) -> Answers {
    let (home, away) = crate::redirect::servers().await;
    let auth = ScriptedServer::start().await.unwrap();
    auth.respond_with(|_| {
        ScriptedResponse::default().with_json(&serde_json::json!({ "access_token": token() }))
    });
    direct(act, &home, &away, &auth);

    let endpoint = TokenEndpoint::builder(auth.url(), adapter.transport()).unwrap();
    let endpoint = endpoint
        .form([("client_secret", key())])
        .authorized_by(ApiKey::query("client_key", key()).unwrap())
        .build();
    let bearer = Bearer::builder(endpoint).placement(placement).build();
    let keyring = Keyring::builder().bind(home.url(), bearer).unwrap().build();
    let client = adapter.client(&keyring);
    let mut answers = Vec::new();
    for _ in 0..2 {
        let request = Request::get(format!("{}/v1?a=1", home.url())).body(TestBody::default());
        answers.push(client.send(request.unwrap()).await);
    }
    let has_failed = answers.iter().any(Result::is_err);
    let must_fail = matches!(
        act,
        "hangs up" | "refuses the key" | "has a broken token request"
    );
    assert!(has_failed || !must_fail, "{adapter:?}, {act}: {answers:?}");
    for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert_eq!(
            AuthError::find(&**error).is_some(),
            act != "hangs up",
            "{error:?}"
        );
    }
    answers
}

fn direct(act: &str, home: &ScriptedServer, away: &ScriptedServer, auth: &ScriptedServer) {
    let refused = || {
        let challenge = format!("Bearer error_description=\"{} is no good\"", token());
        ScriptedResponse::new(StatusCode::UNAUTHORIZED)
            .with_header("www-authenticate", &challenge)
            .unwrap()
    };
    match act {
        "accepts" => {}
        "refuses once" => home.push(refused()),
        "refuses for ever" => home.respond_with(move |_| refused()),
        "lacks a permission" => home.respond_with(|_| {
            let challenge = "Bearer error=\"insufficient_scope\"";
            ScriptedResponse::new(StatusCode::FORBIDDEN)
                .with_header("www-authenticate", challenge)
                .unwrap()
        }),
        "redirects away" => home.push(crate::redirect::redirect_to(away, "/")),
        "repeats its query in a redirect" => {
            let to = away.url().to_owned();
            home.respond_with(move |request| {
                let query = request.query.as_deref().unwrap_or_default();
                ScriptedResponse::redirect(StatusCode::FOUND, &format!("{to}/v1?{query}")).unwrap()
            });
        }
        "hangs up" => home.inject(Fault::hang_up()),
        "refuses the key" => auth.inject(Fault::status(StatusCode::UNAUTHORIZED)),
        "has a broken token request" => auth.inject(Fault::hang_up()),
        other => panic!("no act is called {other}"),
    }
}
