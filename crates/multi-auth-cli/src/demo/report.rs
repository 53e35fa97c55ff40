//! One line of the report: a request and its response.

use std::fmt;

use multi_auth_testing::RecordedRequest;
use serde_json::{Value, json};

use super::Failure;
use super::client::{Adapter, Client, DemoResponse};
use super::credentials::DemoCredential;
use super::stage::{Simulators, Stage};

pub(crate) struct Line {
    adapter: Adapter,
    credential: DemoCredential,
    url: String,
    response: DemoResponse,
    /// What only a simulator knows.
    seen: Option<Seen>,
}

/// What a simulator saw of one request.
struct Seen {
    /// The `Authorization` field as it arrived, without the secret.
    header: String,
    token_requests: usize,
}

impl Line {
    /// Sends one request with `credential`.
    pub(crate) async fn send(
        adapter: Adapter,
        client: &Client,
        credential: DemoCredential,
        stage: &Stage,
    ) -> Result<Self, Failure> {
        let url = credential.url(stage);
        let token_requests = || stage.simulators().map_or(0, Simulators::token_requests);
        let before = token_requests();
        let response = client.get(&url, &credential.account()).await?;
        let seen = stage.simulators().map(|simulators| Seen {
            header: simulators.last_header(credential),
            token_requests: token_requests() - before,
        });
        Ok(Self {
            adapter,
            credential,
            url,
            response,
            seen,
        })
    }

    pub(crate) fn json(&self) -> Value {
        let seen = self.seen.as_ref();
        json!({
            "credential": self.credential.name(),
            "adapter": self.adapter.to_string(),
            "url": self.url,
            "status": self.response.status.as_u16(),
            "authorization": seen.map(|seen| &seen.header),
            "token_requests": seen.map(|seen| seen.token_requests),
            "replays": self.response.replays,
        })
    }

    /// Fails if the vendor refused the credential, or if the request differs from the expected one.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.response.check()?;
        if self.response.replays > 0 {
            return Err("a request was sent twice although no token had expired".into());
        }
        let Some(seen) = &self.seen else {
            return Ok(());
        };
        let expected = self.credential.redacted();
        if seen.header != expected {
            return Err(format!("{} was received instead of {expected}", seen.header).into());
        }
        if seen.token_requests != self.credential.token_requests() {
            return Err(format!("{} token requests for one request", seen.token_requests).into());
        }
        Ok(())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (adapter, url) = (self.adapter, &self.url);
        let (status, replays) = (self.response.status.as_u16(), self.response.replays);
        write!(f, "  {adapter:8} GET {url}  {status}")?;
        if let Some(Seen {
            header,
            token_requests,
        }) = &self.seen
        {
            write!(
                f,
                "  authorization: {header}  token requests {token_requests}"
            )?;
        }
        write!(f, "  replays {replays}")
    }
}

impl Simulators {
    fn token_requests(&self) -> usize {
        self.immuta.tokens_issued()
    }

    fn last_header(&self, credential: DemoCredential) -> String {
        let requests = match credential {
            DemoCredential::AlphamoonBasic | DemoCredential::AlphamoonHeader => {
                self.alphamoon.requests()
            }
            DemoCredential::ImmutaKey | DemoCredential::ImmutaToken => self.immuta.requests(),
        };
        requests
            .last()
            .map_or_else(|| "no request".to_owned(), redacted)
    }
}

/// The `Authorization` field of a request. A known scheme is shown, the rest is hidden.
pub(crate) fn redacted(request: &RecordedRequest) -> String {
    match request.header_values("authorization")[..] {
        [value] => match value.split_once(' ') {
            Some((scheme @ ("Basic" | "Bearer"), _)) => format!("{scheme} ****"),
            Some(_) | None => "****".to_owned(),
        },
        ref values => format!("{} fields", values.len()),
    }
}
