//! A server that gives scripted responses.

use std::sync::Mutex;

use http::Response;
use multi_auth::{Keyring, adapter};

use super::*;

/// A response of the server.
pub(super) enum Reply {
    /// Status 401 with these `WWW-Authenticate` fields.
    Refusal(Vec<String>),
    /// Status 200, perhaps with this next nonce.
    Success(Option<&'static str>),
}

/// What the server received, and what the caller got.
pub(super) struct Exchange {
    pub(super) received: Vec<Option<Sent>>,
    pub(super) result: Result<Response<()>, AuthError>,
}

impl Exchange {
    /// The nonce and `nc` of each request; `None` for one without a credential.
    pub(super) fn nonces(&self) -> Vec<Option<(&str, u32)>> {
        let received = self.received.iter();
        received
            .map(|sent| sent.as_ref().map(Sent::nonce))
            .collect()
    }

    pub(super) fn status(&self) -> u16 {
        self.result.as_ref().unwrap().status().as_u16()
    }

    pub(super) fn outcome(&self) -> Option<adapter::NotReplayed> {
        let outcome = self.result.as_ref().unwrap().extensions();
        outcome.get::<adapter::Outcome>()?.not_replayed()
    }
}

/// A challenge with SHA-256.
pub(super) fn refusal(nonce: &str) -> Reply {
    Reply::Refusal(vec![sha256(nonce)])
}

pub(super) fn stale(nonce: &str) -> Reply {
    Reply::Refusal(vec![format!("{}, stale=TRUE", sha256(nonce))])
}

/// Sends one request. There must be as many `replies` as attempts.
pub(super) fn exchange(digest: &Digest, replies: Vec<Reply>) -> Exchange {
    exchange_with(digest.clone(), replies)
}

/// The same with any authenticator.
pub(super) fn exchange_with(
    authenticator: impl Authenticator + 'static,
    replies: Vec<Reply>,
) -> Exchange {
    let keyring = Keyring::builder().bind("https://a.example", authenticator);
    let keyring = keyring.unwrap().build();
    let request = Request::get("https://a.example/").body("").unwrap();
    let received = Mutex::new(Vec::new());
    let mut replies = replies.into_iter();
    let sending = adapter::send_http(&keyring, request, |request| {
        let sent = request.headers().get("authorization");
        let sent = sent.map(|value| Sent::parse(value.as_bytes()));
        received.lock().unwrap().push(sent);
        let reply = replies.next().expect("no more than the scripted attempts");
        std::future::ready(Ok::<_, AuthError>(response(&reply)))
    });
    let runtime = tokio::runtime::Builder::new_current_thread();
    let result = { runtime }.build().unwrap().block_on(sending);
    assert_eq!(replies.len(), 0, "fewer attempts than scripted");
    Exchange {
        received: received.into_inner().unwrap(),
        result,
    }
}

fn response(reply: &Reply) -> Response<()> {
    let mut response = Response::new(());
    match reply {
        Reply::Refusal(challenges) => {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            let challenges: Vec<_> = challenges.iter().map(String::as_str).collect();
            *response.headers_mut() = fields("www-authenticate", &challenges);
        }
        Reply::Success(None) => {}
        Reply::Success(Some(next)) => {
            let info = format!("nextnonce=\"{next}\"");
            *response.headers_mut() = fields("authentication-info", &[&info]);
        }
    }
    response
}
