//! Each source, good and bad, over a scripted transport.

mod container;
mod environment;
mod expiry;
mod instance_metadata;
mod profile;
mod secrets;
mod signer;
mod web_identity;

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use http::{Request, Response};
use multi_auth::{AuthError, Token, TokenSource, Transport, TransportError};
use secrecy::ExposeSecret;

use super::AwsCredentialsProblem as Problem;
use crate::SignError;

type Reply = Result<Response<Vec<u8>>, TransportError>;

/// A transport with scripted responses, which keeps the requests.
#[derive(Clone, Debug, Default)]
struct Script {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Script {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            replies: Arc::new(Mutex::new(replies.into_iter().collect())),
            sent: Arc::default(),
        }
    }

    /// Each request as text: its line, its fields without those of every request, and its body.
    fn sent(&self) -> Vec<String> {
        assert_eq!(self.replies.lock().unwrap().len(), 0, "fewer requests");
        self.sent.lock().unwrap().clone()
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request<Vec<u8>>) -> Reply {
        let mut text = format!("{} {}", request.method(), request.uri());
        assert!(request.headers().contains_key("user-agent"));
        for (name, value) in request.headers() {
            if name != "user-agent" {
                write!(text, "\n{name}: {}", value.to_str().unwrap()).unwrap();
            }
        }
        if !request.body().is_empty() {
            text.extend(["\n\n", str::from_utf8(request.body()).unwrap()]);
        }
        self.sent.lock().unwrap().push(text);
        let reply = self.replies.lock().unwrap().pop_front();
        reply.expect("no more than the scripted requests")
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a transport may fail")]
fn reply(status: u16, body: &str) -> Reply {
    let response = Response::builder().status(status);
    Ok(response.body(body.as_bytes().to_vec()).unwrap())
}

fn token(source: &dyn TokenSource) -> Result<Token, AuthError> {
    let runtime = tokio::runtime::Builder::new_current_thread();
    { runtime }.build().unwrap().block_on(source.token())
}

/// The access key ID, the secret and the session token.
fn parts(token: &Token) -> [&str; 3] {
    let part = |name| token.part(name).map_or("", |part| part.expose_secret());
    let secret = token.value().expose_secret();
    [part("access_key_id"), secret, part("session_token")]
}

/// The problem of an error, and whether it is transient.
fn problem(error: &AuthError) -> (&Problem, bool) {
    let AuthError::Other {
        error, transient, ..
    } = error
    else {
        panic!("{error:?}");
    };
    match error.downcast_ref() {
        Some(SignError::AwsCredentials { problem }) => (problem, *transient),
        other => panic!("{other:?}"),
    }
}

/// A look-up of these variables.
fn variables<'v>(all: &'v [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'v {
    |name| {
        let mut all = all.iter();
        let (_, value) = all.find(|(own, _)| *own == name)?;
        Some((*value).to_owned())
    }
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}
