//! A server that gives scripted responses.

use http::Response;
use multi_auth::{AuthError, Keyring, adapter};

use super::*;

/// A response of the server.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    status: u16,
    fields: Vec<(&'static str, String)>,
}

impl Reply {
    pub(super) fn nonce(mut self, nonce: &str) -> Self {
        self.fields.push(("dpop-nonce", nonce.to_owned()));
        self
    }

    pub(super) fn challenge(mut self, challenge: &str) -> Self {
        self.fields.push(("www-authenticate", challenge.to_owned()));
        self
    }

    pub(super) fn response<B>(&self, body: B) -> Response<B> {
        let mut response = Response::builder().status(self.status);
        for (name, value) in &self.fields {
            response = response.header(*name, value);
        }
        response.body(body).unwrap()
    }
}

pub(super) fn status(status: u16) -> Reply {
    Reply {
        status,
        fields: Vec::new(),
    }
}

/// A refusal with this error.
pub(super) fn refusal(error: &str) -> Reply {
    status(401).challenge(&format!("DPoP error=\"{error}\", algs=\"ES256\""))
}

/// A demand for the nonce.
pub(super) fn demand(nonce: &str) -> Reply {
    refusal("use_dpop_nonce").nonce(nonce)
}

/// What the server received, and what the caller got.
#[derive(Debug)]
pub(super) struct Exchange {
    received: Vec<HeaderMap>,
    pub(super) result: Result<Response<()>, AuthError>,
}

impl Exchange {
    /// Token and nonce of each attempt, such as `t-1 n-1`.
    pub(super) fn sent(&self) -> Vec<String> {
        let received = self.received.iter();
        let token = |headers: &HeaderMap| {
            let value = headers["authorization"].to_str().unwrap();
            value.strip_prefix("DPoP ").unwrap().to_owned()
        };
        received
            .map(|headers| format!("{} {}", token(headers), nonce(headers)))
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

/// Sends one request. There must be as many `replies` as attempts.
pub(super) async fn exchange(
    authenticator: impl Authenticator + 'static,
    replies: impl IntoIterator<Item = Reply, IntoIter: Send>,
) -> Exchange {
    let origin = "https://a.example";
    let keyring = Keyring::builder().bind(origin, authenticator);
    let keyring = keyring.unwrap().build();
    let request = Request::get("https://a.example/").body("").unwrap();
    let mut received = Vec::new();
    let mut replies = replies.into_iter();
    let sending = adapter::send_http(&keyring, request, |request| {
        received.push(request.headers().clone());
        let reply = replies.next().expect("no more than the scripted attempts");
        std::future::ready(Ok::<_, AuthError>(reply.response(())))
    });
    let result = sending.await;
    assert_eq!(replies.count(), 0, "fewer attempts than scripted");
    Exchange { received, result }
}
