//! What the answer to a verification call says of the credential.

use std::time::{Duration, SystemTime};

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use multi_auth::{NotReplayed, Outcome, Rejection, TokenSnapshot, TokenState};

use crate::client;
use crate::rule::{Fault, Rule, of_status};

/// By how much two clocks may differ before that is worth a word.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// The answer to a verification call.
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    not_replayed: Option<NotReplayed>,
    skew: Option<Duration>,
}

impl Answer {
    pub(super) fn new(answer: &reqwest::Response) -> Self {
        let outcome = answer.extensions().get::<Outcome>();
        Self {
            status: answer.status(),
            headers: answer.headers().clone(),
            not_replayed: outcome.and_then(Outcome::not_replayed),
            skew: None,
        }
    }

    /// The same, with how far this machine's clock is from the vendor's at most, by its own `Date` and that of the `exchange`.
    pub(super) fn with_clock(self, exchange: Option<SystemTime>, now: SystemTime) -> Self {
        let off = |vendor: SystemTime| {
            let behind = now.duration_since(vendor);
            behind.unwrap_or_else(|ahead| ahead.duration())
        };
        let dates = [client::date(&self.headers), exchange]
            .into_iter()
            .flatten();
        Self {
            skew: dates.map(off).max(),
            ..self
        }
    }

    /// By how much the clocks differ, if that is worth a word.
    pub(super) fn skew(&self) -> Option<Duration> {
        self.skew.filter(|skew| *skew > SKEW)
    }

    /// Whether the vendor accepted the credential.
    pub(super) fn verdict(&self, url: &str, token: Option<&TokenSnapshot>) -> Result<(), Fault> {
        let fault = |rule| Err(Fault::new(rule, self.told(url, rule)));
        if self.is_web_page() && (self.status.is_success() || self.status == StatusCode::NOT_FOUND)
        {
            return fault(Rule::WrongHost);
        }
        let has_ended = token.is_some_and(|token| token.state == TokenState::Expired);
        match self.status {
            _ if has_ended && self.skew().is_some() => fault(Rule::ClockSkew),
            status if status.is_success() => Ok(()),
            StatusCode::UNAUTHORIZED => fault(self.refusal(token.is_some())),
            status => fault(of_status(status)),
        }
    }

    fn refusal(&self, is_token: bool) -> Rule {
        match self.not_replayed {
            _ if self.skew().is_some() => Rule::ClockSkew,
            Some(NotReplayed::Rejected(Rejection::InsufficientScope)) => Rule::MissingPermission,
            _ if is_token => Rule::WrongRegion,
            _ => Rule::RefusedKey,
        }
    }

    fn is_web_page(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE);
        kind.is_some_and(|kind| {
            kind.as_bytes()
                .to_ascii_lowercase()
                .starts_with(b"text/html")
        })
    }

    /// What happened, in words. Of the answer nothing is repeated but its status.
    fn told(&self, url: &str, rule: Rule) -> String {
        let url = url.split('?').next().unwrap_or_default();
        let told = format!("GET {url} was answered with {}", self.status);
        match (rule, self.skew()) {
            (Rule::ClockSkew, Some(skew)) => {
                format!(
                    "{told}, and this machine's clock is {} s off the vendor's",
                    skew.as_secs()
                )
            }
            (Rule::WrongHost, _) => format!("{told} and a web page"),
            (Rule::WrongRegion, _) => format!("{told}, with a token that was fresh"),
            (Rule::RateLimited, _) if self.headers.contains_key(RETRY_AFTER) => {
                format!("{told}, and says when to come back")
            }
            _ => told,
        }
    }
}
