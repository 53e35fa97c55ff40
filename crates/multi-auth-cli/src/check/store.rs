//! Checks the store of tokens that the file describes.

use multi_auth_config::Config;
use multi_auth_store::{StoreError, StoreProblem};
use serde::Serialize;

use crate::args::{CheckArgs, General};
use crate::client::Timed;
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::exit::Exit;
use crate::output;

/// Whether the store can be used.
#[derive(Debug, Serialize)]
pub(super) struct StoreReport {
    error: Option<Diagnostic>,
}

/// Checks the store, unless no request may be sent. `None`: the file has no store.
pub(super) async fn verify(
    general: &General,
    command: &CheckArgs,
    config: &Config,
) -> Result<Option<StoreReport>, Diagnostic> {
    if command.offline {
        return Ok(None);
    }
    let checked = config.check_store(Timed::new(general)?).await;
    Ok(checked.map(|checked| StoreReport {
        error: checked.err().map(|error| diagnostic(&error)),
    }))
}

fn diagnostic(error: &StoreError) -> Diagnostic {
    let cause = std::error::Error::source(error);
    let problem = match cause {
        Some(cause) => format!("{}: {cause}", error.fact()),
        None => error.fact(),
    };
    let diagnostic = Diagnostic::new(DiagnosticCode::StoreUnavailable, problem);
    match error.problem() {
        StoreProblem::Unavailable(_) => diagnostic,
        _ => diagnostic.with_remedy(error.remedy()),
    }
}

impl StoreReport {
    pub(super) fn print(&self) {
        match &self.error {
            Some(diagnostic) => output::line(&output::explained(diagnostic, Some("store"))),
            None => output::line("The store of tokens can be used."),
        }
    }

    pub(super) fn exit(&self) -> Exit {
        let error = self.error.as_ref();
        error.map_or(Exit::Fine, |diagnostic| diagnostic.code().exit())
    }
}
