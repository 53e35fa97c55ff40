//! `multi-auth check`: checks whether credentials work, and says what to do if not.

mod aws;
mod report;
mod response;
mod store;
mod table;
mod verifier;

use multi_auth::{Clock, SystemClock};
use multi_auth_config::{Config, Vendor};
use tokio::task::JoinSet;

use self::report::Report;
use self::store::StoreReport;
use self::verifier::Verifier;
use crate::args::{CheckArgs, General};
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::exit::Exit;
use crate::output::Progress;
use crate::{Outcome, client, output};

pub(crate) async fn run(general: &General, command: &CheckArgs) -> Outcome {
    // A token of the store would say nothing about the key.
    let config = client::config(general)?.without_shared_tokens();
    let vendors = chosen(&config, &command.vendors)?;
    let verifier = Verifier::new(general, command)?;
    let reports = verify_all(&verifier, vendors).await?;
    let store = store::verify(general, command, &config).await?;
    if general.json {
        output::json(&serde_json::json!({ "vendors": reports, "store": store }));
    } else {
        table::print(&reports);
        store.iter().for_each(StoreReport::print);
    }
    let exits = reports.iter().map(Report::exit);
    let exits = exits.chain(store.iter().map(StoreReport::exit));
    Ok(exits.max().unwrap_or(Exit::Fine))
}

fn chosen(config: &Config, names: &[String]) -> Result<Vec<Vendor>, Diagnostic> {
    let all = config.vendors();
    if names.is_empty() {
        return Ok(all.to_vec());
    }
    let find = |name: &String| {
        let vendor = all.iter().find(|vendor| vendor.name() == name);
        vendor.cloned().ok_or_else(|| unknown(all))
    };
    names.iter().map(find).collect()
}

fn unknown(all: &[Vendor]) -> Diagnostic {
    let names: Vec<_> = all.iter().map(Vendor::name).collect();
    let known = names.join(", ");
    Diagnostic::advised(
        DiagnosticCode::Usage,
        "the configuration has no such vendor",
        format!("choose one of {known}"),
    )
}

/// Checks all vendors concurrently. The reports are in the order of `vendors`.
async fn verify_all(verifier: &Verifier, vendors: Vec<Vendor>) -> Result<Vec<Report>, Diagnostic> {
    let mut progress = Progress::new(vendors.len());
    let mut calls = JoinSet::new();
    for (at, vendor) in vendors.into_iter().enumerate() {
        let verifier = verifier.clone();
        calls.spawn(async move { (at, verifier.verify(&vendor, SystemClock.wall()).await) });
    }
    let mut reports = Vec::new();
    while let Some(call) = calls.join_next().await {
        let panicked = |_| {
            Diagnostic::advised(
                DiagnosticCode::UnexpectedResponse,
                "a look came to no end",
                "report it",
            )
        };
        reports.push(call.map_err(panicked)?);
        progress.step();
    }
    reports.sort_by_key(|(at, _)| *at);
    Ok(reports.into_iter().map(|(_, report)| report).collect())
}
