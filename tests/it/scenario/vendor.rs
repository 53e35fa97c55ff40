//! A vendor in memory: its token endpoint follows a script, its API accepts the tokens it issued.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use multi_auth::{AuthError, Token, TokenRequestProblem, TokenSource};

/// What one token request gives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gives {
    /// A new token that lives until it is refused.
    Token,
    /// A new token that lives so many seconds.
    Lives(u64),
    /// The token issued last, once more.
    SameToken,
    /// An error that may pass.
    Failure,
    /// 429 with so many seconds of `Retry-After`.
    Busy(u64),
    /// The key is refused.
    KeyRefused,
    Panic,
}

#[derive(Debug, Default)]
pub(crate) struct Vendor {
    /// What the next token requests give, and after how many milliseconds.
    script: Mutex<VecDeque<(u64, Gives)>>,
    begun: AtomicUsize,
    issued: AtomicUsize,
    /// Tokens up to this one are refused.
    refused: AtomicUsize,
}

impl Vendor {
    pub(crate) fn new(script: Vec<(u64, Gives)>) -> Arc<Self> {
        Arc::new(Self {
            script: Mutex::new(script.into()),
            ..Self::default()
        })
    }

    /// How many token requests have begun.
    pub(crate) fn token_requests(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    /// Refuses all tokens issued until now.
    pub(crate) fn revoke(&self) {
        self.refused
            .store(self.issued.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// Refuses all tokens from now on.
    pub(crate) fn refuse_all(&self) {
        self.refused.store(usize::MAX, Ordering::SeqCst);
    }

    /// The API's answer to a request that came with `authorization`.
    pub(crate) fn answer(&self, authorization: Option<&str>) -> StatusCode {
        match authorization.and_then(token_number) {
            Some(number) if number > self.refused.load(Ordering::SeqCst) => StatusCode::OK,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    fn issue(&self) -> Token {
        Token::new(format!(
            "t-{}",
            self.issued.fetch_add(1, Ordering::SeqCst) + 1
        ))
    }
}

/// The number of the token in `Bearer t-7`.
pub(crate) fn token_number(authorization: &str) -> Option<usize> {
    authorization.strip_prefix("Bearer t-")?.parse().ok()
}

/// The vendor's token endpoint.
pub(crate) struct Endpoint(pub(crate) Arc<Vendor>);

#[async_trait]
impl TokenSource for Endpoint {
    async fn token(&self) -> Result<Token, AuthError> {
        let vendor = &self.0;
        vendor.begun.fetch_add(1, Ordering::SeqCst);
        let next = vendor.script.lock().unwrap().pop_front();
        let (after, gives) = next.expect("the script has another token request");
        tokio::time::sleep(Duration::from_millis(after)).await;
        match gives {
            Gives::Token => Ok(vendor.issue()),
            Gives::Lives(seconds) => Ok(vendor.issue().with_lifetime(Duration::from_secs(seconds))),
            Gives::SameToken => Ok(Token::new(format!(
                "t-{}",
                vendor.issued.load(Ordering::SeqCst)
            ))),
            Gives::Failure => Err(failure(TokenRequestProblem::Empty, None)),
            Gives::Busy(seconds) => {
                let status = TokenRequestProblem::Status(StatusCode::TOO_MANY_REQUESTS);
                Err(failure(status, Some(Duration::from_secs(seconds))))
            }
            Gives::KeyRefused => Err(failure(TokenRequestProblem::Refused, None)),
            Gives::Panic => panic!("the script says so"),
        }
    }
}

fn failure(problem: TokenRequestProblem, retry_after: Option<Duration>) -> AuthError {
    let error = AuthError::token_request("https://a.example/token", problem);
    match retry_after {
        Some(wish) => error.with_retry_after(wish),
        None => error,
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint")
    }
}
