//! One line of the report: what was sent, and what came back.

use std::fmt;

use http::StatusCode;

use crate::Failure;
use crate::client::Adapter;
use crate::credentials::Credential;
use crate::stage::Stage;

pub(crate) struct Line {
    adapter: Adapter,
    credential: Credential,
    url: String,
    status: StatusCode,
    /// The header as the simulator received it, without the secret.
    received: Option<String>,
}

impl Line {
    pub(crate) fn new(
        adapter: Adapter,
        credential: Credential,
        url: String,
        status: StatusCode,
        stage: &Stage,
    ) -> Self {
        let received = received(credential, stage);
        Self {
            adapter,
            credential,
            url,
            status,
            received,
        }
    }

    /// Fails if the vendor did not accept the credential, or another header arrived.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if !self.status.is_success() {
            return Err(format!("{} gave {}", self.credential.name(), self.status).into());
        }
        match self.received.as_deref() {
            Some(header) if header != self.credential.redacted() => {
                let (name, expected) = (self.credential.name(), self.credential.redacted());
                Err(format!("{name} sent {header:?} in place of {expected:?}").into())
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            adapter,
            credential,
            url,
            status,
            ..
        } = self;
        let header = self
            .received
            .as_deref()
            .unwrap_or_else(|| credential.redacted());
        let (name, status) = (credential.name(), status.as_u16());
        write!(
            f,
            "  {adapter:8} {name:29} GET {url}  {status}  authorization: {header}"
        )
    }
}

/// The one `Authorization` field of the request that came last, redacted.
fn received(credential: Credential, stage: &Stage) -> Option<String> {
    let simulators = stage.simulators()?;
    let requests = match credential {
        Credential::AlphamoonBasic | Credential::AlphamoonHeader => simulators.alphamoon.requests(),
        Credential::ImmutaKey | Credential::ImmutaToken => simulators.immuta.requests(),
    };
    match requests.last()?.header_values("authorization")[..] {
        [value] => Some(redact(value)),
        ref values => Some(format!("{} fields", values.len())),
    }
}

/// Keeps the scheme word and hides the rest.
fn redact(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme, _)) => format!("{scheme} ****"),
        None => "****".to_owned(),
    }
}
