//! Receives the authorization response at a loopback address (RFC 8252, 7.3).

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use multi_auth::SecretString;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::diagnostic::{Diagnostic, DiagnosticCode};

/// A listener on loopback, and its address as the server redirects to it.
pub(super) struct Callback {
    listener: TcpListener,
    pub(super) redirect_uri: String,
}

/// What the response to this login has.
pub(super) struct Expected {
    pub(super) state: String,
    /// The issuer (RFC 9207), if the server names it in its responses.
    pub(super) issuer: Option<String>,
}

type Answer = Result<SecretString, Diagnostic>;

/// Shared by the requests to the listener. The first response to this login takes the sender.
struct Waiting {
    expected: Expected,
    sender: Mutex<Option<oneshot::Sender<Answer>>>,
}

impl Callback {
    /// Listens on `port`, or on any free one if it is 0.
    pub(super) async fn bind(port: u16) -> Result<Self, Diagnostic> {
        let failed = |error: std::io::Error| {
            let problem = format!("could not listen on 127.0.0.1:{port}: {error}");
            Diagnostic::new(DiagnosticCode::System, problem)
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            listener,
            redirect_uri: format!("http://{address}/callback"),
        })
    }

    /// Waits for the authorization code.
    pub(super) async fn code(self, expected: Expected, wait: Duration) -> Answer {
        let (sender, answer) = oneshot::channel();
        let waiting = Arc::new(Waiting {
            expected,
            sender: Mutex::new(Some(sender)),
        });
        let pages = axum::Router::new()
            .route("/callback", get(receive))
            .with_state(waiting);
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = axum::serve(self.listener, pages).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let serve = tokio::spawn(serve.into_future());
        let answer = timeout(wait, answer).await;
        // The page is sent before the listener closes.
        drop(stop);
        let _ = timeout(Duration::from_secs(1), serve).await;
        match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(Diagnostic::new(
                DiagnosticCode::Timeout,
                format!("the login was not completed within {} s", wait.as_secs()),
            )
            .with_remedy("try again, or wait longer with --wait SECONDS")),
        }
    }
}

async fn receive(
    State(waiting): State<Arc<Waiting>>,
    Query(response): Query<HashMap<String, String>>,
) -> (StatusCode, Html<&'static str>) {
    let Some(answer) = waiting.expected.answer(response) else {
        let page = Html("This is not the response to the login in progress.");
        return (StatusCode::BAD_REQUEST, page);
    };
    let page = match &answer {
        Ok(_) => "You are logged in. You can close this window.",
        Err(_) => "The login failed. The terminal says why.",
    };
    let mut sender = waiting
        .sender
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(sender) = sender.take() {
        // The program may have stopped waiting.
        let _ = sender.send(answer);
    }
    (StatusCode::OK, Html(page))
}

impl Expected {
    /// The code or error of `response`. None: the response belongs to another login (RFC 6749,
    /// 10.12), and the wait goes on.
    fn answer(&self, mut response: HashMap<String, String>) -> Option<Answer> {
        if response.get("state") != Some(&self.state) {
            return None;
        }
        if self.issuer.is_some() && response.get("iss") != self.issuer.as_ref() {
            return Some(Err(Diagnostic::advised(
                DiagnosticCode::UnexpectedResponse,
                "the response is from another authorization server",
                "log in again; if this repeats, another program or server interferes with the login",
            )));
        }
        if let Some(error) = response.get("error") {
            return Some(Err(refused(error)));
        }
        let code = response.remove("code").filter(|code| !code.is_empty());
        Some(code.map(SecretString::from).ok_or_else(|| {
            let problem = "the response has no authorization code";
            Diagnostic::new(DiagnosticCode::UnexpectedResponse, problem)
        }))
    }
}

/// The error of an authorization response (RFC 6749, 4.1.2.1).
fn refused(code: &str) -> Diagnostic {
    if code == "access_denied" {
        return Diagnostic::advised(
            DiagnosticCode::MissingPermission,
            "the login was denied (`access_denied`)",
            "log in again and confirm, or ask the vendor for the permission",
        );
    }
    let is_code = code.len() <= 40 && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let shown = if is_code { code } else { "an unknown error" };
    Diagnostic::advised(
        DiagnosticCode::UnexpectedResponse,
        format!("the server refused the login (`{shown}`)"),
        "compare `client_id`, `scope` and the client's redirect URIs with the vendor's console",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(
        issuer: Option<&str>,
        response: &[(&str, &str)],
    ) -> Option<Result<(), DiagnosticCode>> {
        let expected = Expected {
            state: "s-1".to_owned(),
            issuer: issuer.map(str::to_owned),
        };
        let response = response
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let answer = expected.answer(response.collect())?;
        Some(answer.map(drop).map_err(|diagnostic| diagnostic.code()))
    }

    #[test]
    fn only_a_response_with_the_state_and_issuer_of_this_login_is_accepted() {
        let unexpected = DiagnosticCode::UnexpectedResponse;
        let server = Some("https://login.example");
        for (issuer, response, expected) in [
            (None, &[("state", "s-1"), ("code", "c")][..], Some(Ok(()))),
            (None, &[("state", "s-2"), ("code", "c")], None),
            (None, &[("code", "c")], None),
            (
                None,
                &[("state", "s-1"), ("code", "")],
                Some(Err(unexpected)),
            ),
            (
                None,
                &[("state", "s-1"), ("error", "\u{1b}[31m")],
                Some(Err(unexpected)),
            ),
            (
                server,
                &[("state", "s-1"), ("code", "c")],
                Some(Err(unexpected)),
            ),
            (
                server,
                &[
                    ("state", "s-1"),
                    ("code", "c"),
                    ("iss", "https://evil.example"),
                ],
                Some(Err(unexpected)),
            ),
            (
                server,
                &[
                    ("state", "s-1"),
                    ("code", "c"),
                    ("iss", "https://login.example"),
                ],
                Some(Ok(())),
            ),
            (
                None,
                &[("state", "s-1"), ("error", "access_denied")],
                Some(Err(DiagnosticCode::MissingPermission)),
            ),
        ] {
            assert_eq!(
                answer(issuer, response),
                expected,
                "{issuer:?} {response:?}"
            );
        }
    }

    #[test]
    fn a_control_character_of_an_error_is_not_shown() {
        assert!(!refused("\u{1b}[31m").problem().contains('\u{1b}'));
    }
}
